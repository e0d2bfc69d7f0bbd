"""A curve as a law plus a smooth departure from it plus correlated noise: what the readings say where the law is wrong.

    y(t) = m(t) + level + slope t + g(t) + noise,   noise first-order autoregressive

m is a fitted law or zero, g a Gaussian process (Matern 5/2) whose size is counted in noise SDs. Sizes, lengths,
correlations and the two m are averaged by evidence; level and slope have wide priors, the noise variance is integrated
out. A law that misses a bump, a kink or a rise therefore costs width and not bias, and a trend the law misses is not
read as noise. Kennedy & O'Hagan 2001 (a discrepancy beside a model); Rasmussen & Williams 2006, ch. 2 and 5.

Law: adding a straight line to the readings changes neither the noise nor how a curve departs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from playnote.stats.noise_level import NoisePosterior
from playnote.stats.readings import Floats

_SIZES = (0.5, 1.5, 5.0, 15.0, 50.0, 200.0, 1000.0)
_SIZE_DECAY = 0.6
_LENGTHS = np.array([0.1, 0.3, 1.0])
_RHOS = (0.0, 0.3, 0.6)
_RHO_PRIOR = (0.5, 0.25, 0.25)
_NO_DEPARTURE = 0.35
_LAW_HOLDS = 0.7
_WIDE = 1e4
_APART = 3.0
"""A departure shorter than this many gaps between readings cannot be told from noise, and is left to the noise."""
_FLOOR = 0.3
"""The prior of the noise SD is worth two readings with this share of what second differences show: without it a
departure could run through every reading of a short curve."""
_KEEP = 0.005
"""Combinations below this posterior share are left out of a curve's posterior (not of the noise's)."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Every combination: index of its correlation, size in noise SDs, index of its length, log prior."""

    rho: np.ndarray
    size: Floats
    length: np.ndarray
    prior: Floats


@lru_cache(maxsize=1)
def _grid() -> _Grid:
    decay = _SIZE_DECAY ** np.arange(len(_SIZES))
    shares = (1.0 - _NO_DEPARTURE) * decay / decay.sum() / len(_LENGTHS)
    rows = [(r, 0.0, 0, p * _NO_DEPARTURE) for r, p in enumerate(_RHO_PRIOR)]
    rows += [
        (r, size, k, p * float(share))
        for r, p in enumerate(_RHO_PRIOR)
        for size, share in zip(_SIZES, shares, strict=True)
        for k in range(len(_LENGTHS))
    ]
    rho, size, length, prior = zip(*rows, strict=True)
    return _Grid(np.array(rho), np.array(size), np.array(length), np.log(np.array(prior)))


@dataclass(frozen=True, slots=True)
class Departure:
    """Posterior of a curve and its noise.

    time   : array, shape (n,)                of the readings, in units of the run
    shares : array, shape (combinations, 2)   posterior of each combination with the law and without
    squares: array, shape (combinations, 2)   sums of squares in units of the noise variance
    freedom: float                            degrees of freedom
    roots  : array, shape (combinations, n, n) Cholesky roots of the readings' covariance, in noise variances
    white  : array, shape (combinations, n, 2) whitened readings
    """

    time: Floats
    shares: Floats
    squares: Floats
    freedom: float
    roots: Floats
    white: Floats

    @property
    def noise(self) -> NoisePosterior:
        """Posterior of the noise SD."""
        return NoisePosterior(self.shares.ravel(), self.squares.ravel(), self.freedom)


def fit_departure(time: Floats, values: Floats, law: Floats, trust: Floats | None = None) -> Departure:
    """Posterior of a curve around a law.

    time, values, law : arrays, shape (n,), n >= 3  increasing times in units of the run, readings, fitted law at them
    trust             : array, shape (n,)           weight of each reading in (0, 1]: its noise variance is 1 / weight
    Costs about n^3 multiplications a combination: 3 ms at n = 80.
    """
    grid, n = _grid(), len(time)
    around = np.stack((values - law, values), axis=1)
    lags = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    noise = np.stack([np.where(lags == 0, 1.0, rho**lags) for rho in _RHOS])
    if trust is not None:
        noise = noise / np.sqrt(np.outer(trust, trust))
    covariance = noise[grid.rho] + _smooth(time, time)
    roots = np.linalg.cholesky(covariance)
    white = np.linalg.solve(roots, np.broadcast_to(around, (len(roots), n, 2)))
    squares = np.sum(white**2, axis=1) + 2.0 * (_FLOOR * _rough(values)) ** 2 + 1e-12
    freedom = n + 2.0
    evidence = grid.prior[:, None] + np.log([_LAW_HOLDS, 1.0 - _LAW_HOLDS]) - freedom / 2.0 * np.log(squares)
    evidence -= np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)[:, None]
    evidence[(grid.size > 0) & (_LENGTHS[grid.length] < _APART * float(np.median(np.diff(time))))] -= 30.0
    shares = np.exp(evidence - evidence.max())
    return Departure(time, shares / shares.sum(), squares, freedom, roots, white)


