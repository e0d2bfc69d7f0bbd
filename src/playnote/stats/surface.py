"""A Bayesian quadratic surface: draws of what the response may be, inside the range and beyond it.

z = b0 + sum b_j c_j + sum q_j c_j^2 (+ sum r_jk c_j c_k) (+ extra columns), c = 2 u - 1, conjugate
normal-inverse-gamma prior (Gelman et al. 2013, ch. 14), ridge scale averaged by evidence. The prior
leans to a bowl (q_j > 0): dev errors have a best region more often than a worst one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIDGES = (0.3, 1.0, 3.0, 10.0)
"""Prior SDs of a coefficient, in units of the noise SD."""

_BOWL = 0.3
"""Prior mean of a square's coefficient, in prior SDs."""

_CROSSED = 0.5
"""Prior SD of a cross term, in prior SDs of the others."""

_LEVEL_PRECISION = 0.01
_SHAPE, _RATE = 1.0, 0.05


@dataclass(frozen=True, slots=True)
class Surface:
    """Posterior draws, m of them.

    level    : array, shape (m,)
    linear   : array, shape (m, d)
    square   : array, shape (m, d)
    cross    : array, shape (m, d, d)  symmetric, zero diagonal; all zero where n is too small for cross terms
    extra    : array, shape (m, e)     coefficients of the extra columns
    noise    : array, shape (m,)       residual SD of an observation of weight 1
    evidence : float                   log evidence, comparable between surfaces through the same points
    flat     : float                   log evidence of one level everywhere, comparable with `evidence`
    """

    level: Floats
    linear: Floats
    square: Floats
    cross: Floats
    extra: Floats
    noise: Floats
    evidence: float
    flat: float


def fit_surface(
    c: Floats, extra: Floats, z: Floats, weight: Floats, rng: np.random.Generator, draws: int = 128
) -> Surface:
    """Draws of the surface through z.

    c      : array, shape (n, d)  coordinates, -1 to 1 over the range
    extra  : array, shape (n, e)  further columns that enter linearly (categories, absent values), centred
    z      : array, shape (n,)    standardised response, lower is better
    weight : array, shape (n,)    relative precision of each
    """
    n, d = c.shape
    crossed = d > 1 and n >= 3 * (1 + 2 * d)
    columns = [np.ones((n, 1)), c, c**2, extra]
    if crossed:
        columns.append(np.stack([c[:, i] * c[:, j] for i, j in combinations(range(d), 2)], axis=1))
    x = np.hstack(columns)
    heavy = x * weight[:, None]
    gram, moment, square = heavy.T @ x, heavy.T @ z, float((weight * z) @ z)
    size = np.ones(x.shape[1])
    size[1 + 2 * d + extra.shape[1] :] = _CROSSED
    lean = np.zeros(x.shape[1])
    lean[1 + d : 1 + 2 * d] = _BOWL
    fits = [_posterior(gram, moment, square, n, ridge * size, ridge * lean) for ridge in _RIDGES]
    evidence = np.array([fit[0] for fit in fits])
    share = np.exp(evidence - evidence.max())
    coefficients, noise = _drawn(fits, rng.multinomial(draws, share / share.sum()), rng)
    # The determinant of the weights makes surfaces with different weights comparable.
    scale = 0.5 * float(np.sum(np.log(np.maximum(weight, 1e-300))))
    total = float(evidence.max() + np.log(share.mean())) + scale
    level = _posterior(gram[:1, :1], moment[:1], square, n, np.ones(1), np.zeros(1))[0] + scale
    return _unpacked(coefficients, noise, (d, extra.shape[1]), crossed, (total, level))


_Fit = tuple[float, Floats, Floats, float, float]


def _posterior(gram: Floats, moment: Floats, square: float, n: int, sd: Floats, mean: Floats) -> _Fit:
    """Log evidence, posterior mean, a root of the covariance over the noise variance, inverse-gamma shape and rate."""
    precision = sd**-2.0
    precision[0] = _LEVEL_PRECISION
    inner = gram + np.diag(precision)
    lower = np.linalg.cholesky(inner)
    right = moment + precision * mean
    root = np.linalg.inv(lower)
    centre = root.T @ (root @ right)
    shape = _SHAPE + n / 2
    left = square + float(mean @ (precision * mean)) - float(centre @ right)
    rate = _RATE + 0.5 * max(left, 0.0)
    evidence = 0.5 * np.log(precision).sum() - np.log(np.diag(lower)).sum() - shape * np.log(rate)
    return float(evidence), np.asarray(centre), np.asarray(root), shape, rate


def _drawn(fits: list[_Fit], counts: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
    rows, noise = [], []
    for (_, centre, root, shape, rate), count in zip(fits, counts, strict=True):
        if count:
            sd = np.sqrt(rate / rng.gamma(shape, size=count))
            rows.append(centre + sd[:, None] * (rng.standard_normal((count, len(centre))) @ root))
            noise.append(sd)
    return np.vstack(rows), np.concatenate(noise)


def _unpacked(
    rows: Floats, noise: Floats, sizes: tuple[int, int], crossed: bool, evidence: tuple[float, float]
) -> Surface:
    d, extras = sizes
    cross = np.zeros((len(rows), d, d))
    if crossed:
        for at, (i, j) in enumerate(combinations(range(d), 2), start=1 + 2 * d + extras):
            cross[:, i, j] = cross[:, j, i] = rows[:, at]
    return Surface(
        rows[:, 0],
        rows[:, 1 : 1 + d],
        rows[:, 1 + d : 1 + 2 * d],
        cross,
        rows[:, 1 + 2 * d : 1 + 2 * d + extras],
        noise,
        *evidence,
    )


def lowest(surface: Surface, start: Floats, low: Floats, high: Floats, sweeps: int = 4) -> tuple[Floats, Floats]:
    """Where each draw is lowest in each of k boxes, by descent along one coordinate at a time.

    start     : array, shape (d,)    first place
    low, high : arrays, shape (k, d) the boxes
    Returns heights without level and extra columns, shape (m, k), and places, shape (m, k, d). Exact for a surface
    without cross terms; with them a place no single coordinate can improve.
    """
    m, d = surface.linear.shape
    x = np.broadcast_to(start, (m, len(low), d)).copy()
    for _ in range(sweeps if surface.cross.any() else 1):
        for j in range(d):
            slope = surface.linear[:, j, None] + np.einsum("mkd,md->mk", x, surface.cross[:, j])
            x[:, :, j] = _lowest_on_line(slope, surface.square[:, j, None], low[None, :, j], high[None, :, j])
    return heights(surface, x), x


def _lowest_on_line(slope: Floats, square: Floats, low: Floats, high: Floats) -> Floats:
    bowl = np.maximum(square, 1e-9)
    turn = np.clip(-slope / (2.0 * bowl), low, high)
    ends = np.where(slope * low + square * low**2 <= slope * high + square * high**2, low, high)
    return np.asarray(np.where(square > 1e-9, turn, ends))


def heights(surface: Surface, x: Floats) -> Floats:
    """The surface without level and extra columns at x : array, shape (m, k, d); shape (m, k)."""
    return np.asarray(
        np.einsum("mkd,md->mk", x, surface.linear)
        + np.einsum("mkd,md->mk", x * x, surface.square)
        + 0.5 * np.einsum("mkd,mkd->mk", np.einsum("mkd,mde->mke", x, surface.cross), x)
    )
