"""The normal distribution without importing `scipy.stats`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def normal_cdf(z: float) -> float:
    """P(Z <= z) for a standard normal Z."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_cdf_of(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Z <= z) for each z."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=float)
