"""A learning curve as path walked, noise left and an optional late rise: one posterior for every question of its end.

    y(t) = w0 + w1 D(S1(t)) + w2 N(t) + w3 H(t) + noise

D falls with the path walked (powers, exponentials and a sum of a fast and a slow one),
N is the residual noise of the learning rate, H an optional rise from an onset. Each
combination of shapes is a linear model with a conjugate normal-inverse-gamma prior, so its
posterior and evidence are closed forms; shapes are averaged by evidence. The law follows
Tissue et al. 2024 (arXiv 2408.11029); priors and grids are ours, chosen on made-up curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from playnote.stats.readings import Floats, Readings
from playnote.stats.schedule import NOISES, Walk, walk

_POWERS = tuple((a, s0) for a in (0.2, 0.5, 1.0, 2.0) for s0 in (0.003, 0.02, 0.1))
_TAUS = (0.01, 0.03, 0.08, 0.2, 0.5, 1.2, 4.0)
_STRETCHED = tuple((tau, b) for tau in (0.02, 0.1, 0.4, 1.5) for b in (0.5, 0.75))
_PAIRS = ((0.02, 0.3), (0.02, 1.0), (0.08, 0.6), (0.08, 2.0), (0.02, 4.0))
_FAST_SHARE = (0.5, 0.8)
_ONSETS = (0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_BENDS = (0.5, 1.0, 2.0)
_DRAWS = 400


_ANCHOR = 0.03
"""Every shape falls by 1 between this share of the path and its end, so that one prior fits them all."""


def falls(path: Floats) -> Floats:
    """Every shape of D, shape (shapes, len(path)): falling, 1 at path 0.03 and 0 at path 1."""
    anchored = _shapes(np.append(path, (_ANCHOR, 1.0)))
    top, bottom = anchored[:, -2:-1], anchored[:, -1:]
    return np.asarray((anchored[:, :-2] - bottom) / (top - bottom))


def _shapes(path: Floats) -> Floats:
    """Every shape of D before it is anchored: 1 at path 0, 0 at infinity."""
    rows = [(1.0 + path / s0) ** -a for a, s0 in _POWERS]
    rows += [np.exp(-path / tau) for tau in _TAUS]
    rows += [np.exp(-((path / tau) ** b)) for tau, b in _STRETCHED]
    rows += [m * np.exp(-path / fast) + (1.0 - m) * np.exp(-path / slow) for fast, slow in _PAIRS for m in _FAST_SHARE]
    return np.stack(rows)


def rises(time: Floats) -> Floats:
    """Every shape of H, shape (1 + onsets * bends, *time.shape): first none, then 0 before an onset and 1 at time 1."""
    rows = [np.zeros_like(time)]
    for onset in _ONSETS:
        x = np.maximum(time - onset, 0.0) / (1.0 - onset)
        rows += [x**bend for bend in _BENDS]
    return np.stack(rows)


@dataclass(frozen=True, slots=True)
class Basis:
    """Columns of the law at some times: falls, noises and rises."""

    falls: Floats
    noises: Floats
    rises: Floats


def basis(time: Floats, steps: Walk) -> Basis:
    """The columns at `time`, read off a walked schedule."""
    path = np.interp(time, steps.time, steps.path)
    noise = np.stack([np.interp(time, steps.time, row) for row in steps.noise])
    return Basis(falls(path), noise, rises(time))


@lru_cache(maxsize=1)
def _combinations() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Index of fall, noise and rise of every combination."""
    d = len(_POWERS) + len(_TAUS) + len(_STRETCHED) + len(_PAIRS) * len(_FAST_SHARE)
    n, h = NOISES, 1 + len(_ONSETS) * len(_BENDS)
    grid = np.meshgrid(np.arange(d), np.arange(n), np.arange(h), indexing="ij")
    return grid[0].ravel(), grid[1].ravel(), grid[2].ravel()


