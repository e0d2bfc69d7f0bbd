"""Appendix G.1 and body 8.1-8.2, training steps: is compute the limit, and how many steps are enough?"""

from __future__ import annotations

from dataclasses import replace

from playnote.diagnosis.steps import LengthInUseFinding
from playnote.playbook.examples import project
from playnote.playbook.examples_seen import early_end, length, lengths, measured, schedule, still
from playnote.playbook.facts.lengths import LengthInUse, Lengths
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.stability import Schedule
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_REGIME = Text(
    en="whether compute limits training (answer G1-declare-regime)", zh="训练是否受算力限制（回答 G1-declare-regime）"
)
_TOP = Text(en="the best step of at least three top trials", zh="至少三个最优试验的最佳步数位置")
_NOT_FREE = Text(en="Compute limits training.", zh="受算力限制。")


@rule(
    "G1-declare-regime",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:8.1", "app:G.1"),
    phase="steps",
    text=Text(
        en="Say whether compute limits training: it does where longer training would still help and the budget ends it; "
        "it does not where longer training hardly helps Dev, or overfits.",
        zh="先说清是不是受算力限制：预算到头了、再训仍会变好，是受限；再训对 Dev 几乎没用甚至过拟合，是不受限。",
    ),
    asks=Text(
        en="Does compute limit training (compute-bound), or not (not bound)?", zh="训练受算力限制吗（受限 / 不受限）？"
    ),
    examples=(
        silent(lambda: (lengths(), LengthInUse(improving=(still("yes"),)))),
        fires("warn", lambda: (lengths(bound=False), LengthInUse(improving=(still("yes"),)))),
        fires("warn", lambda: (lengths(), LengthInUse(saturated=(early_end("yes"), early_end("yes"))))),
        fires("unknown", lambda: (lengths(bound=None), LengthInUse())),
    ),
)
def declare_regime(lengths: Lengths, use: LengthInUse) -> Judgement:
    """What was said, checked against the baseline's curves; one curve alone contradicts nobody who said "bound"."""
    if lengths.bound is None:
        return cannot_tell(
            Text(en="Not said whether compute limits training.", zh="没说是否受算力限制。"),
            missing=(_REGIME,),
            actions=(ask("G1-declare-regime"),),
        )
    improving = [each for each in use.improving if each.label == "yes"]
    flat = [each for each in use.saturated if each.label == "yes"]
    if not lengths.bound and improving:
        return warns(
            Text(
                en="Said to be free of the limit, but {n} baseline runs were still improving at their end.",
                zh="说不受限，但有 {n} 次 baseline 到末尾还在变好。",
            ).fill(n=len(improving)),
            *improving,
        )
    if lengths.bound and flat and len(flat) == len(use.saturated):
        return warns(
            Text(
                en="Said to be limited, but the baseline gained nothing long before its end.",
                zh="说受限，但 baseline 早就不再变好了。",
            ),
            *flat,
        )
    said = Text(en="limited", zh="受限") if lengths.bound else Text(en="not limited", zh="不受限")
    return passes(Text(en="By compute: {said}.", zh="算力：{said}。").fill(said=said), *use.improving)


@rule(
    "G1-steps-from-fit",
    Level.STRATEGY,
    Scope.PROJECT,
    sections=("body:8.2", "app:G.1", "app:D.4"),
    phase="steps",
    text=Text(
        en="Where compute does not limit training: sweep a few constant learning rates without regularization or "
        "augmentation, and take the steps of the fastest trial that fits Train almost perfectly.",
        zh="不受限时：恒定学习率、不加正则和增强小扫一遍，取最快接近拟合完的试验所用步数，作为初始 max_train_steps。",
    ),
    by="steps",
    examples=(
        silent(lambda: (lengths(bound=False), measured(steps={"steps": 800, "reached": 2, "at_edge": False}))),
        silent(lambda: (lengths(bound=True), measured()), "not-applicable"),
        fires("warn", lambda: (lengths(bound=False), measured(steps={"steps": 800, "reached": 2, "at_edge": True}))),
        fires("fail", lambda: (lengths(bound=False), measured(steps={"steps": 800, "reached": 0}))),
        fires("fail", lambda: (lengths(100, bound=False, searched=True), measured())),
        fires("unknown", lambda: (lengths(bound=False), measured())),
        fires("unknown", lambda: (lengths(bound=None), measured())),
    ),
)
def steps_from_fit(lengths: Lengths, measured: Measured) -> Judgement:
    """Fail where a number is claimed that no trial reached, or where steps were searched like a hyperparameter."""
    if lengths.bound:
        return does_not_apply(_NOT_FREE)
    if lengths.bound is None:
        return cannot_tell(Text(en="It depends on compute.", zh="要看是否受算力限制。"), missing=(_REGIME,))
    last = measured.last("steps")
    if any(each.searched for each in lengths.rounds) or (last is not None and last.flag("searched")):
        return fails(Text(en="Steps were searched as a hyperparameter.", zh="把训练步数当超参搜了。"))
    if last is None:
        return cannot_tell(
            Text(en="The steps of a perfect fit have not been measured.", zh="还没测过拟合完需要多少步。"),
            missing=(not_measured("steps"),),
            actions=(measure("steps", 5),),
        )
    steps, reached = last.number_of("steps"), last.number_of("reached")
    if not reached:
        return fails(Text(en="No trial fitted Train; a length was claimed.", zh="没有试验拟合完，却报了步数。"))
    said = Text(en="{steps:g} steps fit Train.", zh="{steps:g} 步能拟合完训练集。").fill(steps=steps or float("nan"))
    if last.flag("at_edge"):
        return warns(
            Text(en="{said} The fastest rate was the last one tried.", zh="{said}但最快的学习率在扫描边缘。").fill(
                said=said
            ),
            actions=(measure("steps", 3),),
        )
    return passes(said)


