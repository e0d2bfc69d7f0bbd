"""A Bayesian quadratic surface: what the response would do beyond the range, with its doubt.

y = b0 + sum b_j u_j + sum q_j u_j^2 (+ sum r_jk u_j u_k), conjugate normal-inverse-gamma prior
(Gelman et al. 2013, ch. 14), ridge scale chosen by the evidence. Law: shifting or scaling y
shifts or scales every draw alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TAUS = (0.3, 1.0, 3.0, 10.0)
_INTERCEPT = 100.0  # prior variance of b0 against the noise: the level is not shrunk
_DRAWS = 256


@dataclass(frozen=True, slots=True)
class Surface:
    """Posterior draws of the surface.

    draws : array, shape (m, p)  coefficients, in units of y
    noise : array, shape (m,)    residual SD of each draw, in units of y
    cross : bool                 whether cross terms are in
    """

    draws: Floats
    noise: Floats
    cross: bool

    def along(self, point: Floats, axis: int, places: Floats) -> Floats:
        """The response where coordinate `axis` takes `places` and the others stay at `point`; shape (m, len(places))."""
        at = np.repeat(point[None, :], len(places), axis=0)
        at[:, axis] = places
        return np.asarray(self.draws @ _features(at, self.cross).T)


def fit_surface(unit: Floats, y: Floats, rng: np.random.Generator) -> Surface | None:
    """Draws from the posterior; None where y does not vary or there are fewer than five points.

    unit : array, shape (n, d)  coordinates in [0, 1], finite
    y    : array, shape (n,)    lower is better, finite
    """
    n, d = unit.shape
    scale = float(np.std(y))
    if n < 5 or not np.isfinite(scale) or scale <= 1e-12 * max(1.0, float(np.abs(y).max())):
        return None
    cross = n >= 3 * (1 + 2 * d)
    x, z = _features(unit, cross), (y - y.mean()) / scale
    fits = [_posterior(x, z, tau) for tau in _TAUS]
    evidence = np.array([each[0] for each in fits])
    shares = np.exp(evidence - evidence.max())
    counts = rng.multinomial(_DRAWS, shares / shares.sum())
    draws, noise = [], []
    for (_, mean, root, shape, rate), count in zip(fits, counts, strict=True):
        if count:
            variance = rate / rng.gamma(shape, size=count)
            draws.append(mean + np.sqrt(variance)[:, None] * (rng.standard_normal((count, len(mean))) @ root))
            noise.append(np.sqrt(variance))
    coefficients = np.vstack(draws) * scale
    coefficients[:, 0] += y.mean()
    return Surface(coefficients, np.concatenate(noise) * scale, cross)


def _posterior(x: Floats, z: Floats, tau: float) -> tuple[float, Floats, Floats, float, float]:
    """Log evidence, mean, a root of the covariance over the noise variance, and the inverse-gamma parameters."""
    n, p = x.shape
    precision = np.full(p, 1.0 / tau**2)
    precision[0] = 1.0 / _INTERCEPT
    inner = x.T @ x + np.diag(precision)
    lower = np.linalg.cholesky(inner)
    mean = np.linalg.solve(inner, x.T @ z)
    shape = 1.0 + n / 2
    rate = 0.05 + 0.5 * max(float(z @ z - mean @ inner @ mean), 0.0)
    evidence = 0.5 * np.log(precision).sum() - np.log(np.diag(lower)).sum() - shape * np.log(rate)
    return float(evidence), np.asarray(mean, dtype=float), np.asarray(np.linalg.inv(lower)), shape, float(rate)


def _features(unit: Floats, cross: bool) -> Floats:
    c = 2.0 * unit - 1.0
    columns = [np.ones((len(c), 1)), c, c**2]
    if cross:
        columns += [(c[:, i] * c[:, j])[:, None] for i, j in combinations(range(c.shape[1]), 2)]
    return np.hstack(columns)