@dataclass(frozen=True, slots=True)
class CurveLaw:
    """Draws from the posterior of a curve's law, in the curve's own scale.

    fall, noise, rise : index arrays, shape (draws,)
    coefficients      : array, shape (draws, 4)
    weights           : array, shape (draws,)  summing to 1
    relative          : array                  the schedule the law was fitted under
    noise_sd          : float                  SD of the readings around the law
    correlation       : float                  lag-1 correlation of the residuals
    rise_share        : float                  posterior share of the combinations with a rise
    """

    fall: np.ndarray
    noise: np.ndarray
    rise: np.ndarray
    coefficients: Floats
    weights: Floats
    relative: Floats
    noise_sd: float
    correlation: float
    rise_share: float

    def at(self, time: Floats, length: float = 1.0) -> Floats:
        """Noiseless curves, shape (draws, len(time)); time in units of the recorded run, `length` stretches it."""
        columns = basis(time, walk(self.relative, length))
        return np.asarray(
            self.coefficients[:, :1]
            + self.coefficients[:, 1:2] * columns.falls[self.fall]
            + self.coefficients[:, 2:3] * columns.noises[self.noise]
            + self.coefficients[:, 3:] * columns.rises[self.rise]
        )


_PRIOR_MEAN = np.array([3.0, 1.0, 0.0])
_PRIOR_SD = np.array([20.0, 3.0, 2.0])
_PRIOR_RISE = 0.4
_A0, _B0 = 1.0, 0.01


@dataclass(frozen=True, slots=True)
class _Sums:
    """Weighted sums of a curve about its means: all that any combination of columns needs.

    gram, moment, square : second moments of the columns, with the readings, and of the readings
    columns, reading     : weighted means
    count                : sum of the weights
    """

    gram: Floats
    moment: Floats
    square: float
    columns: Floats
    reading: float
    count: float


def fit_law(curve: Readings, relative: Floats) -> CurveLaw:
    """Posterior of the law for one curve under one schedule.

    curve    : the dev readings as error, at least four
    relative : array, shape (GRID + 1,)  learning rate / peak over the run
    """
    columns = basis(curve.time, walk(relative))
    design = np.concatenate((columns.falls, columns.noises, columns.rises))
    sums = _sums(design, curve.values, trust(curve.values))
    index = _columns(columns)
    mean, _, _, evidence, _ = _posterior(sums, index, 1.0)
    best = int(np.argmax(evidence))
    centred = design[index[best]] - sums.columns[index[best]][:, None]
    residual = curve.values - sums.reading - mean[best] @ centred
    rho = _correlation(residual)
    posterior = _posterior(sums, index, (1.0 - rho) / (1.0 + rho))
    share = _shares(posterior[3], index)
    return _draw(posterior, share, index, sums, relative, residual, rho)


def _sums(design: Floats, values: Floats, weight: Floats) -> _Sums:
    count = float(weight.sum())
    columns, reading = design @ weight / count, float(values @ weight) / count
    centred, off = design - columns[:, None], values - reading
    gram = (centred * weight) @ centred.T
    return _Sums(gram, (centred * weight) @ off, float(weight @ off**2), columns, reading, count)


def trust(values: Floats) -> Floats:
    """Weight of each reading: 1, falling for single readings far off their neighbours (a bad evaluation)."""
    if len(values) < 5:
        return np.ones(len(values))
    off = np.zeros(len(values))
    off[1:-1] = values[1:-1] - np.median(np.stack((values[:-2], values[1:-1], values[2:])), axis=0)
    off[-1] = values[-1] - np.median(values[-4:-1])
    typical = 1.4826 * float(np.median(np.abs(np.diff(values)))) + 1e-9
    return np.minimum(1.0, (5.0 * typical / np.maximum(np.abs(off), 1e-12)) ** 2)


def _columns(columns: Basis) -> np.ndarray:
    fall, noise, rise = _combinations()
    d, n = len(columns.falls), len(columns.noises)
    return np.stack((fall, d + noise, d + n + rise), axis=1)


_Posterior = tuple[Floats, Floats, Floats, Floats, float]


def _posterior(sums: _Sums, index: np.ndarray, kept: float) -> _Posterior:
    """Closed-form posterior of every combination: mean, unit covariance, noise variance, log evidence, freedom.

    kept : share of the readings that correlation leaves
    The intercept has a flat prior and is integrated out; three by three systems are inverted by cofactors.
    """
    precision = _PRIOR_SD**-2.0
    lam = kept * sums.gram[index[:, :, None], index[:, None, :]]
    lam[:, (0, 1, 2), (0, 1, 2)] += precision
    right = kept * sums.moment[index] + precision * _PRIOR_MEAN
    cov, determinant = _inverse(lam)
    mean = np.einsum("gij,gj->gi", cov, right)
    a = _A0 + kept * max(sums.count - 1.0, 1.0) / 2.0
    explained = np.einsum("gi,gi->g", mean, right)
    b = _B0 + 0.5 * np.maximum(kept * sums.square + float(precision @ _PRIOR_MEAN**2) - explained, 1e-9)
    return mean, cov, b / a, -0.5 * np.log(determinant) - a * np.log(b), 2.0 * a


