"""Shares: intervals and comparisons of counts.

Law: intervals stay inside [0, 1] and shrink as n grows at the same share.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betainc, betaincinv, betaln, ndtri

_GRID = (np.arange(400) + 0.5) / 400


def jeffreys_interval(k: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """Equal-tailed interval of Beta(k + 1/2, n - k + 1/2), reaching 0 at k = 0 and 1 at k = n (Brown et al. 2001)."""
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, tail))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return low, high


def wilson_interval(k: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    z = float(ndtri((1 + level) / 2))
    share, correction = k / n, z * z / n
    middle = (share + correction / 2) / (1 + correction)
    half = z * math.sqrt(share * (1 - share) / n + correction / (4 * n)) / (1 + correction)
    return max(0.0, middle - half), min(1.0, middle + half)


def share_above(k: int, n: int, bound: float) -> float:
    """P(share > bound) under Beta(k + 1/2, n - k + 1/2)."""
    if bound <= 0:
        return 1.0
    return 0.0 if bound >= 1 else 1.0 - float(betainc(k + 0.5, n - k + 0.5, bound))


def difference_above(first: tuple[float, float], second: tuple[float, float], bound: float = 0.0) -> float:
    """P(share_second - share_first > bound), both Jeffreys posteriors of (k, n), independent."""
    points = betaincinv(first[0] + 0.5, first[1] - first[0] + 0.5, _GRID)
    limit = np.clip(points + bound, 0.0, 1.0)
    return float(np.mean(1.0 - betainc(second[0] + 0.5, second[1] - second[0] + 0.5, limit)))


def equal_shares_odds(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Bayes factor of "one share for both" against "two unrelated shares", Jeffreys priors."""
    (k, n), (j, m) = first, second
    one = betaln(k + j + 0.5, n + m - k - j + 0.5) - betaln(0.5, 0.5)
    two = betaln(k + 0.5, n - k + 0.5) + betaln(j + 0.5, m - j + 0.5) - 2 * betaln(0.5, 0.5)
    return float(np.exp(np.clip(one - two, -700, 700)))
