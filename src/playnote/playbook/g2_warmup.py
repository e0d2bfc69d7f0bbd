"""Appendix G.2 and body 9.2, warmup: for instability that begins early; the shortest that holds."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.playbook.examples import project
from playnote.playbook.examples_seen import measured, schedule, shaky, steady
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.stability import Schedule, Stability
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_RATE = Text(en='the learning rate, logged as "lr"', zh='记录学习率 "lr"')
_NO_WARMUP = Text(en="There is no warmup.", zh="没有预热。")
_NOT_NEEDED = Text(en="No warmup is needed: nothing shakes.", zh="不需要预热：训练是稳的。")
_LADDER: Mapping[str, object] = {
    "lengths": [10, 100],
    "shortest": 30,
    "peak": 1.0,
    "unstable_lr": 0.1,
    "seeds": 2,
    "total_steps": 1000,
}


@rule(
    "G2-warmup-when",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.2",),
    phase="stability",
    text=Text(en="Warmup is for instability early in training.", zh="预热适用于早期训练不稳定。"),
    examples=(
        silent(lambda: (steady(), schedule()), "not-applicable"),
        silent(lambda: (shaky(), schedule())),
        fires("warn", lambda: (shaky(early=False), schedule())),
        fires("unknown", lambda: (shaky(), schedule(warmup=0.0))),
    ),
)
def warmup_when(stability: Stability, schedule: Schedule) -> Judgement:
    """Warn where warmup is set against jumps that begin later."""
    warm = schedule.seen is not None and schedule.seen.warmup > 0
    if not stability.shaking or (not stability.early and not warm):
        return does_not_apply(Text(en="No instability that begins early.", zh="没有早期不稳定。"))
    if not stability.early:
        return warns(
            Text(en="Warmup is in use, and the jumps begin later.", zh="用了预热，但突跳出现在中后期。"),
            *stability.shaking,
            actions=(measure("clipping", 3),),
        )
    if not warm:
        return cannot_tell(
            Text(en="Early jumps, and no warmup tried.", zh="早期突跳，还没试预热。"),
            *stability.shaking,
            missing=(not_measured("warmup"),),
            actions=(measure("warmup", 6),),
        )
    return passes(Text(en="Early jumps, and warmup is tried.", zh="早期突跳，已在用预热。"), *stability.shaking)


@rule(
    "G2-warmup-shape",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:9.2", "app:G.2"),
    phase="stability",
    text=Text(
        en="Warm up in a straight line from 0 to the target rate, then go on with the original schedule.",
        zh="从 0 线性升到目标 lr，再接原本的 schedule。",
    ),
    examples=(
        silent(lambda: (schedule(),)),
        silent(lambda: (schedule(warmup=0.0, straight=None),), "not-applicable"),
        fires("warn", lambda: (schedule(straight=False),)),
        fires("unknown", lambda: (schedule(straight=None),)),
        fires("unknown", lambda: (Schedule(None),)),
    ),
)
def warmup_shape(schedule: Schedule) -> Judgement:
    """Read off the logged rate; warn on another shape of the rise."""
    seen = schedule.seen
    if seen is None:
        return _no_rate()
    if seen.warmup <= 0:
        return does_not_apply(_NO_WARMUP)
    if seen.straight is None:
        return cannot_tell(
            Text(en="Too few readings within the rise.", zh="上升段里的读数太少。"),
            missing=(Text(en='"lr" logged more often', zh='更密地记录 "lr"'),),
        )
    said = Text(en="Warmup over {n:g} steps to {peak:.3g}.", zh="预热 {n:g} 步到 {peak:.3g}。").fill(
        n=seen.warmup, peak=seen.peak
    )
    return (
        passes(said)
        if seen.straight
        else warns(Text(en="{s} Not a line from 0.", zh="{s}不是从 0 起的直线。").fill(s=said))
    )


@rule(
    "G2-warmup-target",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.2",),
    phase="stability",
    text=Text(
        en="Find the rate that becomes unstable, and aim the warmup at about 5 to 10 times it.",
        zh="先估出会不稳定的 unstable_lr，再取 base_lr ≈ 5–10× unstable_lr。",
    ),
    by="warmup",
    examples=(
        silent(lambda: (measured(warmup=_LADDER), steady(), project())),
        silent(lambda: (measured(), steady(), project()), "not-applicable"),
        fires("warn", lambda: (measured(warmup={**_LADDER, "peak": 0.3}), steady(), project())),
        fires("unknown", lambda: (measured(), shaky(), project())),
    ),
)
def warmup_target(measured: Measured, stability: Stability, project: Project) -> Judgement:
    """Pass from five times up (ten is tried first); less is a finding where more did not hold."""
    last = measured.last("warmup")
    peak, unstable = (last.number_of(name) if last is not None else None for name in ("peak", "unstable_lr"))
    if peak is None or not unstable:
        return _untried(stability)
    times, low = peak / unstable, project.settings["rule_warmup_low"]
    said = Text(
        en="Aims at {x:.2g} times the unstable rate ({low:g} to {high:g} is meant).",
        zh="目标是不稳定 lr 的 {x:.2g} 倍（应为 {low:g}–{high:g} 倍）。",
    ).fill(x=times, low=low, high=project.settings["rule_warmup_high"])
    if times >= low * (1 - 1e-9):
        return passes(said)
    if last is not None and last.flag("higher_failed"):
        return warns(Text(en="{s} Higher rates did not hold.", zh="{s}更高的稳不住。").fill(s=said))
    return warns(said, actions=(measure("warmup", 6),))


@rule(
    "G2-warmup-sweep",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:9.2", "app:G.2"),
    phase="stability",
    text=Text(
        en="Try warmup lengths over orders of magnitude (100, 1,000, 10,000 ...), up to about 10 % of the steps.",
        zh="预热步数按数量级试（10²、10³、10⁴…），不超过总步数约 10%。",
    ),
    by="warmup",
    examples=(
        silent(lambda: (measured(warmup=_LADDER), steady(), project())),
        silent(lambda: (measured(), steady(), project()), "not-applicable"),
        fires("warn", lambda: (measured(warmup={**_LADDER, "lengths": [100]}), steady(), project())),
        fires("fail", lambda: (measured(warmup={**_LADDER, "shortest": 300}), steady(), project())),
        fires("unknown", lambda: (measured(), shaky(), project())),
    ),
)
def warmup_sweep(measured: Measured, stability: Stability, project: Project) -> Judgement:
    """Two lengths an order of magnitude apart, all within the cap; fail where a longer one was kept."""
    last = measured.last("warmup")
    if last is None:
        return _untried(stability)
    lengths, total = sorted(last.numbers("lengths")), last.number_of("total_steps")
    cap = project.settings["warmup.cap"] * total if total else None
    kept = last.number_of("shortest")
    said = Text(en="Tried: {lengths} steps.", zh="试过 {lengths} 步。").fill(
        lengths=same(", ".join(f"{each:g}" for each in lengths) or "?")
    )
    if cap is not None and kept is not None and kept > cap:
        return fails(
            Text(
                en="{s} {kept:g} steps are more than a tenth of training.", zh="{s}{kept:g} 步超过总步数的十分之一。"
            ).fill(s=said, kept=kept),
            actions=(Action(Text(en="Train longer, or aim lower.", zh="加总步数，或把目标 lr 降些。")),),
        )
    positive = [each for each in lengths if each > 0]
    if len(positive) < 2 or positive[-1] < 10 * positive[0]:
        return warns(said, actions=(measure("warmup", 4),))
    return passes(said)


@rule(
    "G2-warmup-shortest",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.2",),
    phase="stability",
    text=Text(
        en="Keep the shortest warmup that is stable, and put it into the baseline.",
        zh="取最短又足够稳的预热步数，并入 baseline。",
    ),
    by="warmup",
    examples=(
        silent(lambda: (measured(warmup=_LADDER), schedule(), steady())),
        silent(lambda: (measured(), schedule(), steady()), "not-applicable"),
        fires("warn", lambda: (measured(warmup=_LADDER), schedule(warmup=90.0), steady())),
        fires("warn", lambda: (measured(warmup={**_LADDER, "seeds": 1}), schedule(), steady())),
        fires("unknown", lambda: (measured(warmup=_LADDER), Schedule(None), steady())),
        fires("unknown", lambda: (measured(), schedule(), shaky())),
    ),
)
def warmup_shortest(measured: Measured, schedule: Schedule, stability: Stability) -> Judgement:
    """The baseline's warmup against the shortest one found, which a second seed confirmed."""
    last = measured.last("warmup")
    shortest = last.number_of("shortest") if last is not None else None
    if last is None or shortest is None:
        return _untried(stability)
    if schedule.seen is None:
        return _no_rate()
    used = schedule.seen.warmup
    said = Text(
        en="In use: {used:g} steps; shortest stable: {short:g}.", zh="在用 {used:g} 步，最短稳定 {short:g} 步。"
    ).fill(used=used, short=shortest)
    longer = used > 1.1 * shortest + 1
    return warns(said) if longer or _once(last) else passes(said)


