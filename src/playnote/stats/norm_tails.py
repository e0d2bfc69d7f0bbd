"""Gradient norms: outliers beyond the ordinary heavy tail, and the quantile at which to clip.

Norms are near log-normal, so everything is judged on their logarithm against a running median.
"""

from __future__ import annotations

import numpy as np

from playnote.stats.readings import Floats

WINDOW = 51
"""Steps of the running median."""


def running_median(values: Floats, window: int = WINDOW) -> Floats:
    """Centred running median; near the ends the window is the nearest full one. values : array, shape (n,)."""
    n = len(values)
    if n == 0:
        return values.copy()
    width = min(window, n)
    views = np.lib.stride_tricks.sliding_window_view(values, width)
    middle = np.median(views, axis=1)
    at = np.clip(np.arange(n) - width // 2, 0, n - width)
    return np.asarray(middle[at])


def _centred_median(values: Floats) -> Floats:
    """Running median whose window shrinks towards the ends (to eleven), so that a steep start is not an outlier."""
    n = len(values)
    level = running_median(values)
    half = WINDOW // 2
    for i in range(min(half, n)):
        reach = max(5, i)
        level[i] = np.median(values[: i + reach + 1])
        level[n - 1 - i] = np.median(values[max(0, n - 1 - i - reach) :])
    return level


def outlier_strength(norms: Floats) -> tuple[Floats, Floats]:
    """How far each norm lies towards the outlier bar (1 is on it), and its ratio to the running median in logs.

    norms : array, shape (n,)  positive and finite, in step order
    The bar is the highest of 6 robust SDs, a factor of 4, and what the run's own upper tail, continued
    exponentially in log norm, reaches once in about thirty runs.
    """
    log = np.log(norms)
    excess = log - _centred_median(log)
    spread = 1.4826 * float(np.median(np.abs(excess)))
    upper, high = np.quantile(excess, [0.70, 0.90])
    tail = high + (high - upper) / np.log(3.0) * (np.log(max(0.1 * len(norms), 1.0)) + _TAIL_MARGIN)
    bar = max(6.0 * spread, float(np.log(4.0)), float(tail))
    return excess / bar, excess


_TAIL_MARGIN = 2.0


def effective_count(values: Floats, most_lag: int = 100) -> float:
    """Readings that carry as much as n correlated ones: n / (1 + 2 sum of the positive autocorrelations)."""
    n = len(values)
    if n < 3:
        return float(n)
    centred = values - values.mean()
    power = float(centred @ centred)
    if power <= 0:
        return float(n)
    total = 0.0
    for lag in range(1, min(most_lag, n - 1)):
        rho = float(centred[lag:] @ centred[:-lag]) / power
        if rho < 0.05:
            break
        total += rho
    return n / (1.0 + 2.0 * total)


def quantile_interval(values: Floats, share: float, z: float = 1.96) -> tuple[float, float, float]:
    """Quantile with an order-statistic interval for correlated readings: (value, low, high).

    The ranks are n_eff * share -+ z * sqrt(n_eff * share * (1 - share)), scaled back to n readings.
    """
    count = max(effective_count(np.log(np.maximum(values, 1e-300))), 1.0)
    half = z * float(np.sqrt(share * (1.0 - share) / count))
    low, middle, high = np.quantile(values, np.clip([share - half, share, share + half], 0.0, 1.0))
    return float(middle), float(low), float(high)


_INTERCEPT, _SLOPE = -0.19, 8.0


def outlier_probability(strength: float) -> float:
    """Calibrated probability of outliers beyond ordinary heavy tails.

    strength : the largest norm's distance from the running median, as a share of the outlier bar; 1 is on the bar
    """
    from playnote.stats.probability import from_log_odds

    return from_log_odds(_INTERCEPT + _SLOPE * float(np.log(max(strength, 1e-3))))
