"""Readers who know more than any estimator may: what the curve verdicts could reach at best.

They know the family of the dynamics, the schedule, the overfitting rise, the noise and all shape numbers but
one (how fast the run learns); that speed, an offset and a scale they learn from the readings, from wide priors
around the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import erf, sqrt

import numpy as np

from playnote.testing.dynamics import Dynamics, Family, Quadratic
from playnote.testing.known import Floats

SPEEDS = 10.0 ** np.linspace(-0.6, 0.6, 13)
MEAN = np.array([0.0, 1.0])
PRIOR = np.diag([1.0, 4.0])


def learning_oracle(
    dynamics: Dynamics,
    factors_of: Callable[[float], Floats],
    at: Floats,
    readings: Floats,
    sd: Floats,
    gain: float,
    loss: float,
) -> tuple[float, float]:
    """P(1.5 times longer gains at least `gain`), P(half as long loses less than `loss`), in the dynamics alone.

    `readings`, `sd`: arrays, shape (n,), dev costs less the known rise, at ticks `at` (0-based).
    Weights of the speeds: evidence with offset ~ N(0, 1) and scale ~ N(1, 0.5^2), in closed form.
    """
    weights, longer, shorter = [], [], []
    for speed in SPEEDS:
        machine = _faster(dynamics, speed)
        base, long, short = (machine.run(factors_of(stretch)) for stretch in (1.0, 1.5, 0.5))
        design = np.column_stack([np.ones(len(at)), base[at]]) / sd[:, None]
        precision = design.T @ design + PRIOR
        seen = readings / sd - design @ MEAN
        moved = np.linalg.solve(precision, design.T @ seen)
        fitted = MEAN + moved
        evidence = float(seen @ seen - moved @ precision @ moved)
        weights.append(-0.5 * evidence - 0.5 * float(np.linalg.slogdet(precision)[1]))
        scale_sd = sqrt(float(np.linalg.inv(precision)[1, 1]))
        longer.append(_above(base[-1] - long[-1], fitted[1], scale_sd, gain))
        shorter.append(1.0 - _above(short[-1] - base[-1], fitted[1], scale_sd, loss))
    share = np.exp(np.array(weights) - max(weights))
    share /= share.sum()
    return float(share @ longer), float(share @ shorter)


def variance_oracle(residuals: Floats, rho: float, smallest: float) -> float:
    """P(noise SD >= smallest) from the true residuals of the tail, their correlation known, log SD flat."""
    from scipy.special import gammainc

    fresh = np.concatenate([residuals[:1], (residuals[1:] - rho * residuals[:-1]) / np.sqrt(1 - rho**2)])
    return float(gammainc(len(fresh) / 2, np.sum(fresh**2) / (2 * smallest**2)))


def rise_oracle(height: float, template: Floats, residuals: Floats, sd: Floats, rho: float, smallest: float) -> float:
    """P(end is worse than best by `smallest`) from the least-squares height of a rise of known shape.

    `template`, `residuals`, `sd`: arrays, shape (n,), at the readings; the template is 1 at the end.
    """
    weight = float(np.sum((template / sd) ** 2))
    seen = height + float(np.sum(template * residuals / sd**2)) / weight
    se = sqrt((1 + rho) / (1 - rho) / weight)
    return normal_cdf((seen - smallest) / se)


def normal_cdf(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


def _above(change: float, scale: float, scale_sd: float, limit: float) -> float:
    spread = abs(change) * scale_sd
    return normal_cdf((change * scale - limit) / spread) if spread > 0 else float(change * scale >= limit)


def _faster(dynamics: Dynamics, times: float) -> Dynamics:
    if isinstance(dynamics, Family):
        return replace(dynamics, speed=dynamics.speed * times)
    if isinstance(dynamics, Quadratic):
        # Rates above 1 would overshoot the steepest direction.
        return replace(dynamics, lr=min(dynamics.lr * times, 1.0))
    return dynamics
