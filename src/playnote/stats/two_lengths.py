"""Two runs of one configuration over different lengths: the difference of their ends, seen and not extrapolated.

A run of half the steps says what half the steps cost, whatever law the curve follows; only the noise of the two ends and
of the seed stands between. A run of any other length narrows the law instead: curves of its posterior that predict
another difference lose weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.stats.curve_fit import CurveFit
from playnote.stats.curve_law import CurveLaw
from playnote.stats.readings import Floats

_SAME = 0.06
"""Lengths that differ by less than this share of the run count as the length asked for."""

_LAW_OFF = 0.1
"""The law is trusted to predict a difference of ends within a tenth of it."""

_FAR = 3.0
_FEWEST_DRAWS = 30.0
_FREEDOM = 8.0


@dataclass(frozen=True, slots=True)
class LengthContrast:
    """The noiseless end of another run minus this run's end, in this curve's scale.

    ratio  : float  length of the other run / length of this one
    middle : float  the difference
    spread : float  its SD: both ends and the seed
    """

    ratio: float
    middle: float
    spread: float

    def below(self, amount: float) -> float:
        """P(difference <= amount), from a Student t with 8 degrees of freedom: the noise is estimated."""
        from scipy.special import stdtr

        return float(stdtr(_FREEDOM, (amount - self.middle) / max(self.spread, 1e-12)))

    def quantile(self, share: float) -> float:
        """The difference below which `share` of the posterior lies."""
        from scipy.special import stdtrit

        return self.middle + self.spread * float(stdtrit(_FREEDOM, share))


def length_contrast(run: CurveFit, other: CurveFit, seed_sd: float = 0.0) -> LengthContrast:
    """Compare the ends of two runs of one configuration; `seed_sd`: SD between its seeds, in the metric's unit."""
    (end, sd), (far, far_sd) = run.end, other.end
    unit, scale = other.curve.scale / run.curve.scale, run.curve.scale
    shift = other.curve.centre / scale - run.curve.centre / scale
    spread = float(np.sqrt(sd**2 + (unit * far_sd) ** 2 + 2.0 * (seed_sd / scale) ** 2))
    return LengthContrast(other.curve.total / run.curve.total, shift + unit * far - end, spread)


def nearest(others: Sequence[LengthContrast], ratio: float) -> LengthContrast | None:
    """The contrast with a run of just this length, if there is one."""
    close = [each for each in others if abs(each.ratio - ratio) <= _SAME]
    return min(close, key=lambda each: abs(each.ratio - ratio), default=None)


def overriding(law: CurveLaw, others: Sequence[LengthContrast], ratio: float) -> LengthContrast | None:
    """The contrast with a run of just this length, where the law's own curves do not come near it; else None."""
    seen = nearest(others, ratio)
    if seen is None:
        return None
    predicted = _predicted(law, seen.ratio)
    middle = float(law.weights @ predicted)
    spread = float(np.sqrt(law.weights @ (predicted - middle) ** 2))
    return seen if abs(middle - seen.middle) > _FAR * np.hypot(spread, seen.spread) else None


def _predicted(law: CurveLaw, ratio: float) -> Floats:
    """The difference of ends that each of the law's draws predicts, shape (draws,)."""
    return np.asarray(law.at(np.array([ratio]), ratio)[:, 0] - law.at(np.array([1.0]))[:, 0])


def narrowed(law: CurveLaw, others: Sequence[LengthContrast]) -> Floats:
    """Weights of the law's draws after what runs of other lengths showed, shape (draws,), summing to 1.

    The likelihood is softened until about 30 draws carry the weight: a law that is off must not hang on one curve.
    """
    weights = law.weights
    for seen in others:
        predicted = _predicted(law, seen.ratio)
        spread = float(np.hypot(seen.spread, _LAW_OFF * abs(seen.middle))) + 1e-9
        for _ in range(30):
            z = (predicted - seen.middle) / spread
            moved = weights * (1.0 + z * z / _FREEDOM) ** (-(_FREEDOM + 1.0) / 2.0)
            moved = moved / moved.sum()
            if 1.0 / float(np.sum(moved**2)) >= min(_FEWEST_DRAWS, 0.5 / float(np.sum(weights**2))):
                break
            spread *= 1.5
        weights = moved
    return weights
