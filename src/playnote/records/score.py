"""An objective's score for one trial, read at one step.

Every term of the formula and every constraint is taken at the same step. Which step:

best    the best score among the steps where every term was logged; steps that satisfy every constraint
        come first, then those where one was not measured, then those that violate one
last    the last step where every term was logged
window  the mean over the last `window` such steps, the constraints averaged over the same steps

A term that is missing, or terms that were never logged at a common step, leave the score undetermined; a
constraint that was not measured there leaves feasibility undetermined. A NaN or infinity in a term ends the
trial: there is no score, and `step` says where. Where the source keeps no curve of any term, its summary
values are the reading, at no step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.recorder.formula import Formula, parse
from playnote.records.curves import Curve, Floats
from playnote.records.objective import Objective
from playnote.records.state import Reading

CurveOf = Callable[[str], Curve | None]
_UNMEASURED, _VIOLATED = 1, 2


def read_score(objective: Objective, curves: Mapping[str, Curve] | CurveOf, summary: Mapping[str, float]) -> Reading:
    """The score, its step, and whether the constraints hold there.

    curves   a trial's series by name, or a function that gives one or None
    summary  last value of each metric, used only where no term has a curve
    """
    get: CurveOf = curves if callable(curves) else curves.get
    formula = _parsed(objective.formula)
    found = {name: get(name) for name in formula.terms}
    terms = {name: curve for name, curve in found.items() if curve is not None and len(curve)}
    if not terms:
        return _from_summary(objective, formula, summary)
    ended = min((step for curve in terms.values() if (step := _first_bad(curve)) is not None), default=None)
    if ended is not None:
        return Reading(None, step=ended)
    missing = tuple(name for name in formula.terms if name not in terms)
    steps = reduce(np.intersect1d, (curve.steps for curve in terms.values()))
    if missing or not len(steps):
        return Reading(None, missing=missing or formula.terms)
    scores = _scores(formula, {name: _at(curve, steps) for name, curve in terms.items()}, len(steps))
    return _choose(objective, get, steps, scores)


def _choose(objective: Objective, get: CurveOf, steps: Floats, scores: Floats) -> Reading:
    """One step, or the last few."""
    limits = [(c, get(c.metric)) for c in objective.constraints]
    measured = {c.metric: _at(curve, steps) for c, curve in limits if curve is not None}
    if objective.read == "best":
        rows = np.array([_best_row(objective, scores, measured)])
    else:
        rows = np.arange(len(steps))[-(objective.window if objective.read == "window" else 1) :]
    values = {name: float(np.mean(column[rows])) for name, column in measured.items()}
    score = float(np.mean(scores[rows]))
    feasible, missing = _feasible(objective, values)
    held = {name: value for name, value in values.items() if math.isfinite(value)}
    return Reading(score if math.isfinite(score) else None, float(steps[rows[-1]]), feasible, missing, held)


def _best_row(objective: Objective, scores: Floats, measured: Mapping[str, Floats]) -> int:
    state = np.zeros(len(scores), dtype=np.int64)
    for c in objective.constraints:
        column = measured.get(c.metric, np.full(len(scores), np.nan))
        low = -np.inf if c.at_least is None else c.at_least
        high = np.inf if c.at_most is None else c.at_most
        held = (column >= low) & (column <= high)
        state = np.maximum(state, np.where(np.isnan(column), _UNMEASURED, np.where(held, 0, _VIOLATED)))
    errors = np.where(np.isfinite(scores), objective.sign * scores, np.inf)
    return int(np.lexsort((errors, state, ~np.isfinite(errors)))[0])


def _feasible(objective: Objective, values: Mapping[str, float]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether every constraint holds: one violated is enough for no, one unmeasured keeps it from yes."""
    held = {c.metric: c.satisfied(values.get(c.metric)) for c in objective.constraints}
    missing = tuple(name for name, holds in held.items() if holds is None)
    violated = any(holds is False for holds in (c.satisfied(values.get(c.metric)) for c in objective.constraints))
    return (False if violated else None if missing else True), missing


def _from_summary(objective: Objective, formula: Formula, summary: Mapping[str, float]) -> Reading:
    missing = tuple(name for name in formula.terms if name not in summary)
    score = formula.evaluate(summary)
    feasible, unmeasured = _feasible(objective, summary)
    limits = {c.metric: summary[c.metric] for c in objective.constraints if c.metric in summary}
    usable = score if score is not None and math.isfinite(score) else None
    return Reading(usable, None, feasible, missing + unmeasured, limits)


def _first_bad(curve: Curve) -> float | None:
    """The step of the first NaN or infinity."""
    bad = ~np.isfinite(curve.values)
    return float(curve.steps[np.argmax(bad)]) if bad.any() else None


def _at(curve: Curve, steps: Floats) -> Floats:
    """The values at these steps, NaN where nothing was logged."""
    if not len(curve):
        return np.full(len(steps), np.nan)
    place = np.minimum(np.searchsorted(curve.steps, steps), len(curve) - 1)
    return np.where(curve.steps[place] == steps, curve.values[place], np.nan)


def _scores(formula: Formula, columns: Mapping[str, Floats], n: int) -> Floats:
    if formula.text == formula.terms[0]:
        return columns[formula.text]
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(formula.apply(columns, _COLUMNS), dtype=np.float64), (n,))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Formula:
    return parse(text)


def _fold(pick: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *columns: reduce(pick, columns)


def _division(a: Any, b: Any) -> NDArray[np.float64]:
    # As in scalar arithmetic there is no answer to 1 / 0, while NumPy would say infinity.
    return np.where(np.asarray(b) == 0, np.nan, np.divide(a, np.where(np.asarray(b) == 0, 1.0, b)))


def _logarithm(a: Any) -> NDArray[np.float64]:
    return np.where(np.asarray(a) > 0, np.log(np.where(np.asarray(a) > 0, a, 1.0)), np.nan)


_COLUMNS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _division,
    "**": np.float_power,
    "neg": np.negative,
    "min": _fold(np.minimum),
    "max": _fold(np.maximum),
    "abs": np.abs,
    "log": _logarithm,
    "exp": np.exp,
    "sqrt": np.sqrt,
}
