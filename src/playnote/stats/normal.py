"""The normal distribution without importing `scipy.stats`."""

from __future__ import annotations

import math


def normal_cdf(z: float) -> float:
    """P(Z <= z) for a standard normal Z."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
