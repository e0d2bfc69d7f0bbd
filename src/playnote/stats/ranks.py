"""Rank tests that only ask about order, so that any rising transform of the values leaves them as they are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from playnote.stats.normal import normal_cdf

Floats = NDArray[np.float64]


def mid_ranks(values: Floats) -> Floats:
    """Ranks 1..n, ties sharing their mean; shape (n,)."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[place])


def rank_sum_p(first: Floats, second: Floats) -> float:
    """One-sided p that `first` is not larger than `second` (Mann-Whitney, normal with tie correction); 1 if empty.

    Small means `first` tends to be larger.
    """
    k, m = len(first), len(second)
    if k == 0 or m == 0:
        return 1.0
    n = k + m
    ranks = mid_ranks(np.concatenate((first, second)))
    _, counts = np.unique(ranks, return_counts=True)
    ties = float(np.sum(counts.astype(float) ** 3 - counts)) / (n * (n - 1)) if n > 1 else 0.0
    variance = k * m / 12.0 * ((n + 1) - ties)
    if variance <= 0:
        return 1.0
    excess = float(ranks[:k].sum()) - k * (n + 1) / 2.0 - 0.5
    return normal_cdf(-excess / math.sqrt(variance))


def correlation(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; 0 where one of them is constant."""
    if len(a) < 2:
        return 0.0
    x, y = mid_ranks(a), mid_ranks(b)
    x, y = x - x.mean(), y - y.mean()
    size = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / size if size > 0 else 0.0
