"""What a fitted curve law says of the curve's end: its rise over the best, and its end under another length.

Every number is a posterior over noiseless curves, so reading noise does not bias it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playnote.stats.curve_fit import CurveFit
from playnote.stats.curve_law import CurveLaw
from playnote.stats.departure import end_contrast
from playnote.stats.probability import recalibrated
from playnote.stats.readings import Floats
from playnote.stats.two_lengths import LengthContrast, narrowed, overriding

LONGER, SHORTER = 1.5, 0.5


@dataclass(frozen=True, slots=True)
class EndPosterior:
    """An amount in the curve's scale.

    p         : float, None           calibrated probability of the event asked for
    raw       : float, None           the posterior's own, before calibration
    quantiles : (float, float, float) 5 %, 50 % and 95 %
    best_time : float                 relative time of the likeliest best
    """

    p: float | None
    quantiles: tuple[float, float, float]
    best_time: float = 1.0
    raw: float | None = None


_RISE = (-0.13, 0.68)
_LONGER = (-0.39, 0.70)
_SHORTER = (-0.39, 0.66)
"""Intercept and slope that turn the posterior's probability into the share of made-up curves in which the event
held; written by `python -m playnote.testing.recalibrate`, which states its seeds and shares."""


def rise_posterior(fit: CurveFit, effect: float | None) -> EndPosterior:
    """Noiseless end minus noiseless best at the readings; the event is "at least `effect`" (in the curve's scale).

    The curve is the law and a smooth departure from it, so a rise that the law has no shape for is still seen. The
    event's probability is the largest over the times the best may lie at: a lower bound of it, put right by calibration.
    """
    time = fit.even.time
    contrast = end_contrast(fit.departure, np.append(time, 1.0), fit.along)
    best = int(np.argmax(contrast.shares @ contrast.middle))
    low, middle, high = (max(contrast.quantile(best, share), 0.0) for share in (0.05, 0.5, 0.95))
    raw = None if effect is None else float(np.max(contrast.above(effect)))
    return EndPosterior(_put_right(raw, _RISE), (low, middle, high), float(time[best]), raw)


def longer_posterior(law: CurveLaw, effect: float | None, others: Sequence[LengthContrast] = ()) -> EndPosterior:
    """Noiseless end of this run minus that of the same schedule over 1.5 x steps; the event is "at least `effect`".

    others : what runs of other lengths showed; they narrow the law, and override it where it does not fit them
    """
    seen = overriding(law, others, LONGER)
    if seen is not None:
        return seen_longer(seen, effect)
    weights = narrowed(law, others)
    gain = law.at(np.array([1.0]))[:, 0] - law.at(np.array([LONGER]), LONGER)[:, 0]
    raw = None if effect is None else _chance(weights, gain >= effect)
    return EndPosterior(_put_right(raw, _LONGER), _quantiles(gain, weights), raw=raw)


def shorter_posterior(law: CurveLaw, effect: float | None, others: Sequence[LengthContrast] = ()) -> EndPosterior:
    """Noiseless end over 0.5 x steps minus that of this run; the event is "below half of `effect`".

    others : as in `longer_posterior`
    """
    seen = overriding(law, others, SHORTER)
    if seen is not None:
        return seen_shorter(seen, effect)
    weights = narrowed(law, others)
    loss = law.at(np.array([SHORTER]), SHORTER)[:, 0] - law.at(np.array([1.0]))[:, 0]
    raw = None if effect is None else _chance(weights, loss < effect / 2.0)
    return EndPosterior(_put_right(raw, _SHORTER), _quantiles(loss, weights), raw=raw)


def seen_longer(seen: LengthContrast, effect: float | None) -> EndPosterior:
    """As `longer_posterior`, from a run of 1.5 x steps alone: no law, no schedule."""
    low, middle, high = (-seen.quantile(share) for share in (0.95, 0.5, 0.05))
    return EndPosterior(None if effect is None else seen.below(-effect), (low, middle, high))


def seen_shorter(seen: LengthContrast, effect: float | None) -> EndPosterior:
    """As `shorter_posterior`, from a run of 0.5 x steps alone."""
    low, middle, high = (seen.quantile(share) for share in (0.05, 0.5, 0.95))
    return EndPosterior(None if effect is None else seen.below(effect / 2.0), (low, middle, high))


def _put_right(raw: float | None, weights: tuple[float, float]) -> float | None:
    return None if raw is None else recalibrated(raw, *weights)


def _chance(weights: Floats, holds: NDArray[np.bool_]) -> float:
    return float(np.clip(weights @ holds, 0.0, 1.0))


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(below, (0.05, 0.5, 0.95)), len(values) - 1)
    low, middle, high = values[order][at]
    return float(low), float(middle), float(high)
