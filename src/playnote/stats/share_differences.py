"""The difference of two shares from their counts, under Jeffreys' prior for each.

Laws: P(upper - lower >= d) never rises with d; swapping the two at d = 0 gives the complement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv

from playnote.stats.t_mixture import Floats

_MIDDLES = (np.arange(800) + 0.5) / 800


@dataclass(frozen=True, slots=True)
class Share:
    """Posterior Beta(a, b) of a share."""

    a: float
    b: float

    @classmethod
    def of(cls, count: float, n: float) -> Share:
        """`count` of `n` under Jeffreys' prior; 0 <= count <= n."""
        return cls(count + 0.5, n - count + 0.5)

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return self.a / (self.a + self.b)


def probability_exceeds(upper: Share, lower: Share, by: float = 0.0) -> float:
    """P(upper - lower >= by) for independent posteriors."""
    return float(np.mean(1.0 - betainc(upper.a, upper.b, np.clip(_quantiles(lower) + by, 0.0, 1.0))))


def difference_interval(upper: Share, lower: Share, level: float) -> tuple[float, float]:
    """Equal-tailed interval of upper - lower, by bisection."""
    points, ends = _quantiles(lower), []
    for tail in ((1.0 + level) / 2.0, (1.0 - level) / 2.0):
        low, high = -1.0, 1.0
        for _ in range(24):
            middle = (low + high) / 2.0
            above = float(np.mean(1.0 - betainc(upper.a, upper.b, np.clip(points + middle, 0.0, 1.0))))
            low, high = (middle, high) if above > tail else (low, middle)
        ends.append((low + high) / 2.0)
    return ends[0], ends[1]


def _quantiles(share: Share) -> Floats:
    return np.asarray(betaincinv(share.a, share.b, _MIDDLES))
