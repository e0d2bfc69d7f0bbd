"""What does a change add: hyperparameters to look after, time, memory, code?

Measured and shown, never priced: nobody is asked what a per cent of step time is worth in the metric. It decides one
thing only: a certain gain below `min_effect` is adopted where nothing was added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.moderated_t import difference
from playnote.text import Text

_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Growth:
    """Relative change (0.03 is 3 % more) with its interval where there are repeats."""

    change: float
    interval: tuple[float, float] | None = None
    n: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class ComplexityFacts:
    """Each part as measured, None where it was not.

    hyperparameters : names in use by the candidate and not by the baseline; `dropped` the other way round
    time, memory    : Growth of the time and peak memory of a run (or a step)
    code_lines      : lines of training code added
    """

    hyperparameters: tuple[str, ...] | None = None
    dropped: tuple[str, ...] = ()
    time: Growth | None = None
    memory: Growth | None = None
    code_lines: int | None = None


@final
@dataclass(frozen=True, kw_only=True)
class ComplexityFinding(Finding):
    """Yes: the change adds something. Estimate: relative change of the time of a run."""


def measure_complexity(
    baseline: Mapping[str, object] | None = None,
    candidate: Mapping[str, object] | None = None,
    *,
    off: Mapping[str, object] | None = None,
    seconds: tuple[ArrayLike, ArrayLike] | None = None,
    memory: tuple[ArrayLike, ArrayLike] | None = None,
    code_lines: int | None = None,
) -> ComplexityFacts:
    """Compare what two configurations ask for.

    baseline, candidate : configurations; a value equal to `off[name]`, None or False counts as not in use
    seconds, memory     : (baseline, candidate) repeats of the time and the peak memory of a run, > 0
    code_lines          : lines of training code added
    """
    names: tuple[str, ...] | None = None
    dropped: tuple[str, ...] = ()
    if baseline is not None and candidate is not None:
        old, new = _in_use(baseline, off or {}), _in_use(candidate, off or {})
        names, dropped = tuple(sorted(new - old)), tuple(sorted(old - new))
    return ComplexityFacts(names, dropped, _growth(seconds), _growth(memory), code_lines)


def _in_use(configuration: Mapping[str, object], off: Mapping[str, object]) -> set[str]:
    unused = (None, False)
    return {
        name
        for name, value in configuration.items()
        if not any(value is each for each in unused) and (name not in off or value != off[name])
    }


def _growth(pair: tuple[ArrayLike, ArrayLike] | None) -> Growth | None:
    """Ratio of geometric means minus one; the interval is that of a difference of logs."""
    if pair is None:
        return None
    first, second = (_logs(values) for values in pair)
    if not len(first) or not len(second):
        return None
    found = difference(second, first) if len(first) + len(second) > 2 else None
    change = math.expm1(float(np.mean(second) - np.mean(first)))
    counts = len(first), len(second)
    if found is None or min(counts) < 2:
        return Growth(change, None, counts)
    low, high = found.law.interval(_LEVEL)
    return Growth(change, (math.expm1(max(low, -50.0)), math.expm1(min(high, 50.0))), counts)


def _logs(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64).ravel()
    return np.log(array[np.isfinite(array) & (array > 0)])


def answer_complexity(
    facts: ComplexityFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> ComplexityFinding:
    """Yes where any part surely grew; no where every measured part stayed; unknown where nothing can be said."""
    parts = _parts(facts, settings)
    known = [part for part in parts if part is not None]
    label: Label = "unknown"
    if any(known):
        label = "yes"
    elif known and not _open(facts, settings):
        label = "no"
    return ComplexityFinding(
        label=label,
        estimate=None if facts.time is None else facts.time.change,
        interval=None if facts.time is None else facts.time.interval,
        level=_LEVEL,
        n=(0, 0) if facts.time is None else facts.time.n,
        thresholds=settings.thresholds("adoption.step_time", "adoption.memory"),
        missing=(_NOTHING,) if not known else (),
        settles=(Settle(_MEASURE, 0),) if label == "unknown" else (),
        target=target or {},
        note=said(facts),
    )


def _parts(facts: ComplexityFacts, settings: Settings) -> list[bool | None]:
    return [
        None if facts.hyperparameters is None else bool(facts.hyperparameters),
        _grew(facts.time, settings["adoption.step_time"]),
        _grew(facts.memory, settings["adoption.memory"]),
        None if facts.code_lines is None else facts.code_lines > 0,
    ]


def _grew(growth: Growth | None, tolerance: float) -> bool | None:
    """Surely more: the interval (or the change, of single runs) lies above the tolerance."""
    if growth is None:
        return None
    return (growth.change if growth.interval is None else growth.interval[0]) > tolerance


def _open(facts: ComplexityFacts, settings: Settings) -> bool:
    """Whether a time or memory that may have grown by more than the tolerance is still uncertain."""
    pairs = ((facts.time, settings["adoption.step_time"]), (facts.memory, settings["adoption.memory"]))
    return any(growth is not None and growth.change > tolerance for growth, tolerance in pairs)


def said(facts: ComplexityFacts) -> Text:
    """What it adds, in words."""
    pieces: list[Text] = []
    if facts.hyperparameters:
        pieces.append(_NAMES.fill(n=len(facts.hyperparameters), names=", ".join(facts.hyperparameters)))
    if facts.time is not None:
        pieces.append(_grown(_TIME, facts.time))
    if facts.memory is not None:
        pieces.append(_grown(_MEMORY, facts.memory))
    if facts.code_lines is not None:
        pieces.append(_CODE.fill(n=facts.code_lines))
    if not pieces:
        return _NOTHING if facts.hyperparameters is None else _NO_NAMES
    joined = Text(en="; ".join(piece.en for piece in pieces), zh="；".join(piece.zh for piece in pieces))
    return Text(en="What it would add: {parts}.", zh="要付的代价：{parts}。").fill(parts=joined)


def _grown(words: Text, growth: Growth) -> Text:
    ends = "" if growth.interval is None else " [{:+.0f}, {:+.0f}]".format(*(100 * end for end in growth.interval))
    return words.fill(change=f"{100 * growth.change:+.0f} %{ends}")


def added(facts: Sequence[ComplexityFacts]) -> tuple[str, ...]:
    """All hyperparameters that a run of changes has brought in."""
    return tuple(sorted({name for each in facts for name in each.hyperparameters or ()}))


_NAMES = Text(en="{n} hyperparameter(s) ({names})", zh="多 {n} 个超参（{names}）")
_TIME = Text(en="time {change}", zh="耗时 {change}")
_MEMORY = Text(en="memory {change}", zh="显存 {change}")
_CODE = Text(en="{n} lines of code", zh="{n} 行代码")
_NO_NAMES = Text(en="It adds no hyperparameter.", zh="没有增加超参。")
_NOTHING = Text(en="What it adds was not measured.", zh="没有量过它增加了什么。")
_MEASURE = Text(
    en="Measure the time and memory of a few runs of both, side by side.", zh="两边各跑几次，把耗时和显存并排量一下。"
)
