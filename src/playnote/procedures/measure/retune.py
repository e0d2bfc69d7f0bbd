"""What a change of batch size (or model, optimizer, data) undoes: settings to tune again, comparisons that no longer hold."""

from __future__ import annotations

import math
from collections.abc import Mapping

from playnote.playbook.facts.recipe import MOMENTUM, RATES, SCHEDULES, STRENGTHS, among
from playnote.playbook.facts.stability import CLIPS
from playnote.procedures.measure.bench import WARMUPS, Bench
from playnote.text import Text, same

# Which hyperparameters an event undoes. A batch change also asks for other steps; the model keeps its batch ladder no longer.
EVENTS: Mapping[str, frozenset[str]] = {
    "batch": RATES | MOMENTUM | STRENGTHS | SCHEDULES | WARMUPS | frozenset(CLIPS),
    "optimizer": RATES | MOMENTUM | STRENGTHS | SCHEDULES | WARMUPS | frozenset(CLIPS),
    "model": RATES | STRENGTHS | WARMUPS,
    "data": STRENGTHS,
}


def to_retune(bench: Bench, event: str) -> tuple[str, ...]:
    """The project's hyperparameters that an event asks to tune again: by name, and everything of the optimizer's group."""
    names = bench.project.space.names
    listed = set(among(names, EVENTS[event]))
    if event in ("batch", "optimizer"):
        listed |= {h.name for h in bench.project.space if h.group in ("optimizer", "regularization")}
    return tuple(name for name in names if name in listed)


def rate_centres(rate: float, old: float, new: float) -> tuple[float, float]:
    """Learning rates scaled linearly and by the square root: where to centre a search, never an answer."""
    return rate * new / old, rate * math.sqrt(new / old)


def retune_notes(bench: Bench, old: int, new: int) -> tuple[Text, ...]:
    """The plan in words: what to tune again, where to centre the learning rate, which comparisons are off."""
    names = [name for name in to_retune(bench, "batch") if name != bench.batch]
    notes = [_AGAIN.fill(names=same(", ".join(names) or "-")), _UNFAIR.fill(old=old, new=new)]
    if bench.has(RATES) is not None:
        linear, root = rate_centres(bench.lr, old, new)
        notes.insert(1, _CENTRE.fill(root=f"{root:.3g}", linear=f"{linear:.3g}"))
    return tuple(notes)


_AGAIN = Text(
    en="Another batch size asks to tune again: {names}, and the number of steps.",
    zh="换了 batch size 要重调：{names}，以及训练步数。",
)
_CENTRE = Text(
    en="Centre the search of the learning rate between {root} (square root) and {linear} (linear): neither is an answer.",
    zh="学习率的搜索中心取 {root}（平方根）到 {linear}（线性）之间；这两个都不是答案。",
)
_UNFAIR = Text(
    en="Until that is done, runs at {old} and at {new} are not to be compared.",
    zh="重调之前，{old} 和 {new} 的训练不能互相比较。",
)
