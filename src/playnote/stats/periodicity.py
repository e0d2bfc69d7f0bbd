"""Is there one hidden period in a short series? Fisher's test of the largest periodogram ordinate.

Fisher, Tests of significance in harmonic analysis (1929): of m ordinates of white noise the largest share g of their sum
has P(g > x) = sum over j of (-1)^(j-1) C(m, j) (1 - j x)^(m-1). A cubic trend is removed first, and with it the slowest
frequencies are left out: what is left of a falling curve lies there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playnote.stats.readings import Floats

FEWEST = 20
_SLOWEST = 4


@dataclass(frozen=True, slots=True)
class Period:
    """The strongest period: its length in readings, its share of the spectrum, and the p of a share as large in white noise."""

    length: float
    share: float
    p: float


def strongest_period(values: Floats) -> Period | None:
    """The strongest period of evenly spaced readings, shape (n,), finite; None below 20 readings or without any spread."""
    n = len(values)
    if n < FEWEST or not np.isfinite(values).all():
        return None
    at = np.linspace(-1.0, 1.0, n)
    left = values - np.polynomial.polynomial.polyval(at, np.polynomial.polynomial.polyfit(at, values, 3))
    power = np.abs(np.fft.rfft(left)[_SLOWEST : (n + 1) // 2]) ** 2
    total = float(power.sum())
    if total <= 0 or total <= 1e-24 * float(np.sum(values**2)):
        return None
    top = int(np.argmax(power))
    share = float(power[top]) / total
    return Period(n / (top + _SLOWEST), share, _p(share, len(power)))


def _p(share: float, m: int) -> float:
    """Fisher's exact tail."""
    terms = (
        (-1) ** (j - 1) * math.comb(m, j) * (1.0 - j * share) ** (m - 1) for j in range(1, min(m, int(1 / share)) + 1)
    )
    return min(1.0, max(0.0, math.fsum(terms)))
