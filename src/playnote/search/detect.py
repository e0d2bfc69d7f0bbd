"""The smallest difference a planned round can see, before it is run.

Two scientific values are compared by the best of their n trials. Both have the same nuisance
points, so what is left between them is the luck of the winners' seeds. The luck of one winner is a
seed standard deviation where one point is clearly best, and less where several points tie, for then
lucky and unlucky ones stand in for one another; earlier trials of the same space tell how many tie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class SeedNoise:
    """Standard deviation between seeds of one configuration, in the score's unit, and its degrees of freedom."""

    sd: float
    df: float


@dataclass(frozen=True, slots=True)
class SmallestEffect:
    """The effect seen with the wanted power, and its interval from how well the seed noise is known.

    threshold     the difference from which on a comparison of this size speaks for one of the values
    search_known  whether earlier trials told how many points tie; without them the figure errs on the large side
                  where values prefer the same points, and says nothing of values that prefer different ones
    """

    effect: float
    threshold: float
    interval: tuple[float, float]
    level: float
    power: float
    alpha: float
    n: float
    search_known: bool


def smallest_effect(
    noise: SeedNoise,
    values: int,
    *,
    alpha: float,
    power: float,
    earlier: Floats | None = None,
    per_value: int | None = None,
    level: float = 0.9,
) -> SmallestEffect:
    """Smallest difference between two of `values` scientific values that a round sees with probability `power`.

    noise      seed noise, from repeats
    alpha      one-sided false-alarm rate over all comparisons with one value (Bonferroni)
    earlier    array, shape (m,)  scores of an earlier study of the same nuisance space, lower is better
    per_value  trials for each value; needed with `earlier`

    Grows in proportion to the noise, and with the number of values.
    """
    from scipy.stats import chi2, t

    unit = 1.0
    if earlier is not None and per_value and noise.sd > 0:
        unit = winner_luck(earlier, noise.sd, per_value, np.random.default_rng(0)) / noise.sd
    # Student's t: from a handful of repeats the noise is known to a factor of two, and normal quantiles raise twice
    # the false alarms they state.
    beyond, further = (float(t.ppf(q, noise.df)) for q in (1 - alpha / max(values - 1, 1), power))
    factor = (beyond + further) * math.sqrt(2) * unit
    tail = (1 - level) / 2
    low, high = (noise.sd * math.sqrt(noise.df / float(chi2.ppf(q, noise.df))) for q in (1 - tail, tail))
    return SmallestEffect(
        effect=factor * noise.sd,
        threshold=beyond * math.sqrt(2) * unit * noise.sd,
        interval=(factor * low, factor * high),
        level=level,
        power=power,
        alpha=alpha,
        n=noise.df,
        search_known=earlier is not None,
    )


def winner_luck(earlier: Floats, sd: float, count: int, rng: np.random.Generator) -> float:
    """Standard deviation, over seeds, of the best of `count` trials whose true scores spread like `earlier`.

    earlier : array, shape (m,)  observed scores, lower is better; their own seed noise is taken out of the spread
    """
    finite = earlier[np.isfinite(earlier)]
    if len(finite) < 3:
        return sd
    middle, spread = float(np.mean(finite)), float(np.var(finite, ddof=1))
    shrink = math.sqrt(max(spread - sd**2, 0.0) / spread) if spread > 0 else 0.0
    true = middle + shrink * (finite - middle)
    # The true scores stay as they are within one pair of studies: only the seeds are drawn again.
    lucks = []
    for _ in range(8):
        points = rng.choice(true, size=count, replace=count > len(true))
        best = (points + sd * rng.standard_normal((_DRAWS // 8, count))).min(axis=1)
        lucks.append(float(np.var(best, ddof=1)))
    return math.sqrt(float(np.mean(lucks)))


def coverage(count: int, share: float) -> float:
    """Probability that at least one of `count` independent points lies in the best `share` of the space."""
    return 1.0 - (1.0 - share) ** count
