"""Lasting rises of a noisy, falling series: matched filters on clipped residuals and on their ranks.

A healthy loss falls at a changing rate under noise that may be heavy-tailed, of
mixed size, periodic or correlated. So each candidate onset is judged by what follows it
minus what stands just before it: a fall in between only lowers the statistic. Clipping
keeps one hard batch from counting; ranks keep many hard batches from counting; the
filter's own spread over the run keeps correlation from counting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.norm_tails import running_median
from playnote.stats.readings import Floats

_BEFORE = (6, 16, 40)
_LASTS = (4.0, 12.0, 40.0)
_CLIP = (-4.0, 5.0)


@dataclass(frozen=True, slots=True)
class Excursion:
    """The strongest lasting rise of a series.

    at      : int    index of its onset
    clipped : float  matched filter on clipped residuals, in its own robust standard deviations
    ranked  : float  the same on normal scores of the residuals
    height  : float  median rise over the first five readings, in local noise standard deviations
    repeats : int    other onsets at least half as strong, away from this one
    lasts   : float  readings of the best template
    """

    at: int
    clipped: float
    ranked: float
    height: float
    repeats: int
    lasts: float


def local_noise(values: Floats, window: int = 101) -> Floats:
    """Noise SD at each reading from second differences, blind to trend; values : array, shape (n,)."""
    if len(values) < 5:
        return np.ones(len(values))
    second = np.abs(values[2:] - 2.0 * values[1:-1] + values[:-2]) / np.sqrt(6.0)
    spread = 1.4826 * running_median(np.pad(second, 1, mode="edge"), window)
    floor = 1e-3 * float(np.median(spread)) + 1e-12
    return np.maximum(spread, floor)


def strongest_excursion(values: Floats) -> Excursion | None:
    """The strongest lasting rise; values : array, shape (n,), finite, any unit. None below 30 readings."""
    n = len(values)
    if n < 30:
        return None
    noise = local_noise(values)
    score = _normal_scores((values - running_median(values, 301)) / noise)
    best: tuple[float, int, int, float] | None = None
    profile = np.zeros(n)
    for before in _BEFORE:
        level = _level_before(values, before)
        for lasts in _LASTS:
            track = _filtered(values, level, noise, before, lasts)
            profile = np.maximum(profile, track)
            at = int(np.argmax(track))
            if best is None or track[at] > best[0]:
                best = (float(track[at]), at, before, lasts)
    assert_best = best if best is not None else (0.0, 0, _BEFORE[0], _LASTS[0])
    strength, at, before, lasts = assert_best
    ranked = _filtered(score, _level_before(score, before), np.ones(n), before, lasts)
    after = (values[at : at + 5] - _level_before(values, before)[at]) / noise[at]
    return Excursion(at, strength, float(ranked[at]), float(np.median(after)), _repeats(profile, at), lasts)


def _level_before(values: Floats, before: int) -> Floats:
    """Median of the `before` readings ahead of each one (fewer near the start)."""
    views = np.lib.stride_tricks.sliding_window_view(values, before)
    middle = np.median(views, axis=1)
    level = np.empty(len(values))
    level[before:] = middle[:-1]
    for i in range(1, before):
        level[i] = np.median(values[:i])
    level[0] = values[0]
    return level


def _filtered(values: Floats, level: Floats, noise: Floats, before: int, lasts: float) -> Floats:
    """Matched filter of a two-step rise and exponential decay at every onset, in its own robust SD."""
    length = int(min(4 * lasts, len(values) // 3)) + 2
    k = np.arange(length)
    template = np.where(k == 0, 0.6, np.exp(-(k - 1.0).clip(0) / lasts))
    n = len(values)
    padded = np.concatenate((values, np.full(length, np.nan)))
    views = np.lib.stride_tricks.sliding_window_view(padded, length)[:n]
    residual = np.clip((views - level[:, None]) / noise[:, None], *_CLIP)
    known = np.isfinite(residual)
    residual = np.where(known, residual, 0.0)
    total, energy = residual @ template, known @ template**2
    sums = known @ template
    track = total / np.sqrt(energy * (1.0 + 1.57 * sums**2 / (energy * np.minimum(np.arange(n) + 1, before))))
    track[:3] = 0.0
    track[n - 5 :] = 0.0
    middle = float(np.median(track))
    spread = 1.4826 * float(np.median(np.abs(track - middle)))
    return np.asarray((track - min(middle, 0.0) * 0.0) / max(spread, 1.0))


def _normal_scores(values: Floats) -> Floats:
    from scipy.special import ndtri

    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return np.asarray(ndtri((ranks + 0.5) / len(values)))


def _repeats(profile: Floats, at: int, apart: int = 30) -> int:
    """How many other onsets reach half the strength of the strongest, counted at least `apart` readings apart."""
    left = profile.copy()
    count = 0
    strongest = profile[at]
    left[max(0, at - apart) : at + apart] = 0.0
    while count < 20:
        other = int(np.argmax(left))
        if left[other] < 0.5 * strongest or left[other] <= 0:
            break
        count += 1
        left[max(0, other - apart) : other + apart] = 0.0
    return count


def late_rise(values: Floats, blocks: int = 12) -> float:
    """Slow divergence: lower of the last two block medians minus the lowest block median, in robust standard errors.

    values : array, shape (n,)  finite, in step order; 0 below 24 readings
    """
    if len(values) < 2 * blocks:
        return 0.0
    parts = np.array_split(values, blocks)
    middles = np.array([np.median(part) for part in parts])
    errors = np.array([_error_of_median(part) for part in parts])
    lowest = int(np.argmin(middles))
    rise = float(min(middles[-1], middles[-2]) - middles[lowest])
    return rise / float(np.hypot(errors[-2:].max(), errors[lowest]) + 1e-12)


def _error_of_median(part: Floats) -> float:
    """Standard error of a block's median, correlation counted through the spread of its halves' difference."""
    detrended = part - np.linspace(part[: len(part) // 2].mean(), part[len(part) // 2 :].mean(), len(part))
    mad = 1.4826 * float(np.median(np.abs(detrended - np.median(detrended))))
    return 1.2533 * mad / float(np.sqrt(len(part)))


def instability_probability(found: Excursion, late: float) -> float:
    """Calibrated probability of a lasting excursion or slow divergence."""
    from playnote.stats.probability import from_log_odds

    return from_log_odds(max(1.5 * (min(found.clipped, 1.5 * found.ranked) - 5.0), 1.0 * (late - 6.0)))
