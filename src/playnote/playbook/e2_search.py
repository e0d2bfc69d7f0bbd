"""Appendix E.2 and body E.5, the search: which points, over which ranges, how many."""

from __future__ import annotations

from playnote.playbook.examples import DECAY, LR, planned_round, project, round_trials
from playnote.playbook.facts import RoundTrials
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Budget, Project
from playnote.records.round import Round
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space
from playnote.text import Text


@rule(
    "E2-explore-quasirandom",
    Level.DECIDE,
    Scope.ROUND,
    sections=("body:E.5", "app:E.2"),
    phase="study-design",
    text=Text(en="While exploring, points are quasi-random (or plain random).", zh="探索阶段优先准随机搜索。"),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("warn", lambda: (planned_round(sampler="bayes"),)),
    ),
)
def explore_quasirandom(round: Round) -> Judgement:
    """Warn where the points looked at results: density and isolation cannot be read from them."""
    said = Text(en="Sampler: {name}.", zh="采样方式：{name}。").fill(name=round.sampler)
    if round.sampler in ("quasi-random", "grid"):
        return passes(said)
    return warns(said)


@rule(
    "E2-grid-high-dim",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="study-design",
    text=Text(
        en="A grid is for one or two dimensions; beyond, quasi-random covers far better.",
        zh="网格最多两维；再高准随机有效得多。",
    ),
    examples=(
        silent(lambda: (planned_round(), project())),
        fires("warn", lambda: (_grid_of_three(), project())),
    ),
)
def grid_dimensions(round: Round, project: Project) -> Judgement:
    """Warn on a grid over more dimensions than the setting allows."""
    if round.sampler == "grid" and len(round.space) > project.settings["grid_dimensions"]:
        return warns(Text(en="A grid over {d} dimensions.", zh="{d} 维网格。").fill(d=len(round.space)))
    return passes(Text(en="{d} searched dimensions.", zh="搜索 {d} 维。").fill(d=len(round.space)))


@rule(
    "E2-reproducible-search",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="tracking",
    text=Text(en="The points are on record, so the search can be repeated exactly.", zh="采样点都有记录，搜索可复现。"),
    examples=(
        silent(lambda: (planned_round(), round_trials(12, "ok"))),
        fires("fail", lambda: (planned_round(), round_trials(12, *["ok"] * 13))),
    ),
)
def reproducible_search(round: Round, trials: RoundTrials) -> Judgement:
    """Fail where more search trials are on record than were planned: their points were not."""
    planned = {each.id for each in round.planned}
    searched = [trial for trial in trials.trials if trial.purpose == "search"]
    stray = [trial.id for trial in searched if trial.id not in planned and round.sampler != "imported"]
    if len(searched) > len(planned) and stray:
        return fails(
            Text(en="{n} trials ran without a stored point.", zh="有 {n} 个试验没有存下采样点。").fill(n=len(stray))
        )
    return passes(Text(en="All {n} points are stored.", zh="{n} 个采样点都存了。").fill(n=len(planned)))


@rule(
    "E2-bounds",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(en="Every searched hyperparameter has bounds or a list of values.", zh="目标和冗余超参都有上下界。"),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(space=Space((Float(name="lr", low=0.1, high=0.1),))),)),
    ),
)
def bounds(round: Round) -> Judgement:
    """Fail on an empty range: nothing is searched there."""
    empty = [each.name for each in round.space if not isinstance(each, Categorical) and not each.low < each.high]
    if empty:
        return fails(Text(en="{names} has no range.", zh="{names} 没有范围。").fill(names=", ".join(empty)))
    return passes(Text(en="All {d} have a range.", zh="{d} 个都有范围。").fill(d=len(round.space)))


@rule(
    "E2-log-scale",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="Learning rate and regularization strength are searched on a log scale.", zh="学习率和正则强度用对数刻度。"
    ),
    examples=(
        silent(lambda: (planned_round(), project())),
        fires("warn", lambda: (planned_round(space=Space((_linear_lr(),))), project())),
    ),
)
def log_scale(round: Round, project: Project) -> Judgement:
    """Warn on a linear scale over a wide positive range."""
    wide = [
        each.name
        for each in round.space
        if isinstance(each, Float)
        and each.scale == "linear"
        and each.low > 0
        and each.high / each.low > project.settings["rule_log_ratio"]
    ]
    if wide:
        return warns(
            Text(en="{names}: linear over more than a factor of ten.", zh="{names}：跨度超过 10 倍却用线性刻度。").fill(
                names=", ".join(wide)
            )
        )
    return passes(Text(en="Wide ranges are on a log scale.", zh="跨度大的都用了对数刻度。"))


@rule(
    "E2-trials-max",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(en="The number of trials is decided: as many as the compute allows.", zh="试验数定下来，算力内尽量大。"),
    examples=(
        silent(lambda: (planned_round(), project(budget=Budget(trials=20)))),
        fires("warn", lambda: (planned_round(), project(budget=Budget(trials=500)))),
        fires("unknown", lambda: (planned_round(), project(budget=Budget()))),
    ),
)
def trials_max(round: Round, project: Project) -> Judgement:
    """Planned trials against the declared budget."""
    if project.budget.trials is None:
        return cannot_tell(
            Text(en="No budget of trials is declared.", zh="没声明试验预算。"),
            missing=(Text(en="`trials` in [budget]", zh="[budget] 里的 `trials`"),),
        )
    share = len(round.planned) / project.budget.trials
    said = Text(en="{n} planned of a budget of {all}.", zh="计划 {n} 个，预算 {all} 个。").fill(
        n=len(round.planned), all=project.budget.trials
    )
    return warns(said) if share < project.settings["rule_budget_used"] else passes(said)


@rule(
    "E2-multi-nuisance",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="Every scientific value is tried with several nuisance settings.", zh="每个目标值下有多个不同的冗余配置。"
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (_eight(), project())),
        fires("warn", lambda: (planned_round(), project())),
        silent(lambda: (planned_round(scientific={}), project()), "not-applicable"),
    ),
)
def multi_nuisance(round: Round, project: Project) -> Judgement:
    """Warn under the setting's number; a single one fails."""
    if not round.studies:
        return does_not_apply(Text(en="No studies.", zh="没有研究。"))
    fewest = min(len(study.planned) for study in round.studies)
    said = Text(en="At least {n} nuisance settings a value.", zh="每个目标值至少 {n} 组冗余配置。").fill(n=fewest)
    if fewest < 2:
        return fails(said)
    return warns(said) if fewest < project.settings["rule_settings_per_value"] else passes(said)


def _grid_of_three() -> Round:
    return planned_round(sampler="grid", space=Space((LR, DECAY, Float(name="momentum", low=0.0, high=0.9))))


def _linear_lr() -> Float:
    return Float(name="lr", low=1e-4, high=1.0, group="optimizer")


def _eight() -> Round:
    from dataclasses import replace

    made = planned_round()
    return replace(made, studies=tuple(replace(study, planned=study.planned * 2) for study in made.studies))


RULES: tuple[Rule, ...] = (
    explore_quasirandom,
    grid_dimensions,
    reproducible_search,
    bounds,
    log_scale,
    trials_max,
    multi_nuisance,
)
