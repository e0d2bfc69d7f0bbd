"""Appendix F.1 and body F.2: what to do about bias, variance and mismatch, in a safe order."""

from __future__ import annotations

from playnote.playbook.examples import planned_round, state
from playnote.playbook.examples_seen import ladder, measured, shaky, steady
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.stability import Stability
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

# Groups of hyperparameters, as projects name them, that each diagnosis may ask about next.
_BIAS = ("architecture", "model", "size", "steps", "schedule", "optimizer", "regularization")
_VARIANCE = ("data", "regularization", "augmentation", "architecture", "model", "size", "schedule")
_MISMATCH = ("data", "weights", "adaptation", "augmentation", "transfer")
_SIZE = ("architecture", "model", "size")
_NONE = Text(en="No such finding is open.", zh="没有这样的诊断结论。")


@rule(
    "F1-bias-actions",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:F.2", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Against high bias: a larger or deeper model, a better-suited architecture, longer training or (if stable) "
        "a higher learning rate, weaker regularization.",
        zh="高偏差的做法：换更大更深的模型、换更合适的架构、训练更久或（稳定时）调大学习率、减弱正则。",
    ),
    examples=(
        silent(lambda: (ladder(), state(), steady()), "not-applicable"),
        silent(lambda: (ladder(high_bias="yes"), state(rounds=(planned_round(group="architecture"),)), steady())),
        fires(
            "warn", lambda: (ladder(high_bias="yes"), state(rounds=(planned_round(group="augmentation"),)), steady())
        ),
        fires("unknown", lambda: (ladder(high_bias="yes"), state(rounds=()), shaky())),
    ),
)
def bias_actions(ladder: Ladder, state: ProjectState, stability: Stability) -> Judgement:
    """Warn where the open round is about something else; a higher learning rate is offered only to stable training."""
    if not ladder.open("high_bias"):
        return does_not_apply(_NONE)
    first = [_LARGER, _BETTER, _LONGER]
    if not stability.open and not stability.at_edge:
        first.append(_FASTER)
    return _next_round(state, _BIAS, (*first, _WEAKER))


@rule(
    "F1-variance-actions",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:F.2", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Against high variance: more data, more regularization or augmentation, then a smaller model; last, a "
        "checkpoint chosen afterwards or a stronger decay.",
        zh="高方差的做法：加数据、加强正则或数据增强，再考虑缩模型；最后才是回顾式选点（早停）或更强的衰减。",
    ),
    examples=(
        silent(lambda: (ladder(), state()), "not-applicable"),
        silent(lambda: (ladder(high_variance="yes"), state())),
        fires("warn", lambda: (ladder(high_variance="yes"), state(rounds=(planned_round(group="optimizer"),)))),
        fires("warn", lambda: (ladder(high_variance="yes"), state(rounds=(planned_round(group="architecture"),)))),
        fires("unknown", lambda: (ladder(high_variance="yes"), state(rounds=()))),
    ),
)
def variance_actions(ladder: Ladder, state: ProjectState) -> Judgement:
    """Warn where the model is made smaller before regularization had a round."""
    if not ladder.open("high_variance"):
        return does_not_apply(_NONE)
    current = _open_round(state)
    earlier = {name for each in state.rounds if each is not current for name in _groups(each)}
    if current is not None and _groups(current) & set(_SIZE) and not earlier & {"regularization", "augmentation"}:
        return warns(
            Text(
                en="The model's size comes before any round about regularization.",
                zh="还没有一轮试过正则，就先动模型规模。",
            ),
            actions=(Action(_REGULARIZE),),
        )
    return _next_round(state, _VARIANCE, (_DATA, _REGULARIZE, _SMALLER, _CHECKPOINT))


