"""Noise of a curve's end from one evaluation to the next, around the law and whatever departs from it smoothly.

The readings of the last half are used: more of them than the last quarter holds, and noise hardly changes over a half.
Law: adding a straight line to the readings changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.curve_law import CurveLaw
from playnote.stats.departure import fit_departure
from playnote.stats.noise_level import NoisePosterior
from playnote.stats.probability import recalibrated
from playnote.stats.readings import Floats, Readings

LAST = 0.75
"""The noise of a curve's end is that of its last quarter."""

_LATE = 0.5
_MOST = 60
_NOISE = (0.89, 0.64)
"""Intercept and slope that turn the posterior's probability into the share of made-up curves in which the event held;
written by `python -m playnote.testing.recalibrate`."""


@dataclass(frozen=True, slots=True)
class TailNoise:
    """Noise SD of a curve's end, in the curve's scale.

    noise    : NoisePosterior  of the last half
    readings : int             readings in the last quarter
    """

    noise: NoisePosterior
    readings: int

    def above(self, level: float) -> float:
        """Calibrated P(noise SD >= level)."""
        return recalibrated(self.noise.above(level), *_NOISE)

    def quantile(self, share: float) -> float:
        """Posterior quantile of the noise SD."""
        return self.noise.quantile(share)


def tail_noise(curve: Readings, law: CurveLaw | None = None) -> TailNoise | None:
    """Noise of the end of a curve; None with fewer than four readings in its last quarter."""
    last = int(np.sum(curve.time >= LAST - 1e-9))
    noise = late_noise(curve, law) if last >= 4 else None
    return None if noise is None else TailNoise(noise, last)


def late_noise(curve: Readings, law: CurveLaw | None = None) -> NoisePosterior | None:
    """Posterior of the noise SD of one reading in the last half of a curve; None with fewer than five readings there."""
    time, values = _thinned(curve.time, curve.values)
    if len(time) < 5:
        return None
    return fit_departure(time, values, np.zeros_like(values) if law is None else law.weights @ law.at(time)).noise


def _thinned(time: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The last half, every k-th reading of it so that at most 60 remain: that leaves the SD of one reading as it is."""
    late = np.flatnonzero(time >= _LATE)
    kept = late[:: max(-(-len(late) // _MOST), 1)]
    return time[kept], values[kept]
