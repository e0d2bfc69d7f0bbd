"""Scrambled Halton points: quasi-random, for any number of points, and extended without moving the old ones.

One seed stands for `SCRAMBLES` scramblings, of which the one that fills the cube most evenly with
few points is taken: with 8 to 32 points in many dimensions a single scrambling is often no better
than chance. The choice depends on the seed and the dimension alone, never on how many
points are asked for, so n points and then m more are the n + m points asked for at once.

Sources: Halton (1960); Owen (2017), "A randomized Halton algorithm in R"; Hickernell (1998) for the
centred discrepancy and its mean over random designs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCRAMBLES = 32
# Sizes at which a scrambling is judged; from 32 points on, every scrambling is far better than chance.
_JUDGED = (8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 24, 32)


def halton_points(dimension: int, count: int, *, seed: int, start: int = 0) -> Floats:
    """Points `start` to `start + count` of the sequence.

    Returns an array, shape (count, dimension), in [0, 1). The same seed and dimension give the
    same sequence whatever is asked for first.
    """
    if dimension == 0:
        return np.zeros((count, 0))
    return _sequence(dimension, _best_scrambling(dimension, seed), start, count)


@lru_cache(maxsize=256)
def _best_scrambling(dimension: int, seed: int) -> tuple[int, int]:
    scramblings = [(seed, number) for number in range(SCRAMBLES)]
    return min(scramblings, key=lambda scrambling: _worst_unevenness(dimension, scrambling))


def _worst_unevenness(dimension: int, scrambling: tuple[int, int]) -> float:
    points = _sequence(dimension, scrambling, 0, max(_JUDGED))
    return max(unevenness(points[:count]) for count in _JUDGED)


def unevenness(points: Floats) -> float:
    """Squared centred L2 discrepancy over its mean for independent uniform points; 1 is chance, 0 is perfect."""
    from scipy.stats import qmc

    count, dimension = points.shape
    by_chance: float = ((5 / 4) ** dimension - (13 / 12) ** dimension) / count
    return float(qmc.discrepancy(points, method="CD")) / by_chance


def _sequence(dimension: int, scrambling: tuple[int, int], start: int, count: int) -> Floats:
    from scipy.stats import qmc

    # `seed` is the name every SciPy from 1.11 on understands; it takes a generator.
    sequence = qmc.Halton(dimension, scramble=True, seed=np.random.default_rng(scrambling))
    # Not `fast_forward`, which draws and drops the points in between: what a point is depends on its number alone.
    sequence.num_generated = start
    points: Floats = np.asarray(sequence.random(count), dtype=np.float64)
    return points