@rule(
    "F1-mismatch-actions",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:2.2", "app:F.1"),
    phase="diagnosis",
    text=Text(
        en="Against mismatch: training data more like Dev and Test, training examples weighted towards Dev, or domain "
        "adaptation; never with Test examples.",
        zh="数据不匹配的做法：收更接近 Dev/Test 的训练数据、给训练样本加权、域自适应；绝不动用 Test 样本。",
    ),
    by="weights",
    examples=(
        silent(lambda: (ladder(), state(), measured()), "not-applicable"),
        silent(lambda: (ladder(data_mismatch="yes"), state(rounds=(planned_round(group="data"),)), measured())),
        fires("fail", lambda: (ladder(data_mismatch="yes"), state(), measured(weights={"used_test": True}))),
        fires("warn", lambda: (ladder(data_mismatch="yes"), state(), measured(weights={"effective_share": 0.1}))),
        fires("unknown", lambda: (ladder(data_mismatch="yes"), state(rounds=()), measured())),
    ),
)
def mismatch_actions(ladder: Ladder, state: ProjectState, measured: Measured) -> Judgement:
    """Fail where Test examples went into weights or training; warn on weights that leave few effective examples."""
    weights = measured.last("weights")
    if weights is not None and weights.flag("used_test"):
        return fails(
            Text(en="Test examples were used for the weights.", zh="加权时用了 Test 样本。"),
            actions=(Action(Text(en="Build the weights again without Test.", zh="不用 Test，重新算权重。")),),
        )
    if not ladder.open("data_mismatch"):
        return does_not_apply(_NONE)
    left = weights.number_of("effective_share") if weights is not None else None
    if left is not None and left < state.project.settings["rule_weights_left"]:
        return warns(
            Text(
                en="The weights leave {left:.0%} of the examples effective.", zh="加权后有效样本只剩 {left:.0%}。"
            ).fill(left=left)
        )
    if left is not None:
        return passes(Text(en="Weights towards Dev, without Test.", zh="已按 Dev 加权，没用 Test。"))
    return _next_round(state, _MISMATCH, (_LIKE_DEV, _WEIGHT, _ADAPT), measure("weights"))


def _next_round(state: ProjectState, fitting: tuple[str, ...], do: tuple[Text, ...], *more: Action) -> Judgement:
    actions = (*(Action(each) for each in do), *more)
    current = _open_round(state)
    if current is None or not _groups(current):
        return cannot_tell(
            Text(en="No open round takes it up yet.", zh="还没有一轮针对它。"),
            missing=(Text(en="a round about one of the remedies", zh="针对其中一种做法开一轮"),),
            actions=actions,
        )
    about = same(", ".join(sorted(_groups(current))))
    if _groups(current) & set(fitting):
        return passes(
            Text(en="Round {n} takes it up ({about}).", zh="第 {n} 轮正在处理（{about}）。").fill(
                n=current.number, about=about
            )
        )
    return warns(
        Text(en="Round {n} is about {about}: no remedy for this.", zh="第 {n} 轮在问 {about}，对不上这个诊断。").fill(
            n=current.number, about=about
        ),
        actions=actions,
    )


def _open_round(state: ProjectState) -> Round | None:
    return next((each for each in reversed(state.rounds) if not each.closed), None)


def _groups(each: Round) -> set[str]:
    return {name.strip() for name in each.group.split(",") if name.strip()}


_LARGER = Text(en="A larger or deeper model.", zh="换更大、更深的模型。")
_BETTER = Text(en="An architecture that suits the task better.", zh="换更合适的架构。")
_LONGER = Text(en="Longer training.", zh="训练更久。")
_FASTER = Text(en="A higher learning rate: training is stable.", zh="调大学习率：训练是稳定的。")
_WEAKER = Text(en="Less regularization.", zh="减弱正则。")
_DATA = Text(en="More training data.", zh="收更多训练数据。")
_REGULARIZE = Text(en="More regularization or augmentation, retuned.", zh="加强正则或数据增强，并重新调参。")
_SMALLER = Text(en="A smaller model.", zh="缩小模型。")
_CHECKPOINT = Text(en="The best checkpoint chosen afterwards, or a stronger decay.", zh="回顾式选点，或更强的衰减。")
_LIKE_DEV = Text(en="Training data more like Dev.", zh="收更像 Dev 的训练数据。")
_WEIGHT = Text(en="Weights towards Dev.", zh="按 Dev 给样本加权。")
_ADAPT = Text(en="Domain adaptation.", zh="域自适应。")

RULES: tuple[Rule, ...] = (bias_actions, variance_actions, mismatch_actions)
