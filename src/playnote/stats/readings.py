"""Bring a logged series into order: finite readings, sorted steps, one reading a step, a scale of its own.

Law: what follows from `Readings` does not change when the metric is shifted or
multiplied by a positive number, or when steps are counted in another unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_FAR = 1e4
"""Readings further than this many scales from the middle are pulled in: they carry no more than "far away"."""


@dataclass(frozen=True, slots=True)
class Readings:
    """A series in its own scale.

    time   : array, shape (n,)  step / total, increasing, the last usually 1
    values : array, shape (n,)  (value - centre) / scale
    centre : float              in the metric's unit
    scale  : float              in the metric's unit, > 0
    total  : float              the step that counts as time 1
    """

    time: Floats
    values: Floats
    centre: float
    scale: float
    total: float

    def __len__(self) -> int:
        return len(self.time)

    def to_scale(self, effect: float) -> float:
        """A difference in the metric's unit, in this series' scale; never infinite."""
        return float(min(effect / self.scale, 1e12)) if self.scale < 1e290 or effect > 1e-10 else 0.0

    def from_scale(self, effect: float) -> float:
        """A difference in this series' scale, in the metric's unit; bounded by the largest float."""
        return float(np.clip(effect, -1e8, 1e8) * min(self.scale, 1e299))


def in_order(steps: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    """Finite steps sorted, the last reading of a repeated step kept, values as they are (NaN included).

    Both are cut to the shorter of the two lengths.
    """
    at = np.asarray(steps, dtype=np.float64).ravel()
    value = np.asarray(values, dtype=np.float64).ravel()
    n = min(len(at), len(value))
    at, value = at[:n], value[:n]
    known = np.isfinite(at)
    at, value = at[known], value[known]
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    last = np.append(at[1:] != at[:-1], True) if len(at) else np.zeros(0, dtype=bool)
    return at[last], value[last]


def readings(steps: ArrayLike, values: ArrayLike, total: float | None = None) -> Readings:
    """The finite readings of a series in its own scale.

    steps  : array, shape (n,)  training steps, any unit, any order; a step given twice: the last reading wins
    values : array, shape (n,)  the metric; NaN and infinite readings are left out
    total  : float, optional    the last step of the run; the last step seen when not given
    Negative steps are not a count: such a series starts at 0, its span kept in proportion.
    """
    at, value = in_order(steps, values)
    if len(at) and at[0] < 0:
        at = at / 2.0 - at[0] / 2.0
    whole = _span(at, total)
    finite = np.isfinite(value)
    at, value = at[finite], value[finite]
    centre, scale = _centre_and_scale(value)
    in_scale = np.clip((value / scale) - (centre / scale), -_FAR, _FAR) if len(value) else value
    return Readings(np.clip(at / whole, 0.0, 1.0), in_scale, centre, scale, whole)


def _span(at: Floats, total: float | None) -> float:
    if total is not None and np.isfinite(total) and total > 0:
        return float(max(total, at[-1])) if len(at) else float(total)
    return float(at[-1]) if len(at) and at[-1] > 0 else 1.0


def _centre_and_scale(value: Floats) -> tuple[float, float]:
    """Median and a spread that is zero only for a constant series (then 1)."""
    if not len(value):
        return 0.0, 1.0
    reach = float(np.max(np.abs(value)))
    if reach == 0.0:
        return 0.0, 1.0
    unit = value / reach
    centre = float(np.median(unit))
    spread = float(np.quantile(np.abs(unit - centre), 0.8))
    spread = spread if spread > 1e-12 else float(np.max(np.abs(unit - centre)))
    scale = spread * reach
    return centre * reach, scale if scale > 0 else reach
