"""How many more runs would decide, and how likely they are to.

Law: the chance to adopt never falls as the true gain grows; with no runs yet it is the usual power of the test.
"""

from __future__ import annotations

import math

from scipy.special import ndtr, stdtrit

_MOST = 1000


def chance_to_adopt(
    gain: float,
    noise_sd: float,
    alpha: float,
    more: int,
    *,
    now: float = 0.0,
    runs: int = 0,
    noise_df: float = math.inf,
) -> float:
    """P(the final test passes) with `more` further runs per arm.

    gain     : the true gain to assume, in the metric's unit
    noise_sd : SD of one run
    alpha    : one-sided level of the final test
    now      : gain measured so far, on `runs` runs per arm; both 0 before the first run
    noise_df : degrees of freedom of `noise_sd` that do not come from these arms
    """
    total = runs + more
    if total < 2 or more < 1 or not noise_sd > 0:
        return 0.0
    df = 2.0 * total - 2.0 + (0.0 if math.isinf(noise_df) else max(0.0, noise_df - max(0, 2 * runs - 2)))
    bar = float(stdtrit(df, 1 - alpha)) * noise_sd * math.sqrt(2.0 / total)
    mean = (runs * now + more * gain) / total
    sd = more / total * noise_sd * math.sqrt(2.0 / more)
    return float(ndtr((mean - bar) / sd))


def runs_needed(
    gain: float,
    noise_sd: float,
    alpha: float,
    power: float,
    *,
    now: float = 0.0,
    runs: int = 0,
    noise_df: float = math.inf,
    least: int = 1,
) -> int | None:
    """Smallest number of further runs per arm that adopts a gain of this size with `power`; None above 1,000."""
    if not gain > 0 or not noise_sd > 0:
        return None
    low = max(1, least)
    for more in _ladder(low):
        if chance_to_adopt(gain, noise_sd, alpha, more, now=now, runs=runs, noise_df=noise_df) >= power:
            return more
    return None


def _ladder(low: int) -> list[int]:
    return [more for more in [*range(low, 60), *range(60, 200, 5), *range(200, _MOST + 1, 25)] if more >= low]
