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


def dropping_each(coordinates: Floats, values: Floats) -> Floats:
    """How much worse a quadratic law of the ranks of `values` fits without each coordinate; shape (d,).

    log(residual without / residual with) times the residual degrees of freedom, which is near chi-square with two
    degrees of freedom for a coordinate that does nothing. 2 (its mean there) where there are too few points.

    coordinates : array, shape (n, d)  -1 to 1
    """
    n, d = coordinates.shape
    if n <= 2 * d + 3:
        return np.full(d, 2.0)
    x = np.column_stack((np.ones(n), coordinates, coordinates**2))
    y = mid_ranks(values)
    y = (y - y.mean()) / n
    gram = x.T @ x + 1e-9 * n * np.eye(1 + 2 * d)
    solved = np.linalg.solve(gram, x.T @ y)
    left = max(float(y @ y - solved @ (x.T @ y)), 1e-9)
    inverse = np.linalg.inv(gram)
    out = np.empty(d)
    for j in range(d):
        pair = np.ix_((1 + j, 1 + d + j), (1 + j, 1 + d + j))
        part = solved[[1 + j, 1 + d + j]]
        out[j] = np.log1p(max(float(part @ np.linalg.solve(inverse[pair], part)), 0.0) / left)
    return np.asarray(out * max(n - 2 * d - 1, 1))
