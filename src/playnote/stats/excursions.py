"""Lasting rises of a noisy, falling series: a matched filter that must agree with ranks and with a plain rise.

A healthy loss falls at a changing rate under noise that may be heavy-tailed, of mixed
size, periodic or correlated. Three views must agree on an onset: a matched filter on clipped
residuals (one hard batch cannot pass), the same on their normal scores (many hard batches cannot
pass), and the medians of the raw loss after and before it (a path fitted badly cannot pass).
Law: nothing changes when the loss is shifted or multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.stats.loss_path import early_path, falling_path, local_noise, without_period
from playnote.stats.norm_tails import running_median
from playnote.stats.probability import from_log_odds
from playnote.stats.readings import Floats

FEWEST = 30
_LASTS = (4.0, 12.0, 40.0, 100.0)
_BEFORE = 12
_CLIP, _CLIP_RANK = (-4.0, 6.0), (-3.3, 3.3)
_RANK_WORTH, _RISE_WORTH, _SUDDEN_WORTH = 1.4, 2.0, 1.5
_MIXED, _MIXED_SD = 0.95, 1.645
_EARLY_SHARE = 0.06
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Excursion:
    """The strongest lasting rise of a series.

    at       : int    index of its onset
    strength : float  the weakest of the three views, in standard deviations of the null
    rise     : float  median of the five readings after the onset less that before, in noise SDs
    lasts    : float  decay length of the best template, in readings
    early    : float  strength in the first 6 % of the run against the early path (-9: not looked at)
    early_at : int    its onset
    second   : float  strength of the next onset elsewhere: high where rises are the rule
    """

    at: int
    strength: float
    rise: float
    lasts: float
    early: float
    early_at: int
    second: float


def strongest_excursion(values: Floats) -> Excursion | None:
    """The strongest lasting rise; values : array, shape (n,), finite, any unit. None below 30 readings.

    Beyond 4,000 readings the run is averaged down, and only its first 4,000 readings are looked at one by one.
    """
    n = len(values)
    if n < FEWEST:
        return None
    if n <= _LONGEST:
        return _look(values, n)
    size = -(-n // _LONGEST)
    whole = _look(values[n % size :].reshape(-1, size).mean(axis=1), n // size)
    head = _look(values[:_LONGEST], n)
    return Excursion(
        whole.at * size + n % size,
        max(whole.strength, -9.0),
        whole.rise,
        whole.lasts * size,
        max(head.early, head.strength if head.at <= _EARLY_SHARE * n else -9.0),
        head.early_at if head.early >= head.strength else head.at,
        whole.second,
    )


def _look(values: Floats, run: int) -> Excursion:
    noise = local_noise(values)
    residual = (values - falling_path(values, noise)) / noise
    widen = _widening(residual)
    noise, residual = noise * widen, residual / widen
    flat = without_period(residual)
    rise = _raw_rise(values - (residual - flat) * noise, flat, noise)
    views = [_agreed(flat, _normal_scores(flat), rise, lasts) for lasts in _LASTS]
    peaks = [int(np.argmax(view)) for view in views]
    best = int(np.argmax([view[at] for view, at in zip(views, peaks, strict=True)]))
    at, lasts = peaks[best], _LASTS[best]
    early, early_at = _early(values, noise, run)
    return Excursion(
        at,
        float(views[best][at]),
        float(rise[at]),
        lasts,
        early,
        early_at,
        _second(np.max(views, axis=0), at, int(lasts)),
    )


def _widening(residual: Floats) -> float:
    """How much wider the residuals are than second differences say: correlated noise, batches of mixed difficulty."""
    around = residual - running_median(residual, 31)
    return max(1.0, 1.4826 * float(np.median(np.abs(around))), float(np.quantile(around, _MIXED)) / _MIXED_SD)


def _agreed(residual: Floats, score: Floats, rise: Floats, lasts: float) -> Floats:
    plain = _filtered(residual, lasts, _CLIP, 1.0)
    ranked = _filtered(score, lasts, _CLIP_RANK, 0.7)
    return np.minimum(np.minimum(plain, _RANK_WORTH * ranked), _RISE_WORTH * rise)


def _early(values: Floats, noise: Floats, run: int) -> tuple[float, int]:
    """Strength and onset of the strongest rise in the first 6 % of the run, against the early path."""
    reach = min(int(max(60, 0.12 * run)), len(values))
    looked = int(min(max(12, _EARLY_SHARE * run), reach))
    residual = (values[:reach] - early_path(values[:reach], noise[:reach], run)) / noise[:reach]
    rise = _SUDDEN_WORTH * _sudden_rise(values[:reach], noise[:reach])
    best, at = -9.0, 0
    for lasts in _LASTS[:3]:
        if 4 * lasts <= reach:
            view = np.minimum(_filtered(residual, lasts, _CLIP, 1.0), rise)[:looked]
            if view.max() > best:
                best, at = float(view.max()), int(np.argmax(view))
    return best, at


def _filtered(residual: Floats, lasts: float, clip: tuple[float, float], loose: float) -> Floats:
    """Matched filter of a two-step rise with exponential decay, less the level before it; unit SD under the null.

    loose : prior SD of the level before an onset, in noise SDs
    The long-run SD of block means allows for correlated noise.
    """
    n = len(residual)
    length = int(min(4 * lasts, n // 3)) + 2
    k = np.arange(length)
    template = np.where(k == 0, 0.6, np.exp(-np.maximum(k - 1.0, 0.0) / lasts))
    held = np.clip(residual, *clip)
    known = np.minimum(np.arange(n), _BEFORE) / 1.57
    variance = 1.0 / (known + loose**-2.0)
    level = _median_before(held) * known * variance
    available = np.minimum(n - np.arange(n), length) - 1
    sums, energy = np.cumsum(template)[available], np.cumsum(template**2)[available]
    matched = np.convolve(held, template[::-1], "full")[length - 1 :]
    track = (matched - level * sums) / np.sqrt(energy + sums**2 * variance)
    track[:2], track[n - 5 :] = -9.0, -9.0
    return np.asarray(track / _long_run(held, int(max(lasts, 5))))


def _median_before(values: Floats) -> Floats:
    level = np.zeros(len(values))
    level[_BEFORE:] = _medians(values, _BEFORE)[:-1]
    for i in range(1, _BEFORE):
        level[i] = np.median(values[:i])
    return level


def _long_run(held: Floats, size: int) -> float:
    """SD of block means times the root of the block size, from differences of neighbours; at least 1."""
    blocks = len(held) // size
    if blocks < 4:
        return 1.0
    means = held[len(held) - blocks * size :].reshape(blocks, size).mean(axis=1)
    steps = np.diff(means)
    return max(1.0, 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) * float(np.sqrt(size / 2.0)))


def _normal_scores(values: Floats) -> Floats:
    from scipy.special import ndtri

    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return np.asarray(ndtri((ranks + 0.5) / len(values)))


def _raw_rise(values: Floats, residual: Floats, noise: Floats) -> Floats:
    """Median of readings i+1 ... i+5 less the median of the last 5, in noise SDs.

    Limited by the same contrast of residuals against their last 12, so that a slow swing does not pass.
    """
    n = len(values)
    rise = np.full(n, -9.0)
    five, of_residual = _medians(values, 5), _medians(residual, 5)
    at = np.arange(3, n - 6)
    before = five[np.maximum(at - 5, 0)]
    before[:2] = np.median(values[:3]), np.median(values[:4])
    rise[at] = (five[at + 1] - before) / noise[at]
    late = at[at >= _BEFORE]
    swing = of_residual[late + 1] - _medians(residual, _BEFORE)[late - _BEFORE]
    rise[late] = np.minimum(rise[late], swing)
    return np.asarray(np.maximum(rise, -9.0))


def _sudden_rise(values: Floats, noise: Floats) -> Floats:
    """Median of readings i+1 ... i+3 less the median of the last 3, in noise SDs: for steep descents."""
    n = len(values)
    rise = np.full(n, -9.0)
    three = _medians(values, 3)
    at = np.arange(2, n - 4)
    rise[at] = (three[at + 1] - three[np.maximum(at - 3, 0)]) / noise[at]
    return np.asarray(np.maximum(rise, -9.0))


def _medians(values: Floats, width: int) -> Floats:
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(values, width), axis=1))


def _second(profile: Floats, at: int, lasts: int) -> float:
    apart = max(30, lasts)
    elsewhere = np.concatenate((profile[: max(0, at - apart)], profile[at + 2 * lasts + apart :]))
    return float(elsewhere.max()) if len(elsewhere) else -9.0


def late_rise(values: Floats, blocks: int = 12) -> float:
    """Slow divergence: lower of the last two block medians less the lowest block median, in robust standard errors.

    values : array, shape (n,)  finite, in step order; 0 below 24 readings
    """
    if len(values) < 2 * blocks:
        return 0.0
    parts = np.array_split(values, blocks)
    middles = np.array([np.median(part) for part in parts])
    errors = np.array([_error_of_median(part) for part in parts])
    lowest = int(np.argmin(middles))
    rise = float(min(middles[-1], middles[-2]) - middles[lowest])
    error = float(np.hypot(errors[-2:].max(), errors[lowest])) + 1e-4 * float(np.ptp(middles))
    return rise / error if error > 0 else 0.0


def _error_of_median(part: Floats) -> float:
    """Standard error of a block's median after a straight line through its halves is taken out."""
    half = len(part) // 2
    slope = (np.median(part[half:]) - np.median(part[:half])) / max(half, 1)
    level = part - slope * np.arange(len(part))
    mad = 1.4826 * float(np.median(np.abs(level - np.median(level))))
    return 1.2533 * mad / float(np.sqrt(len(part)))


_LATE_WORTH, _EARLY_WORTH, _RULE = 1.5, 1.4, 3.8
_INTERCEPT, _SLOPE = -7.75, 1.39
"""Logistic regression on the strongest sign of 960 made-up runs (seeds 555 and 777), a third of them unstable."""


Sign = Literal["excursion", "early", "late"]


def signs(found: Excursion, late: float) -> dict[Sign, float]:
    """Strength of each sign on one scale; a rise that is one of many (`second` high) counts for less."""
    return {
        "excursion": found.strength - max(0.0, found.second - _RULE),
        "early": _EARLY_WORTH * found.early,
        "late": _LATE_WORTH * late,
    }


def instability_probability(strength: float) -> float:
    """Calibrated probability of a lasting excursion or slow divergence, from the strongest of `signs`."""
    return from_log_odds(_INTERCEPT + _SLOPE * strength)
