"""Looking after every seed without fooling oneself: which p each look needs, so that all of them together err at alpha.

A planned maximum of n runs per arm, looks in between. Pocock (1977) asks the same p at every look; here it may rise a
little with the runs, level_k = c (k / n)^0.3, and no look is taken at two runs per arm: 1 to 2 points more power at the
same error and the same number of runs. c is found by simulating the two-sample t without a difference.

Law: each level is at most alpha, and a plan with one look spends all of alpha on it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import stdtr

from playnote.stats.t_mixture import Floats

FIRST_LOOK = 3
_RISE = 0.3
_PATHS = 20_000
_MOST_RUNS = 200
# c at alpha = 0.05 for looks at 3, 4, ..., n: mean of four simulations of 100,000 paths (50,000 above n = 20).
# fmt: off
_AFTER_EVERY_RUN: dict[int, float] = {
    4: 0.03456, 5: 0.02729, 6: 0.02345, 7: 0.02075, 8: 0.01918, 9: 0.01767, 10: 0.01674,
    11: 0.01567, 12: 0.01522, 13: 0.01465, 14: 0.01413, 15: 0.01343, 16: 0.01325, 17: 0.01277,
    18: 0.01243, 19: 0.01237, 20: 0.01193, 21: 0.01174, 22: 0.01161, 23: 0.01146, 24: 0.01122,
    25: 0.01097, 26: 0.01082, 27: 0.01038, 28: 0.01047, 29: 0.01041, 30: 0.01026, 31: 0.01018,
    32: 0.01012, 33: 0.01008, 34: 0.00973, 35: 0.00970, 36: 0.00981, 37: 0.00967, 38: 0.00975,
    39: 0.00943, 40: 0.00942,
}
# fmt: on


def look_level(looks: tuple[int, ...], runs: int, alpha: float = 0.05) -> float:
    """The one-sided p that the look at `runs` runs per arm needs; 0 where the plan has no look there.

    looks : planned numbers of runs per arm; those under 3 are not looked at
    """
    planned = tuple(sorted({look for look in looks if look >= FIRST_LOOK}))
    if runs not in planned:
        return 0.0
    if len(planned) == 1:
        return alpha
    rising: float = _constant(planned, alpha) * (runs / planned[-1]) ** _RISE
    return min(alpha, rising)


def every_run(most: int) -> tuple[int, ...]:
    """The plan that looks after every run, up to `most` per arm."""
    return tuple(range(2, most + 1))


def level_to_plan(most: int, alpha: float = 0.05) -> float:
    """About the level of the last of the looks after every run up to `most` per arm, without simulating: for prices.

    Beyond the table it falls as most^-0.34, its slope from 20 to 40 runs.
    """
    if most <= FIRST_LOOK:
        return alpha
    last = max(_AFTER_EVERY_RUN)
    known = _AFTER_EVERY_RUN[min(most, last)] * float((last / max(most, last)) ** 0.34)
    return known * min(alpha / 0.05, 1.0)


def _constant(planned: tuple[int, ...], alpha: float) -> float:
    last = planned[-1]
    if alpha == 0.05 and last in _AFTER_EVERY_RUN and planned == tuple(range(FIRST_LOOK, last + 1)):
        return _AFTER_EVERY_RUN[last]
    if last > _MOST_RUNS:
        return alpha / len(planned)
    return _simulated(planned, alpha)


@lru_cache(maxsize=256)
def _simulated(planned: tuple[int, ...], alpha: float) -> float:
    """c by simulation; the generator is fixed, so a plan always has the same levels."""
    rng = np.random.default_rng(20_251_107)
    smallest = np.full(_PATHS, np.inf)
    sums, squares, done = np.zeros((2, _PATHS)), np.zeros((2, _PATHS)), 0
    for look in planned:
        fresh = rng.standard_normal((2, _PATHS, look - done))
        sums, squares, done = sums + fresh.sum(axis=2), squares + (fresh**2).sum(axis=2), look
        needed = _tail(sums, squares, look) / (look / planned[-1]) ** _RISE
        smallest = np.minimum(smallest, needed)
    return float(np.quantile(smallest, alpha))


def _tail(sums: Floats, squares: Floats, n: int) -> Floats:
    """One-sided p of the pooled two-sample t, shape (paths,)."""
    within = (squares - sums**2 / n).sum(axis=0) / (2 * n - 2)
    return np.asarray(stdtr(2 * n - 2, -(sums[0] - sums[1]) / n / np.sqrt(2 * within / n)))
