"""Appendix G.2 and body 9.3, gradient clipping: for occasional huge gradients; a threshold from recorded norms."""

from __future__ import annotations

from itertools import pairwise

from playnote.playbook.examples import project
from playnote.playbook.examples_seen import clip, clipping, measured, shaky, spikes, steady
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.stability import Clipping, Stability
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text

_NORM = Text(en='"grad_norm" before clipping, logged at every step', zh='逐步记录裁剪前的 "grad_norm"')
_NO_CLIPPING = Text(en="Nothing is clipped.", zh="没有裁剪。")


@rule(
    "G2-clip-when",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.3",),
    phase="stability",
    text=Text(
        en="Clipping is for occasional huge gradients, early or in mid-training.",
        zh="裁剪适用于早期或中期的梯度偶发巨峰。",
    ),
    examples=(
        silent(lambda: (clipping(), steady(norms=(spikes("yes"),)))),
        silent(lambda: (clipping(None), steady(norms=(spikes("no"),))), "not-applicable"),
        fires("warn", lambda: (clipping(), steady(norms=(spikes("no"),)))),
        fires("warn", lambda: (clipping(None), steady(norms=(spikes("yes"),)))),
        fires("unknown", lambda: (clipping(), steady())),
    ),
)
def clip_when(clipping: Clipping, stability: Stability) -> Judgement:
    """Warn on clipping without a spike on record, and on spikes without clipping."""
    told = [each for each in stability.norms if each.label != "unknown"]
    if not told:
        if clipping.threshold is None and not stability.norms:
            return cannot_tell(Text(en="No gradient norm is on record.", zh="没有梯度范数的记录。"), missing=(_NORM,))
        return cannot_tell(Text(en="The norms cannot tell.", zh="范数记录说不清。"), *stability.norms, missing=(_NORM,))
    if stability.spiking and clipping.threshold is not None:
        return passes(
            Text(en="Huge gradients, and clipping is tried.", zh="有梯度巨峰，已在裁剪。"), *stability.spiking
        )
    if stability.spiking:
        return warns(
            Text(en="Huge gradients, and nothing is clipped.", zh="有梯度巨峰，却没裁剪。"),
            *stability.spiking,
            actions=(measure("clipping", 3),),
        )
    if clipping.threshold is not None:
        return warns(Text(en="Clipped without a huge gradient on record.", zh="没见过梯度巨峰，却在裁剪。"), *told)
    return does_not_apply(Text(en="No huge gradients, no clipping.", zh="没有巨峰，也没裁剪。"))


@rule(
    "G2-clip-p90",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:9.3", "app:G.2"),
    phase="stability",
    text=Text(
        en="Record the norms without clipping, and start the threshold near their 90th percentile.",
        zh="记录无裁剪的梯度范数分布，以约 90 百分位作初始阈值。",
    ),
    examples=(
        silent(lambda: (clipping(1.0, clip("no", over=0.1)), measured(), project())),
        silent(lambda: (clipping(), measured(clipping={"percentile": 0.9}), project())),
        silent(lambda: (clipping(None), measured(), project()), "not-applicable"),
        fires("warn", lambda: (clipping(1.0, clip("no", over=0.4)), measured(), project())),
        fires("unknown", lambda: (clipping(), measured(), project())),
    ),
)
def clip_p90(clipping: Clipping, measured: Measured, project: Project) -> Judgement:
    """The first threshold's percentile among recorded norms: about 0.9."""
    if clipping.threshold is None:
        return does_not_apply(_NO_CLIPPING)
    first = measured.all("clipping")[0].number_of("percentile") if measured.all("clipping") else None
    finding = clipping.finding
    over = finding.over if finding is not None else None
    place = first if first is not None else (1.0 - over if over is not None else None)
    if place is None:
        return cannot_tell(
            Text(en="Where {t:g} lies among the norms is not known.", zh="不知道 {t:g} 在范数分布的哪里。").fill(
                t=clipping.threshold
            ),
            missing=(_NORM,),
            actions=(measure("clipping", 3),),
        )
    said = Text(en="The threshold lies at the {p:.0%} point of the norms.", zh="阈值在范数分布的 {p:.0%} 处。").fill(
        p=place
    )
    if project.settings["rule_clip_low"] <= place <= project.settings["rule_clip_high"]:
        return passes(said)
    return warns(said, actions=(measure("clipping", 3),))


