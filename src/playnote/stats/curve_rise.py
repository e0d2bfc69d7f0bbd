"""What a fitted curve law says of the curve's end: its rise over the best, and its end under another length.

Every number is a posterior over noiseless curves, so reading noise does not bias it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playnote.stats.curve_law import CurveLaw
from playnote.stats.probability import recalibrated
from playnote.stats.readings import Floats, Readings

_LOOKED_AT = np.linspace(0.0, 1.0, 81)[1:]


@dataclass(frozen=True, slots=True)
class EndPosterior:
    """An amount in the curve's scale.

    p         : float, None           calibrated probability of the event asked for
    quantiles : (float, float, float) 5 %, 50 % and 95 %
    best_time : float                 relative time of the likeliest best
    """

    p: float | None
    quantiles: tuple[float, float, float]
    best_time: float = 1.0


_RISE = (1.70, 1.14)
_LONGER = (0.02, 0.65)
_SHORTER = (0.70, 0.71)
"""Intercept and slope that turn the posterior's probability into the share of made-up curves in which the event
held: 3,000 curves of four families under six schedules, reweighted so that the event holds in a fifth (rise), a
half (longer) or a third (shorter) of them."""


def rise_posterior(curve: Readings, law: CurveLaw, effect: float | None) -> EndPosterior:
    """Noiseless end minus noiseless best after the first reading; the event is "at least `effect`"."""
    time = _LOOKED_AT[min(curve.time[0], 0.9) <= _LOOKED_AT]
    curves = law.at(time)
    rise = curves[:, -1] - curves.min(axis=1)
    middle = law.weights @ curves
    best = float(time[int(np.argmin(middle))])
    p = None if effect is None else recalibrated(_chance(law, (rise >= effect)), *_RISE)
    return EndPosterior(p, _quantiles(rise, law.weights), best)


def longer_posterior(law: CurveLaw, effect: float | None) -> EndPosterior:
    """Noiseless end of this run minus that of the same schedule over 1.5 x steps; the event is "at least `effect`"."""
    gain = law.at(np.array([1.0]))[:, 0] - law.at(np.array([1.5]), 1.5)[:, 0]
    p = None if effect is None else recalibrated(_chance(law, (gain >= effect)), *_LONGER)
    return EndPosterior(p, _quantiles(gain, law.weights))


def shorter_posterior(law: CurveLaw, effect: float | None) -> EndPosterior:
    """Noiseless end over 0.5 x steps minus that of this run; the event is "below half of `effect`"."""
    loss = law.at(np.array([0.5]), 0.5)[:, 0] - law.at(np.array([1.0]))[:, 0]
    p = None if effect is None else recalibrated(_chance(law, (loss < effect / 2.0)), *_SHORTER)
    return EndPosterior(p, _quantiles(loss, law.weights))


def _chance(law: CurveLaw, holds: NDArray[np.bool_]) -> float:
    return float(np.clip(law.weights @ holds, 0.0, 1.0))


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(below, (0.05, 0.5, 0.95)), len(values) - 1)
    low, middle, high = values[order][at]
    return float(low), float(middle), float(high)
