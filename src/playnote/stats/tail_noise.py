"""Noise around a trend from a few correlated readings: the posterior of its standard deviation.

The readings are a smooth trend plus first-order autoregressive noise. For each
correlation on a grid the trend is integrated out under a flat prior and the noise
level has a scaled inverse chi-square posterior; correlations are averaged by evidence.
Law: adding a straight line to the readings changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.curve_law import CurveLaw
from playnote.stats.probability import from_log_odds, log_odds
from playnote.stats.readings import Floats, Readings

_RHO = np.array([-0.2, 0.0, 0.2, 0.4, 0.6, 0.75, 0.9])
_RHO_PRIOR = np.array([0.06, 0.30, 0.2, 0.16, 0.14, 0.09, 0.05])


@dataclass(frozen=True, slots=True)
class NoisePosterior:
    """Mixture of scaled inverse chi-squares for the noise variance.

    shares  : array, shape (k,)  posterior of each correlation
    squares : array, shape (k,)  sum of squares of each
    freedom : float              degrees of freedom
    """

    shares: Floats
    squares: Floats
    freedom: float

    def above(self, level: float) -> float:
        """P(noise SD >= level)."""
        from scipy.special import gammainc

        if level <= 0:
            return 1.0
        above = self.shares @ gammainc(self.freedom / 2.0, self.squares / (2.0 * max(level, 1e-100) ** 2))
        return float(np.minimum(above, 1.0))

    def quantile(self, share: float) -> float:
        """The noise SD below which `share` of the posterior lies."""
        low, high = -30.0, 30.0
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if 1.0 - self.above(float(np.exp(middle))) < share else (low, middle)
        return float(np.exp((low + high) / 2.0))


def noise_posterior(time: Floats, values: Floats, degree: int = 1) -> NoisePosterior | None:
    """Posterior of the noise SD around a polynomial trend.

    time, values : arrays, shape (n,)  increasing times; values in any unit
    Returns None when fewer than two degrees of freedom are left.
    """
    n = len(values)
    if n < degree + 3:
        return None
    u = (time - time.mean()) / max(float(np.ptp(time)), 1e-12)
    design = np.stack([u**k for k in range(degree + 1)], axis=1)
    parts = [_whitened(design, values, float(rho)) for rho in _RHO]
    freedom = float(n - degree - 1)
    squares = np.array([square for square, _ in parts])
    evidence = np.array([half for _, half in parts]) - freedom / 2.0 * np.log(squares) + np.log(_RHO_PRIOR)
    shares = np.exp(evidence - evidence.max())
    return NoisePosterior(shares / shares.sum(), squares, freedom)


def _whitened(design: Floats, values: Floats, rho: float) -> tuple[float, float]:
    """Sum of squares (in units of the stationary variance) and the evidence's other terms for one correlation."""
    keep = np.sqrt(1.0 - rho * rho)
    both = np.column_stack((design, values))
    white = np.vstack((both[:1], (both[1:] - rho * both[:-1]) / keep))
    x, y = white[:, :-1], white[:, -1]
    gram = x.T @ x
    fitted = np.linalg.solve(gram + 1e-12 * np.eye(len(gram)), x.T @ y)
    square = float(np.sum((y - x @ fitted) ** 2)) + 1e-18
    half = -0.5 * float(np.linalg.slogdet(gram + 1e-12 * np.eye(len(gram)))[1]) - (len(values) - 1) * float(
        np.log(keep)
    )
    return square, half


LAST = 0.75
"""The noise of a curve's end is that of its last quarter."""

_INTERCEPT, _TAIL, _HALF = -0.5, 0.34, 0.27


@dataclass(frozen=True, slots=True)
class TailNoise:
    """Noise SD of a curve's end, in the curve's scale: two views and their calibrated sum.

    tail     : NoisePosterior        last quarter around a straight line
    half     : NoisePosterior, None  last half around the curve's law: more readings, older noise
    readings : int                   readings in the last quarter
    """

    tail: NoisePosterior
    half: NoisePosterior | None
    readings: int

    def above(self, level: float) -> float:
        """Calibrated P(noise SD >= level); weights fitted on 3,000 made-up curves of which a third have it."""
        sure = log_odds(self.tail.above(level), _FLOOR)
        other = sure if self.half is None else log_odds(self.half.above(level), _FLOOR)
        return from_log_odds(_INTERCEPT + _TAIL * sure + _HALF * other)

    def quantile(self, share: float) -> float:
        """Posterior quantile of the noise SD in the last quarter."""
        return self.tail.quantile(share)


_FLOOR = 3e-3


def tail_noise(curve: Readings, law: CurveLaw | None = None) -> TailNoise | None:
    """Noise of the last quarter of a curve; None with fewer than four readings in it."""
    last = curve.time >= LAST - 1e-9
    tail = noise_posterior(curve.time[last], curve.values[last])
    if tail is None:
        return None
    half = None
    if law is not None:
        late = curve.time >= 0.5
        around = curve.values[late] - law.weights @ law.at(curve.time[late])
        half = noise_posterior(curve.time[late], around, degree=0)
    return TailNoise(tail, half, int(last.sum()))