def _inverse(lam: Floats) -> tuple[Floats, Floats]:
    """Inverses and determinants of symmetric positive 3 x 3 matrices, shape (n, 3, 3)."""
    a, b, c, d, e, f = lam[:, 0, 0], lam[:, 0, 1], lam[:, 0, 2], lam[:, 1, 1], lam[:, 1, 2], lam[:, 2, 2]
    rows = np.array([
        [d * f - e * e, c * e - b * f, b * e - c * d],
        [c * e - b * f, a * f - c * c, b * c - a * e],
        [b * e - c * d, b * c - a * e, a * d - b * b],
    ])  # fmt: skip
    determinant = np.maximum(a * rows[0, 0] + b * rows[0, 1] + c * rows[0, 2], 1e-30)
    return np.moveaxis(rows, 2, 0) / determinant[:, None, None], determinant


def _correlation(residual: Floats) -> float:
    """Lag-1 correlation, shrunk towards 0.15 with the weight of eight readings, corrected for the fitted terms."""
    n = len(residual)
    power = float(residual @ residual)
    raw = float(residual[1:] @ residual[:-1]) / power if power > 0 else 0.0
    return float(np.clip((n * (raw + 2.0 / n) + 8 * 0.15) / (n + 8), 0.0, 0.85))


def _shares(evidence: Floats, index: np.ndarray) -> Floats:
    risen = index[:, 2] != index[:, 2].min()
    prior = np.where(risen, _PRIOR_RISE / risen.sum(), (1 - _PRIOR_RISE) / (~risen).sum())
    share = np.exp(evidence - evidence.max()) * prior
    return np.asarray(share / share.sum())


@lru_cache(maxsize=1)
def _fixed_draws() -> tuple[Floats, Floats]:
    """The same spread-out normals and uniforms for every curve, so that an answer never depends on luck."""
    rng = np.random.default_rng(20260101)
    return rng.standard_normal((_DRAWS, 4)), rng.uniform(size=_DRAWS)


def _draw(
    posterior: _Posterior,
    share: Floats,
    index: np.ndarray,
    sums: _Sums,
    relative: Floats,
    residual: Floats,
    rho: float,
) -> CurveLaw:
    from scipy.special import gammaincinv

    mean, cov, scale, _, freedom = posterior
    normal, uniform = _fixed_draws()
    chosen = np.minimum(np.searchsorted(np.cumsum(share), (np.arange(_DRAWS) + 0.5) / _DRAWS), len(share) - 1)
    spread = np.sqrt(scale[chosen] * freedom / (2.0 * gammaincinv(freedom / 2.0, uniform)))
    root = np.linalg.cholesky(cov[chosen] + 1e-9 * np.eye(3))
    slopes = mean[chosen] + spread[:, None] * np.einsum("gij,gj->gi", root, normal[:, 1:])
    fall, noise, rise = (part[chosen] for part in _combinations())
    slopes[:, 2] = np.where(rise == 0, 0.0, slopes[:, 2])
    kept = (1.0 - rho) / (1.0 + rho)
    level = sums.reading - np.einsum("gi,gi->g", slopes, sums.columns[index[chosen]])
    level += spread * normal[:, 0] / np.sqrt(kept * sums.count)
    fits = (slopes[:, 0] > 0) & (slopes[:, 1] > 0) & ((slopes[:, 2] > 0) | (rise == 0))
    weights = np.where(fits, 1.0, 1e-4)
    risen = float(share[_combinations()[2] != 0].sum())
    noise_sd = float(np.sqrt(residual @ residual / max(len(residual) - 3.0, 1.0)))
    coefficients = np.column_stack((level, slopes))
    return CurveLaw(fall, noise, rise, coefficients, weights / weights.sum(), relative, noise_sd, rho, risen)
