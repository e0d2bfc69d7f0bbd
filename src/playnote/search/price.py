"""What a planned round costs and what it can show, before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playnote.records.project import Project
from playnote.records.round import Round
from playnote.search.detect import Floats, SeedNoise, SmallestEffect, coverage, smallest_effect
from playnote.search.doubts import plan_warnings
from playnote.search.limits import StabilityLimit
from playnote.space.hyperparameter import Value
from playnote.space.showing import shown
from playnote.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A round before it is run.

    round      with every point
    trials     trials in all; `per_value` of them for each scientific value
    hours      wall time, None where no trial has been timed
    coverage   probability that a value's trials hit the best `coverage_share` of its space
    smallest   smallest effect the round can see, None with the missing fact in `unknown`
    warnings   what is doubtful about the plan
    unknown    what it cannot say, and what would
    caveats    what is fixed: the answer holds only there
    limits     where earlier rounds showed that training diverges
    """

    round: Round
    trials: int
    per_value: int
    hours: float | None
    workers: int
    coverage: float
    coverage_share: float
    smallest: SmallestEffect | None
    min_effect: float | None
    warnings: tuple[Text, ...] = ()
    unknown: tuple[Text, ...] = ()
    caveats: Mapping[str, Value]
    limits: tuple[StabilityLimit, ...] = ()

    def lines(self) -> tuple[Text, ...]:
        """The plan in sentences, most important first."""
        limits = (each.line(self.round.space) for each in self.limits)
        return (*_cost_lines(self), *_effect_lines(self), *limits, *self.warnings, *self.unknown, *_caveat_lines(self))

    def __str__(self) -> str:
        return "\n".join(line.en for line in self.lines())


def price(
    planned: Round,
    project: Project,
    *,
    seconds_per_trial: float | None = None,
    workers: int = 1,
    noise: SeedNoise | None = None,
    earlier: Floats | None = None,
) -> Plan:
    """Cost, coverage and power of a planned round.

    seconds_per_trial  wall time of one trial, from trials that ran
    noise              seed noise from repeats; None: the smallest effect is unknown, and the plan says so
    earlier            array, shape (m,)  scores of an earlier study of the same nuisance space, lower is better
    """
    settings, trials = project.settings, planned.total
    per_value = max((len(study.planned) for study in planned.studies), default=0) or planned.promised
    share = settings["coverage_share"]
    return Plan(
        round=planned,
        trials=trials,
        per_value=per_value,
        hours=None if seconds_per_trial is None else trials * seconds_per_trial / 3600 / workers,
        workers=workers,
        coverage=coverage(per_value, share),
        coverage_share=share,
        smallest=_smallest(planned, project, noise, earlier, per_value),
        min_effect=project.objective.min_effect,
        warnings=tuple(plan_warnings(planned, project, per_value)),
        unknown=tuple(_unknown(planned, project, seconds_per_trial, noise)),
        caveats=dict(planned.fixed),
    )


def _smallest(
    planned: Round, project: Project, noise: SeedNoise | None, earlier: Floats | None, per_value: int
) -> SmallestEffect | None:
    if noise is None or len(planned.studies) < 2:
        return None
    return smallest_effect(
        noise,
        len(planned.studies),
        alpha=project.settings["plan_alpha"],
        power=project.settings["plan_power"],
        earlier=earlier,
        per_value=per_value,
    )


def _unknown(planned: Round, project: Project, seconds: float | None, noise: SeedNoise | None) -> Iterator[Text]:
    if noise is None and len(planned.studies) > 1:
        yield Text(
            en="The smallest effect this plan can see is unknown: no configuration was repeated with other seeds. "
            "3 seeds of the baseline would tell (playnote baseline).",
            zh="这个计划能看出多小的差别还不知道：没有哪个配置换种子重复跑过。"
            "基线跑 3 个种子就知道了（playnote baseline）。",
        )
    if seconds is None:
        yield Text(en="Hours are unknown: no trial has been timed yet.", zh="要多少小时还不知道：还没有试验计过时。")
    if project.objective.min_effect is None:
        yield Text(
            en="min_effect is not declared: whether this is enough cannot be said.",
            zh="没有声明 min_effect：够不够用没法判断。",
        )


def _cost_lines(plan: Plan) -> Iterator[Text]:
    hours = (
        Text(en="", zh="")
        if plan.hours is None
        else Text(en=", about {hours} h on {workers} worker(s)", zh="，{workers} 个 worker 约 {hours} 小时").fill(
            hours=f"{plan.hours:.2g}", workers=plan.workers
        )
    )
    paired = Text(
        en=": {studies} x {per_value}, the same points for each value",
        zh="：{studies} x {per_value}，每个取值用同一组点",
    ).fill(studies=len(plan.round.studies), per_value=plan.per_value)
    yield Text(en="{trials} trials{paired}{hours}.", zh="{trials} 个试验{paired}{hours}。").fill(
        trials=plan.trials, paired=paired if len(plan.round.studies) > 1 else Text(en="", zh=""), hours=hours
    )
    yield Text(
        en="Chance that a value's trials reach the best {share} of its space: {chance}.",
        zh="每个取值的试验落进最好的 {share} 空间的概率：{chance}。",
    ).fill(share=f"{plan.coverage_share:.0%}", chance=f"{plan.coverage:.0%}")


def _effect_lines(plan: Plan) -> Iterator[Text]:
    small = plan.smallest
    if small is None:
        return
    low, high = small.interval
    yield Text(
        en="Smallest effect it sees with {power} power: {effect} [{low}, {high}] "
        "({level}, seed noise from {n} degrees of freedom).",
        zh="有 {power} 把握看出的最小差别：{effect} [{low}, {high}]（{level}，种子波动的自由度 {n}）。",
    ).fill(
        power=f"{small.power:.0%}",
        effect=f"{small.effect:.2g}",
        low=f"{low:.2g}",
        high=f"{high:.2g}",
        level=f"{small.level:.0%}",
        n=f"{small.n:g}",
    )
    if plan.min_effect is not None and small.effect > plan.min_effect:
        yield Text(
            en="That is more than min_effect = {least}: this round can point to a winner, fresh seeds must prove it.",
            zh="这比 min_effect = {least} 大：这一轮只能指出谁更好，还要换新种子复核。",
        ).fill(least=shown(plan.min_effect))


def _caveat_lines(plan: Plan) -> Iterator[Text]:
    if plan.caveats:
        yield Text(en="Holds only for: {values}.", zh="结论只在这些条件下成立：{values}。").fill(
            values=", ".join(f"{name} = {shown(value)}" for name, value in plan.caveats.items())
        )