@rule(
    "G2-warmup-extend",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.2",),
    phase="steps",
    text=Text(
        en="Where warmup takes more than 5 to 10 % of the steps, consider training longer.",
        zh="预热超过总步数的 5–10%，可能要适当增加总训练步数。",
    ),
    examples=(
        silent(lambda: (schedule(warmup=30.0), project())),
        silent(lambda: (schedule(warmup=0.0), project()), "not-applicable"),
        fires("warn", lambda: (schedule(warmup=70.0), project())),
        fires("fail", lambda: (schedule(warmup=200.0), project())),
        fires("unknown", lambda: (Schedule(None), project())),
    ),
)
def warmup_extend(schedule: Schedule, project: Project) -> Judgement:
    """Warmup as a share of the steps that follow it; a rise of another shape than a warmup's never fails."""
    seen = schedule.seen
    if seen is None:
        return _no_rate()
    if seen.warmup <= 0:
        return does_not_apply(_NO_WARMUP)
    said = Text(en="Warmup is {share:.1%} of the steps after it.", zh="预热占其后步数的 {share:.1%}。").fill(
        share=seen.share
    )
    longer = Action(Text(en="Train longer by the warmup.", zh="总步数加上预热那一段。"))
    if seen.share <= project.settings["warmup.extend"]:
        return passes(said)
    if seen.share <= project.settings["warmup.cap"] or seen.straight is False:
        return warns(said, actions=(longer,))
    return fails(said, actions=(longer,))


def _no_rate() -> Judgement:
    return cannot_tell(Text(en="The learning rate was not logged.", zh="没记学习率。"), missing=(_RATE,))


def _untried(stability: Stability) -> Judgement:
    if not stability.hinted:
        return does_not_apply(_NOT_NEEDED)
    return cannot_tell(
        Text(en="Warmup has not been tried.", zh="还没试过预热。"),
        missing=(not_measured("warmup"),),
        actions=(measure("warmup", 6),),
    )


def _once(last: Measurement) -> bool:
    seeds = last.number_of("seeds")
    return seeds is not None and seeds < 2


RULES: tuple[Rule, ...] = (
    warmup_when,
    warmup_shape,
    warmup_target,
    warmup_sweep,
    warmup_shortest,
    warmup_extend,
)
