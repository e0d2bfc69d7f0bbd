"""Appendix G.2: what not to do about unstable training: lower the rate first, or tune on top of it."""

from __future__ import annotations

from playnote.playbook.examples import planned_round, project
from playnote.playbook.examples_seen import measured, shaky, steady
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.stability import Stability
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.text import Text


@rule(
    "G2-lower-lr-last",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:G.2",),
    phase="stability",
    text=Text(en="Lowering the peak learning rate is the last resort.", zh="降峰值 lr 是最后手段。"),
    by="remedy",
    examples=(
        silent(lambda: (measured(),), "not-applicable"),
        silent(lambda: (measured(remedy=[{"remedy": "warmup"}, {"remedy": "lower-lr"}]),)),
        silent(lambda: (measured(remedy=[{"remedy": "lower-lr", "skipped": "half-clipped"}]),)),
        fires("fail", lambda: (measured(remedy={"remedy": "lower-lr"}),)),
    ),
)
def lower_lr_last(measured: Measured) -> Judgement:
    """Fail where it was the first response; heavy clipping of most steps is a reason of its own."""
    tried = measured.all("remedy")
    lowered = next((at for at, each in enumerate(tried) if each.word("remedy") == "lower-lr"), None)
    if lowered is None:
        return does_not_apply(Text(en="The rate was not lowered against instability.", zh="没为稳定性降过 lr。"))
    if lowered == 0 and tried[0].word("skipped") != "half-clipped":
        return fails(
            Text(en="The rate was lowered before anything else was tried.", zh="别的都没试就先降了 lr。"),
            actions=(measure("warmup", 6), measure("clipping", 3)),
        )
    return passes(Text(en="Lowered after {n} other cures.", zh="试过 {n} 种办法后才降。").fill(n=lowered))


@rule(
    "G2-no-tuning-unstable",
    Level.FORBID,
    Scope.ROUND,
    sections=("app:G.2", "body:9"),
    phase="study-design",
    text=Text(
        en="Do not tune on a large scale while training is clearly unstable.",
        zh="不要在明显不稳定的训练上做大规模调参。",
    ),
    bars=("round new", "round run"),
    examples=(
        silent(lambda: (planned_round(), steady(), project())),
        silent(lambda: (planned_round(closed="kept"), shaky(), project()), "not-applicable"),
        fires("fail", lambda: (planned_round(points=12), shaky(), project())),
        fires("warn", lambda: (planned_round(scientific={"dropout": (0.0, 0.2)}), shaky(), project())),
        fires("unknown", lambda: (planned_round(points=12), Stability(), project())),
    ),
)
def no_tuning_unstable(round: Round, stability: Stability, project: Project) -> Judgement:
    """Fail for a round of more than ten trials while two baseline runs are unstable; a small one may look for the cause."""
    if round.closed:
        return does_not_apply(Text(en="The round is closed.", zh="这一轮已结束。"))
    large = round.total > project.settings["rule_large_study"]
    said = Text(
        en="{n} trials planned; {k} of {m} baseline runs jump or diverge.",
        zh="计划 {n} 个试验；{m} 次 baseline 里 {k} 次突跳或发散。",
    ).fill(n=round.total, k=stability.diverged + len(stability.shaking), m=stability.runs)
    if stability.open:
        cure = (measure("clipping" if stability.early is False else "warmup", 6),)
        return fails(said, *stability.shaking, actions=cure) if large else warns(said, actions=cure)
    if large and not stability.looked:
        return cannot_tell(
            Text(en="Stability was not looked at before a large round.", zh="大规模调参前没看过稳定性。"),
            missing=(
                Text(en='"train/loss" of the baseline, logged at every step', zh='逐步记录 baseline 的 "train/loss"'),
            ),
            actions=(
                Action(
                    Text(en="Run the baseline with its loss logged.", zh="记录 loss 再跑 baseline。"),
                    "playnote baseline",
                    3,
                ),
            ),
        )
    return passes(said)


RULES: tuple[Rule, ...] = (lower_lr_last, no_tuning_unstable)
