"""From a diagnosis to what to do about it, in the playbook's order (body F, appendix F).

A step is named only where it can be run: a remedy that no command can do (collecting data) is said in words, and the
command is the first that the order reaches.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from playnote.playbook.catalog import BY_ID
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.facts import Target
from playnote.playbook.facts.ladder import Ladder
from playnote.records.state import ProjectState
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a finding asks for.

    rules     the rule that found it, then the rule that orders the remedies
    words     the ordered actions
    groups    groups of hyperparameters that a round about it compares, in that order
    commands  what looks closer before anything is trained
    """

    rules: tuple[str, ...]
    words: Text
    groups: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


REMEDIES: dict[str, Remedy] = {
    "F2-eval-noise": Remedy(
        ("F2-eval-noise", "F2-clean-eval-first"),
        Text(
            en="Wrong labels on Dev and Test decide: clean both before anything is trained again.",
            zh="Dev/Test 的错标已经左右判断：先清洗这两份，再谈训练。",
        ),
        commands=("labels sample",),
    ),
    "F1-mismatch": Remedy(
        ("F1-mismatch", "F1-mismatch-actions"),
        Text(
            en="Data mismatch. In this order: see what is wrong on Dev, training data more like Dev, weights towards "
            "Dev, domain adaptation.",
            zh="数据不匹配。依次：先看 Dev 错在哪，收更接近 Dev 的训练数据，给样本加权，域自适应。",
        ),
        ("data", "weights", "adaptation", "augmentation", "transfer"),
        ("errors sample",),
    ),
    "F1-high-bias": Remedy(
        ("F1-high-bias", "F1-bias-actions"),
        Text(
            en="High bias. In this order: a larger or deeper model, a better-suited architecture, longer training or a "
            "higher learning rate, less regularization.",
            zh="高偏差。依次：更大更深的模型，更合适的架构，训练更久或调大学习率，减弱正则。",
        ),
        ("size", "model", "architecture", "steps", "schedule", "optimizer", "regularization"),
    ),
    "F1-high-variance": Remedy(
        ("F1-high-variance", "F1-variance-actions"),
        Text(
            en="High variance. In this order: more training data, more regularization or augmentation, a smaller "
            "model, early stopping or a stronger decay.",
            zh="高方差。依次：加训练数据，加强正则或数据增强，缩小模型，早停或更强的衰减。",
        ),
        ("data", "regularization", "augmentation", "size", "model", "architecture", "schedule"),
    ),
}


OVERFIT = Remedy(
    ("E3-bvm-locate",),
    Text(
        en="The search has overfitted to Dev: Test is clearly worse. Draw a larger or a fresh Dev before the next "
        "comparison, and go back to where Dev was last trusted.",
        zh="搜索已经对 Dev 过拟合：Test 明显更差。先扩大或重抽 Dev 再比较，必要时退回到 Dev 还可信的时候。",
    ),
    commands=("data make",),
)


def remedy_of(state: ProjectState, facts: Facts) -> tuple[Text, Remedy] | None:
    """The first finding that holds, in words, with its remedy; what spoils the judging comes before the training."""
    overfit = facts.give(Ladder, Target()).of("dev_overfit")
    if overfit is not None and overfit.label == "yes":
        return _OVERFIT.fill(n=_n(overfit.n)), OVERFIT
    rules = tuple(BY_ID[name] for name in REMEDIES if name in BY_ID)
    judged = {verdict.rule: verdict for verdict in judge_rules(rules, state, facts, rounds=())}
    for name, remedy in REMEDIES.items():
        verdict = judged.get(name)
        if verdict is not None and verdict.status == "fail" and not verdict.waived:
            return verdict.message, remedy
    return None


def _n(n: int | tuple[int, ...]) -> str:
    return " / ".join(str(each) for each in n) if isinstance(n, tuple) else str(n)


def looking(remedy: Remedy, state: ProjectState, verbs: Container[str] | None) -> str | None:
    """The command that looks closer, where it exists and was not run since the last round was opened."""
    for command in remedy.commands:
        verb = " ".join(word for word in command.split() if not word.startswith("-"))
        if (verbs is None or verb in verbs) and _possible(verb, state) and not _done(verb, state):
            return f"playnote {command}{_more(verb, state)}"
    return None


def _more(verb: str, state: ProjectState) -> str:
    """What the command still needs: the data that were cut last, and leave to cut them anew with a Dev twice as large."""
    if verb != "data make":
        return ""
    made = state.events("splits-made")[-1].data
    dev = state.project.splits["dev"].n if "dev" in state.project.splits else None
    return f" {made['data']} --replace" + (f" --dev {2 * dev}" if dev else "")


_OVERFIT = Text(en="Test is clearly worse than Dev (n = {n}).", zh="Test 明显比 Dev 差（n = {n}）。")
_EVENTS = {"errors sample": "errors-sampled", "labels sample": "labels-sampled", "data make": "splits-made"}


def _possible(verb: str, state: ProjectState) -> bool:
    """Whether the records hold what the command needs: predictions on Dev, or data that were cut before."""
    if verb in ("errors sample", "labels sample"):
        return any(trial.facts.get("predictions") for trial in state.trials)
    return bool(state.events("splits-made")) if verb == "data make" else True


def _done(verb: str, state: ProjectState) -> bool:
    events = state.events(_EVENTS.get(verb, ""), "round-opened")
    return bool(events) and events[-1].kind != "round-opened"
