"""A curve with fewer points and the same spikes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playnote.records.curves import Curve

LARGEST = 2000  # points of a line in a report


def thinned(curve: Curve, most: int = LARGEST) -> Curve:
    """At most `most` points (4 or more): the lowest and the highest reading of each of equal stretches, and both ends.

    So a spike stays as high as it was; NaN readings stay where a stretch holds nothing else.
    """
    if len(curve) <= most:
        return curve
    edges = np.linspace(1, len(curve) - 1, (most - 2) // 2 + 1).astype(int)
    rows = edges[:-1, None] + np.arange(int(np.diff(edges).max()))
    inside = rows < edges[1:, None]
    values = curve.values[np.minimum(rows, len(curve) - 1)]
    known = np.isfinite(values) & inside
    at = np.arange(len(rows))
    kept = _places(known, at, rows, np.where(known, values, np.inf), np.where(known, values, -np.inf))
    whole = np.unique(np.concatenate([[0], kept, [len(curve) - 1]]))
    return Curve(curve.steps[whole], curve.values[whole])


def _places(
    known: NDArray[np.bool_],
    at: NDArray[np.int_],
    rows: NDArray[np.int_],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.int_]:
    """Where each stretch has its lowest and highest reading; its beginning where it holds nothing finite."""
    first, second = rows[at, np.argmin(low, axis=1)], rows[at, np.argmax(high, axis=1)]
    any_known = known.any(axis=1)
    return np.concatenate([np.where(any_known, first, rows[:, 0]), np.where(any_known, second, rows[:, 0])])