@rule(
    "G1-refine-curves",
    Level.STRATEGY,
    Scope.PROJECT,
    sections=("body:8.2", "body:D.4", "app:G.1"),
    phase="steps",
    text=Text(en="Then correct the number of steps from training curves.", zh="之后用训练曲线微调步数。"),
    examples=(
        silent(lambda: (length("fine", "no"),)),
        silent(lambda: (LengthInUse(),), "not-applicable"),
        fires("unknown", lambda: (LengthInUse(round=1),)),
    ),
)
def refine_curves(use: LengthInUse) -> Judgement:
    """Where the top trials' best steps lie is attached to the length in use."""
    if use.finding is None and not use.round:
        return does_not_apply(Text(en="No round has run at this length yet.", zh="这个步数下还没跑过一轮。"))
    if use.finding is None:
        return cannot_tell(
            Text(en="The trials' best steps are not recorded.", zh="没有试验最佳步数的记录。"), missing=(_TOP,)
        )
    return passes(
        Text(en="Best steps lie at {where}.", zh="最佳步数位置：{where}。").fill(where=_where(use)), use.finding
    )


@rule(
    "G1-best-ckpt-early",
    Level.IF,
    Scope.PROJECT,
    sections=("body:8.2",),
    phase="steps",
    text=Text(
        en="Best checkpoints always within the first tenth of training: max_train_steps is too large.",
        zh="最佳 checkpoint 总在前 10% 以内：max_train_steps 太大。",
    ),
    examples=(
        silent(lambda: (length("fine", "no"), project())),
        fires("fail", lambda: (_early(0.03, 0.05, 0.08), project())),
        fires("warn", lambda: (_early(0.03, 0.05, 0.08, 0.09, 0.3), project())),
        fires("unknown", lambda: (LengthInUse(), project())),
    ),
)
def best_ckpt_early(use: LengthInUse, project: Project) -> Judgement:
    """Fail where all top trials (at least three) are that early, warn where most are."""
    found = use.finding
    if found is None or (found.label == "unknown" and len(use.shares) < project.settings["steps.top"]):
        return cannot_tell(
            Text(en="Too few top trials to tell.", zh="最优试验太少，说不清。"), *_listed(use), missing=(_TOP,)
        )
    if found.verdict != "too-long":
        return passes(
            Text(en="Best steps lie at {where}.", zh="最佳步数位置：{where}。").fill(where=_where(use)), found
        )
    said = Text(en="Best steps lie at {where}: training is too long.", zh="最佳步数位置 {where}：步数给多了。").fill(
        where=_where(use)
    )
    shorter = Action(
        Text(en="Shorten to about {steps} steps.", zh="缩短到约 {steps} 步。").fill(steps=found.suggested or "?")
    )
    every = all(share <= project.settings["steps.early"] for share in use.shares)
    return fails(said, found, actions=(shorter,)) if every else warns(said, found, actions=(shorter,))


@rule(
    "G1-best-ckpt-late",
    Level.IF,
    Scope.PROJECT,
    sections=("body:8.2",),
    phase="steps",
    text=Text(
        en="Best checkpoints always near the end: more steps, or a better decay, may be needed.",
        zh="最佳 checkpoint 总在末尾附近：可能要加步数，或换更合理的衰减。",
    ),
    examples=(
        silent(lambda: (length("fine", "no"), schedule(flat=True, end=1.0))),
        silent(lambda: (length("unknown", "unknown"), schedule()), "not-applicable"),
        fires("warn", lambda: (length("too-short", "yes"), schedule(flat=True, end=1.0))),
        fires("unknown", lambda: (LengthInUse(), schedule(flat=True, end=1.0))),
    ),
)
def best_ckpt_late(use: LengthInUse, schedule: Schedule) -> Judgement:
    """Read only where the rate does not decay to about zero: there a late best is normal."""
    if schedule.seen is not None and schedule.seen.decays:
        return does_not_apply(
            Text(
                en="The learning rate decays to about zero: a late best is normal; one longer run would tell.",
                zh="学习率衰减到接近 0，最佳点靠后是正常的；要知道就加长跑一次。",
            )
        )
    found = use.finding
    if found is None or found.label == "unknown":
        return cannot_tell(
            Text(en="Too little to tell.", zh="信息太少，说不清。"),
            *_listed(use),
            missing=(found.missing if found is not None else ()) or (_TOP,),
        )
    if found.verdict == "too-short":
        return warns(
            Text(en="Best steps lie at {where}.", zh="最佳步数位置：{where}。").fill(where=_where(use)),
            found,
            actions=(Action(Text(en="Train one trial twice as long.", zh="加倍步数跑一次。"), runs=1),),
        )
    return passes(Text(en="Best steps lie at {where}.", zh="最佳步数位置：{where}。").fill(where=_where(use)), found)


def _where(use: LengthInUse) -> Text:
    if use.shares:
        return same(", ".join(f"{share:.0%}" for share in use.shares))
    estimate = use.finding.estimate if use.finding is not None else None
    return same("?" if estimate is None else f"{estimate:.0%}")


def _listed(use: LengthInUse) -> tuple[LengthInUseFinding, ...]:
    return () if use.finding is None else (use.finding,)


def _early(*shares: float) -> LengthInUse:
    return replace(length("too-long", "yes", suggested=100), shares=shares)


RULES: tuple[Rule, ...] = (declare_regime, steps_from_fit, refine_curves, best_ckpt_early, best_ckpt_late)
