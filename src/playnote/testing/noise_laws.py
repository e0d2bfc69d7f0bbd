"""Noise the estimators do not assume: autocorrelated, heavy-tailed, skewed, growing and shrinking.

Every law has mean 0 and standard deviation 1, so what is planted in units of the noise is what the
tables say.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from playnote.testing.known import Floats

Law = Callable[[np.random.Generator, int], Floats]


def normal(rng: np.random.Generator, n: int) -> Floats:
    """Gaussian."""
    return rng.normal(size=n)


def student(rng: np.random.Generator, n: int, df: float = 5.0) -> Floats:
    """Student t, scaled to variance 1; `df` > 2."""
    return np.asarray(rng.standard_t(df, size=n) * np.sqrt((df - 2.0) / df))


def log_normal(rng: np.random.Generator, n: int, sigma: float = 0.45) -> Floats:
    """Log-normal, centred and scaled: long tail towards worse."""
    mean, variance = np.exp(sigma**2 / 2), (np.exp(sigma**2) - 1) * np.exp(sigma**2)
    return np.asarray((rng.lognormal(0, sigma, size=n) - mean) / np.sqrt(variance))


def autocorrelated(rng: np.random.Generator, n: int, rho: float, law: Law = normal) -> Floats:
    """First-order autoregression with standard deviation 1 from the first point on."""
    shocks = law(rng, n)
    out = np.empty(n)
    last = shocks[0] if n else 0.0
    scale = np.sqrt(1 - rho**2)
    for index in range(n):
        last = shocks[0] if index == 0 else rho * last + scale * shocks[index]
        out[index] = last
    return out


def any_law(rng: np.random.Generator) -> Law:
    """One of the laws, Gaussian half of the time."""
    pick = rng.random()
    if pick < 0.5:
        return normal
    return student if pick < 0.8 else log_normal
