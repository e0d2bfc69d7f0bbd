"""The question of the next round, as a command that can be run as it stands: one hyperparameter, its values.

What a diagnosis asks for comes first (the groups of hyperparameters that its remedies are in), then the order in
which the playbook explores: what changes the model, then regularization, then the rest. A learning rate is not
compared: it is tuned for every value. What was compared before, or was found to do nothing, is not asked again.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from playnote.guide.knowledge import knowledge_of
from playnote.playbook.engine import Facts
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.space import Space

_USUAL = (
    "architecture",
    "model",
    "size",
    "regularization",
    "augmentation",
    "data",
    "loss",
    "transfer",
    "schedule",
    "",
    "optimizer",
)
_RATE = ("lr", "learning_rate", "peak_lr")
_VALUES = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A round to plan: its words and, where values are compared, the hyperparameter and the values."""

    words: str
    name: str | None = None
    values: tuple[Value, ...] = ()

    def command(self, *more: str) -> str:
        """The command that plans it."""
        parts = ["playnote", "round", "new", f'"{self.words}"']
        if self.name is not None:
            said = ",".join(_said(value) for value in self.values)
            parts += ["--scientific", shlex.quote(f"{self.name}={said}")]
        return " ".join([*parts, *more])


def question_of(state: ProjectState, facts: Facts, wanted: Sequence[str] = ()) -> Question | None:
    """The next question; None where every hyperparameter that can be compared was.

    wanted  groups that a diagnosis asks about, in the playbook's order
    """
    space = state.project.space
    settled = _settled(state, facts)
    open_ = [each for each in space if each.name not in settled and each.name not in _RATE and not each.when]
    order = (*wanted, *(group for group in _USUAL if group not in wanted))
    open_.sort(key=lambda each: order.index(each.group) if each.group in order else len(order))
    for each in open_:
        values = values_of(each, state.project.baseline.get(each.name))
        if len(values) > 1:
            return Question(_words(each, space), each.name, values)
    if not state.rounds and len(space):
        return Question(f"Where do {' and '.join(space.names[:3])} work?")
    return None


def values_of(each: Hyperparameter, baseline: Value | None) -> tuple[Value, ...]:
    """Three values worth comparing: the baseline's, and others far enough from it on its own scale."""
    if isinstance(each, Categorical):
        first = [baseline] if baseline is not None and baseline in each.choices else []
        return tuple(dict.fromkeys([*first, *each.choices]))
    start: Value = baseline if baseline is not None else each.off if each.off is not None else each.from_unit(0.0)
    taken = [start]
    spread = [each.off, each.from_unit(1 / 3), each.from_unit(2 / 3), each.from_unit(0.0), each.from_unit(1.0)]
    for value in spread:
        if value is not None and len(taken) < _VALUES and all(_apart(each, _short(value), known) for known in taken):
            taken.append(_short(value))
    return tuple(sorted(taken, key=float))


def _settled(state: ProjectState, facts: Facts) -> Collection[str]:
    inert = {lesson.about[0] for lesson in knowledge_of(state, facts) if lesson.kind == "inert"}
    return inert | {name for each in state.rounds for name in each.scientific}


def _apart(each: Float | Integer, value: Value, known: Value) -> bool:
    if value == known:
        return False
    if each.off in (value, known):
        return True
    return abs(each.to_unit(value) - each.to_unit(known)) > 0.15


def _short(value: Value) -> Value:
    return value if isinstance(value, bool | int | str) else float(f"{value:.2g}")


def _said(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _words(each: Hyperparameter, space: Space) -> str:
    tuned = [name for name in space.names if name != each.name][:2]
    once = f" once {' and '.join(tuned)} {'is' if len(tuned) == 1 else 'are'} tuned" if tuned else ""
    asks = f"Which {each.name} is best" if isinstance(each, Categorical) else f"Does another {each.name} help"
    return f"{asks}{once}?"