def _smooth(at: Floats, other: Floats) -> Floats:
    """Covariance of level, slope and departure, shape (combinations, len(at), len(other)), in noise variances."""
    grid = _grid()
    x = np.sqrt(5.0) * np.abs(np.subtract.outer(at, other)) / _LENGTHS[:, None, None]
    kernel = (1.0 + x + x * x / 3.0) * np.exp(-x)
    line = _WIDE**2 * (1.0 + np.outer(at - 0.5, other - 0.5))
    return np.asarray((grid.size**2)[:, None, None] * kernel[grid.length] + line)


def _rough(values: Floats) -> float:
    """Noise SD from second differences, blind to trend; robust from eight readings on."""
    if len(values) < 5:
        return float(np.std(values)) / 2.0
    second = values[2:] - 2.0 * values[1:-1] + values[:-2]
    if len(values) < 8:
        return float(np.sqrt(np.mean(second**2) / 6.0))
    return 1.4826 * float(np.median(np.abs(second))) / float(np.sqrt(6.0))


@dataclass(frozen=True, slots=True)
class EndContrast:
    """Noiseless end minus noiseless curve at each of some times: a mixture of Student t.

    shares : array, shape (pieces,)
    middle : array, shape (pieces, times)
    spread : array, shape (pieces, times)
    freedom: float
    """

    shares: Floats
    middle: Floats
    spread: Floats
    freedom: float

    def above(self, amount: float) -> Floats:
        """P(end - curve >= amount) at each time."""
        from scipy.special import stdtr

        return np.asarray(self.shares @ stdtr(self.freedom, (self.middle - amount) / self.spread))

    def quantile(self, index: int, share: float) -> float:
        """Quantile of the difference at one of the times, by bisection."""
        from scipy.special import stdtr

        reach = 60.0 * float(self.spread[:, index].max())
        low, high = float(self.middle[:, index].min()) - reach, float(self.middle[:, index].max()) + reach
        for _ in range(60):
            half = (low + high) / 2.0
            below = float(self.shares @ stdtr(self.freedom, (half - self.middle[:, index]) / self.spread[:, index]))
            low, high = (half, high) if below < share else (low, half)
        return (low + high) / 2.0


def end_contrast(found: Departure, at: Floats, law: Floats) -> EndContrast:
    """Posterior of the curve's value at the last of the times minus that at each of the others.

    at, law : arrays, shape (k,)  times in units of the run, and the fitted law at them
    """
    pieces = list(_pieces(found, at, law))
    weight = np.array([share for share, _, _ in pieces])
    middle = np.array([mean[-1] - mean[:-1] for _, mean, _ in pieces])
    variance = np.array([left[-1, -1] + np.diag(left)[:-1] - 2.0 * left[-1, :-1] for _, _, left in pieces])
    return EndContrast(weight / weight.sum(), middle, np.sqrt(np.maximum(variance, 1e-18)), found.freedom)


def value_at(found: Departure, time: float, law: float) -> tuple[float, float]:
    """Mean and SD of the noiseless curve at one time; `law` is the fitted law there."""
    pieces = list(_pieces(found, np.array([time]), np.array([law])))
    weight = np.array([share for share, _, _ in pieces])
    middle = np.array([mean[0] for _, mean, _ in pieces])
    variance = np.array([left[0, 0] for _, _, left in pieces]) * found.freedom / (found.freedom - 2.0)
    centre = float(weight @ middle / weight.sum())
    return centre, float(np.sqrt(weight @ (variance + (middle - centre) ** 2) / weight.sum()))


def _pieces(found: Departure, at: Floats, law: Floats) -> Iterator[tuple[float, Floats, Floats]]:
    """Share, mean and squared scale of the curve at some times, for every combination that matters."""
    cross, own = _smooth(at, found.time), _smooth(at, at)
    centres = (law, np.zeros_like(law))
    for piece, kind in zip(*np.nonzero(found.shares > _KEEP), strict=True):
        gain = np.linalg.solve(found.roots[piece], cross[piece].T)
        left = own[piece] - gain.T @ gain + 1e-9 * np.eye(len(at))
        mean = gain.T @ found.white[piece][:, kind] + centres[kind]
        yield float(found.shares[piece, kind]), mean, left * found.squares[piece, kind] / found.freedom
