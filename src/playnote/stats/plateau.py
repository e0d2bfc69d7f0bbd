"""How much the best of several noisy readings flatters: the expected maximum of correlated normals.

c(m, rho) is the mean of the largest of m standard normals with lag-one correlation rho.
Law: c never falls with m, and never rises with rho.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from playnote.stats.readings import Floats

_DRAWS = 4000


@lru_cache(maxsize=512)
def expected_best(m: int, rho: float) -> float:
    """c(m, rho); 0 for m = 1. Exact integration for rho = 0, else 4,000 fixed draws."""
    if m <= 1:
        return 0.0
    if rho <= 0.0:
        return _independent(m)
    normal = np.random.default_rng(7).standard_normal((_DRAWS // 2, min(m, 400)))
    normal = np.concatenate((normal, -normal))
    chain = np.empty_like(normal)
    chain[:, 0] = normal[:, 0]
    for i in range(1, chain.shape[1]):
        chain[:, i] = rho * chain[:, i - 1] + np.sqrt(1.0 - rho * rho) * normal[:, i]
    return float(np.max(chain, axis=1).mean())


def _independent(m: int) -> float:
    from scipy.special import ndtr

    x = np.linspace(-9.0, 9.0, 4001)
    return float(np.sum(1.0 - ndtr(x) ** m - ndtr(-x) ** m) * (x[1] - x[0]) / 2.0) if m > 1 else 0.0


def plateau(time: Floats, smooth: Floats, noise_sd: float) -> Floats:
    """Which readings compete for the best: those whose smooth value is within 2 noise SDs of the lowest."""
    return np.asarray(smooth <= smooth.min() + 2.0 * noise_sd) if len(time) else np.zeros(0, dtype=bool)