@rule(
    "G2-clip-tighten",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.3",),
    phase="stability",
    text=Text(en="Still unstable: lower the threshold step by step.", zh="仍不稳，就逐步调低阈值。"),
    by="clipping",
    examples=(
        silent(lambda: (measured(clipping={"tried": [1.0, 0.5], "cured": True, "late_worse": False}), steady())),
        silent(lambda: (measured(clipping={"tried": [1.0], "cured": True}), steady()), "not-applicable"),
        silent(lambda: (measured(), steady()), "not-applicable"),
        fires("fail", lambda: (measured(clipping={"tried": [1.0], "cured": True, "late_worse": True}), steady())),
        fires("warn", lambda: (measured(clipping={"tried": [1.0, 2.0], "cured": True, "late_worse": False}), steady())),
        fires("unknown", lambda: (measured(clipping={"tried": [1.0], "cured": False}), shaky())),
    ),
)
def clip_tighten(measured: Measured, stability: Stability) -> Judgement:
    """A cure leaves the late loss no worse than at lr*; a loss that only swings within bounds is none."""
    last = measured.last("clipping")
    if last is None:
        return does_not_apply(_NO_CLIPPING)
    tried = last.numbers("tried")
    if last.flag("cured") and last.flag("late_worse"):
        return fails(
            Text(en="Called cured, but the late loss is worse than at lr*.", zh="说治好了，后期 loss 却比 lr* 时差。"),
            actions=(Action(Text(en="Lower the learning rate.", zh="直接降学习率。")),),
        )
    if not last.flag("cured"):
        return cannot_tell(
            Text(en="Not stable yet after {n} thresholds.", zh="试了 {n} 个阈值还不稳。").fill(n=len(tried)),
            *stability.shaking,
            missing=(not_measured("clipping"),),
            actions=(measure("clipping", 3),),
        )
    if len(tried) <= 1:
        return does_not_apply(Text(en="Cured at the first threshold.", zh="第一个阈值就治好了。"))
    falls = all(second < first for first, second in pairwise(tried))
    said = Text(en="{n} thresholds tried.", zh="试了 {n} 个阈值。").fill(n=len(tried))
    return passes(said) if falls else warns(said)


@rule(
    "G2-clip-half",
    Level.WARN,
    Scope.PROJECT,
    sections=("body:9.3",),
    phase="stability",
    text=Text(
        en="Where more than half of the steps are heavily clipped, clipping lowers the rate in disguise: lower it outright.",
        zh="超过半数 step 都被重度裁剪，就是在变相减小 lr，不如直接调小。",
    ),
    examples=(
        silent(lambda: (clipping(1.0, clip("no", over=0.1, shrink=0.8)), project())),
        silent(lambda: (clipping(None), project()), "not-applicable"),
        fires("warn", lambda: (clipping(1.0, clip("yes", over=0.7, shrink=0.8)), project())),
        fires("fail", lambda: (clipping(1.0, clip("yes", over=0.9, shrink=0.2)), project())),
        fires("unknown", lambda: (clipping(), project())),
    ),
)
def clip_half(clipping: Clipping, project: Project) -> Judgement:
    """Warn above half; fail where the clipped steps also keep less than half of their length."""
    if clipping.threshold is None:
        return does_not_apply(_NO_CLIPPING)
    found = clipping.finding
    if found is None or found.label == "unknown":
        listed = () if found is None else (found,)
        return cannot_tell(
            Text(en="How many steps are clipped is not known.", zh="不知道多少步被裁剪。"), *listed, missing=(_NORM,)
        )
    said = Text(
        en="{over:.0%} of the steps are clipped, to {shrink:.0%} of their length (median).",
        zh="{over:.0%} 的步被裁剪，中位缩到 {shrink:.0%}。",
    ).fill(over=found.over or 0.0, shrink=1.0 if found.shrink is None else found.shrink)
    if found.label == "no":
        return passes(said, found)
    lower = Action(Text(en="Lower the learning rate instead.", zh="改为直接降学习率。"))
    heavy = found.shrink is not None and found.shrink < project.settings["rule_clip_shrink"]
    return fails(said, found, actions=(lower,)) if heavy else warns(said, found, actions=(lower,))


RULES: tuple[Rule, ...] = (clip_when, clip_p90, clip_tighten, clip_half)
