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
from playnote.stats.schedule import Walk, walk

_POWERS = tuple((a, s0) for a in (0.2, 0.5, 1.0, 2.0) for s0 in (0.003, 0.02, 0.1))
_TAUS = (0.01, 0.03, 0.08, 0.2, 0.5, 1.2, 4.0)
_STRETCHED = tuple((tau, b) for tau in (0.02, 0.1, 0.4, 1.5) for b in (0.5, 0.75))
_PAIRS = ((0.02, 0.3), (0.02, 1.0), (0.08, 0.6), (0.08, 2.0), (0.02, 4.0))
_FAST_SHARE = (0.5, 0.8)
_ONSETS = (0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_BENDS = (0.5, 1.0, 2.0)
_DRAWS = 400
_KEPT = 80


def falls(path: Floats) -> Floats:
    """Every shape of D, shape (shapes, *path.shape): 1 at path 0, falling, 0 at infinity."""
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
    n, h = 4, 1 + len(_ONSETS) * len(_BENDS)
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


_PRIOR_MEAN = np.array([0.0, 2.0, 0.5, 0.0])
_PRIOR_SD = np.array([30.0, 6.0, 1.5, 2.0])
_PRIOR_RISE = 0.4
_A0, _B0 = 1.0, 0.01


def fit_law(curve: Readings, relative: Floats, rise_sd: float = 2.0) -> CurveLaw:
    """Posterior of the law for one curve under one schedule.

    curve    : the dev readings as error, at least four
    relative : array, shape (GRID + 1,)  learning rate / peak over the run
    rise_sd  : float                     prior SD of the rise, in the curve's scale
    """
    columns = basis(curve.time, walk(relative))
    design = np.concatenate((np.ones((1, len(curve))), columns.falls, columns.noises, columns.rises))
    gram, moment = design @ design.T, design @ curve.values
    index = _columns(columns)
    prior_sd = _PRIOR_SD.copy()
    prior_sd[3] = rise_sd
    weight = _trust(curve.values)
    gram, moment = (design * weight) @ design.T, (design * weight) @ curve.values
    square = float(np.sum(weight * curve.values**2))
    first = _posterior(gram, moment, square, float(weight.sum()), index, prior_sd)
    best = int(np.argmax(first[3]))
    residual = curve.values - first[0][best] @ design[index[best]]
    rho = _correlation(residual)
    kept = (1.0 - rho) / (1.0 + rho)
    mean, cov, scale, evidence, freedom = _posterior(
        gram * kept, moment * kept, square * kept, float(weight.sum()) * kept, index, prior_sd
    )
    share = _shares(evidence, index)
    return _draw(mean, cov, scale, freedom, share, relative, residual, rho)


def _trust(values: Floats) -> Floats:
    """Weight of each reading: 1, falling for single readings far off both neighbours (a bad evaluation)."""
    if len(values) < 5:
        return np.ones(len(values))
    off = np.zeros(len(values))
    off[1:-1] = values[1:-1] - np.median(np.stack((values[:-2], values[1:-1], values[2:])), axis=0)
    typical = 1.4826 * float(np.median(np.abs(np.diff(values)))) + 1e-9
    return np.minimum(1.0, (5.0 * typical / np.maximum(np.abs(off), 1e-12)) ** 2)


def _columns(columns: Basis) -> np.ndarray:
    fall, noise, rise = _combinations()
    d, n = len(columns.falls), len(columns.noises)
    return np.stack((np.zeros_like(fall), 1 + fall, 1 + d + noise, 1 + d + n + rise), axis=1)


def _posterior(
    gram: Floats, moment: Floats, square: float, count: float, index: np.ndarray, prior_sd: Floats
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Closed-form posterior of every combination: mean, unit covariance, noise scale, log evidence, freedom."""
    precision = np.diag(prior_sd**-2.0)
    lam = gram[index[:, :, None], index[:, None, :]] + precision
    right = moment[index] + precision @ _PRIOR_MEAN
    cov = np.linalg.inv(lam)
    mean = np.einsum("gij,gj->gi", cov, right)
    a = _A0 + count / 2.0
    prior_square = float(_PRIOR_MEAN @ precision @ _PRIOR_MEAN)
    b = _B0 + 0.5 * np.maximum(square + prior_square - np.einsum("gi,gi->g", mean, right), 1e-9)
    evidence = -0.5 * np.linalg.slogdet(lam)[1] - a * np.log(b)
    return mean, cov, b / a, evidence, 2.0 * a


def _correlation(residual: Floats) -> float:
    """Lag-1 correlation, shrunk towards 0.15 with the weight of eight readings, corrected for the fitted terms."""
    n = len(residual)
    power = float(residual @ residual)
    raw = float(residual[1:] @ residual[:-1]) / power if power > 0 else 0.0
    return float(np.clip((n * (raw + 2.0 / n) + 8 * 0.15) / (n + 8), 0.0, 0.85))


def _shares(evidence: Floats, index: np.ndarray) -> Floats:
    risen = index[:, 3] != index[:, 3].min()
    prior = np.where(risen, _PRIOR_RISE / risen.sum(), (1 - _PRIOR_RISE) / (~risen).sum())
    share = np.exp(evidence - evidence.max()) * prior
    return np.asarray(share / share.sum())


@lru_cache(maxsize=1)
def _fixed_draws() -> tuple[Floats, Floats]:
    """The same spread-out normals and gammas for every curve, so that an answer never depends on luck."""
    rng = np.random.default_rng(20260101)
    return rng.standard_normal((_DRAWS, 4)), rng.uniform(size=_DRAWS)


def _draw(
    mean: Floats,
    cov: Floats,
    scale: Floats,
    freedom: float,
    share: Floats,
    relative: Floats,
    residual: Floats,
    rho: float,
) -> CurveLaw:
    from scipy.special import gammaincinv

    normal, uniform = _fixed_draws()
    chosen = np.searchsorted(np.cumsum(share), (np.arange(_DRAWS) + 0.5) / _DRAWS)
    chosen = np.minimum(chosen, len(share) - 1)
    spread = np.sqrt(scale[chosen] * freedom / (2.0 * gammaincinv(freedom / 2.0, uniform)))
    root = np.linalg.cholesky(cov[chosen] + 1e-12 * np.eye(4))
    coefficients = mean[chosen] + spread[:, None] * np.einsum("gij,gj->gi", root, normal)
    fall, noise, rise = (part[chosen] for part in _combinations())
    fits = (coefficients[:, 1] > 0) & (coefficients[:, 2] > 0) & ((coefficients[:, 3] > 0) | (rise == 0))
    weights = np.where(fits, 1.0, 1e-4)
    risen = share[_combinations()[2] != 0].sum()
    dof = max(len(residual) - 3.0, 1.0)
    noise_sd = float(np.sqrt(residual @ residual / dof))
    coefficients[:, 3] = np.where(rise == 0, 0.0, coefficients[:, 3])
    return CurveLaw(fall, noise, rise, coefficients, weights / weights.sum(), relative, noise_sd, rho, float(risen))
