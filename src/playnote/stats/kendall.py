"""Kendall's tau between two orders of the same things, with its exact distribution for small numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from playnote.stats.normal import normal_cdf

Floats = NDArray[np.float64]

_EXACT = 60


def tau(a: Floats, b: Floats) -> tuple[float, float]:
    """tau-b and the one-sided p that the orders agree no better than by chance.

    Exact without ties up to 60 values (counting inversions), else normal with the usual variance.
    """
    n = len(a)
    if n < 2:
        return 0.0, 1.0
    upper = np.triu_indices(n, 1)
    x = np.sign(a[:, None] - a)[upper]
    y = np.sign(b[:, None] - b)[upper]
    score = float(x @ y)
    scale = math.sqrt(float(np.abs(x).sum()) * float(np.abs(y).sum()))
    if scale == 0:
        return 0.0, 1.0
    tied = bool((x == 0).any() or (y == 0).any())
    if not tied and n <= _EXACT:
        return score / scale, _exact(n, score)
    sd = math.sqrt(n * (n - 1) * (2 * n + 5) / 18.0)
    return score / scale, normal_cdf(-(score - 1.0) / sd)


def _exact(n: int, score: float) -> float:
    """P(score of a random order >= score): orders by their number of inversions (Knuth 5.1.1)."""
    counts = np.ones(1)
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.ones(size)) / size
    inversions = round((n * (n - 1) / 2 - score) / 2)
    return float(min(counts[: inversions + 1].sum(), 1.0))


def interval(value: float, n: int, z: float = 1.645) -> tuple[float, float]:
    """90 % interval of tau by Fisher's transform with the variance 0.437 / (n - 4) (Fieller et al. 1957)."""
    if n <= 4:
        return -1.0, 1.0
    centre = math.atanh(min(max(value, -0.9999), 0.9999))
    half = z * math.sqrt(0.437 / (n - 4))
    return math.tanh(centre - half), math.tanh(centre + half)
