"""The path a training loss would have walked without excursions, and its noise around it.

Two paths are offered. `falling_path` never rises (isotonic on block medians, blocks growing with
time), so no rise can hide in it, and it takes any sudden drop. `early_path` is a stiff
curve in log time through the lower side of the first steps, where a falling path is
too coarse to tell a spike from the steep descent around it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from playnote.stats.norm_tails import running_median
from playnote.stats.readings import Floats


def local_noise(values: Floats, window: int = 61) -> Floats:
    """Noise SD at each reading from second differences, blind to trend; 1 for a constant series.

    values : array, shape (n,), n >= 5
    """
    second = np.abs(values[2:] - 2.0 * values[1:-1] + values[:-2]) / np.sqrt(6.0)
    spread = 1.4826 * running_median(np.pad(second, 1, mode="edge"), window)
    low, high = np.quantile(values, [0.05, 0.95])
    floor = max(1e-2 * float(np.median(spread)), 3e-4 * float(high - low), 1e-9 * float(np.ptp(values)))
    if floor == 0.0:
        return np.ones(len(values))
    return np.maximum(spread, floor)


def falling_path(values: Floats, noise: Floats) -> Floats:
    """The loss without rises; values, noise : arrays, shape (n,), n >= 30."""
    edges = _blocks(len(values))
    size = np.diff(edges)
    parts = list(pairwise(edges))
    middle = np.array([np.median(values[a:b]) for a, b in parts])
    error = 1.25 * np.array([np.median(noise[a:b]) for a, b in parts]) / np.sqrt(size)
    fit = np.minimum.accumulate(middle) + error
    for _ in range(4):
        fit = nonincreasing(np.minimum(middle, fit + 2.0 * error), error**-2.0)
    centre = (edges[:-1] + edges[1:] - 1) / 2.0
    path = np.interp(np.arange(len(values)), centre, fit)
    if fit[0] > fit[1]:
        head = np.arange(int(np.ceil(centre[0])))
        path[head] = fit[0] + 1.5 * (fit[0] - fit[1]) / (centre[1] - centre[0]) * (centre[0] - head)
    return _with_drops(values, noise, path, centre, fit)


def nonincreasing(values: Floats, weights: Floats) -> Floats:
    """Weighted least-squares fit that never increases, by the min-max formula over block averages (Barlow 1972)."""
    n = len(values)
    weight, total = np.cumsum(weights), np.cumsum(weights * values)
    before_w, before_t = np.append(0.0, weight[:-1])[:, None], np.append(0.0, total[:-1])[:, None]
    reached = np.arange(n)[None, :] >= np.arange(n)[:, None]
    mean = np.where(reached, (total - before_t) / np.where(reached, weight - before_w, 1.0), -np.inf)
    highest = np.maximum.accumulate(mean[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.min(np.where(reached, highest, np.inf), axis=0))


def _blocks(n: int) -> np.ndarray:
    """Edges of blocks of at least 5 readings that grow with time up to a thirtieth of the run."""
    edges = [0]
    while edges[-1] < n:
        edges.append(edges[-1] + int(max(5, min(0.06 * edges[-1], n / 30))))
    edges[-1] = n
    if len(edges) > 2 and edges[-1] - edges[-2] < 4:
        del edges[-2]
    return np.array(edges)


def _with_drops(values: Floats, noise: Floats, path: Floats, centre: Floats, fit: Floats) -> Floats:
    """Between two blocks where the loss fell at once (a drop of the learning rate), a step instead of a slope."""
    for j in np.flatnonzero(fit[:-1] - fit[1:] > 0):
        low, high = int(np.ceil(centre[j])), int(np.floor(centre[j + 1])) + 1
        if high - low < 4 or fit[j] - fit[j + 1] < 4.0 * noise[low]:
            continue
        part = values[low:high]
        upper = np.append(0.0, np.cumsum(np.minimum(np.abs(part - fit[j]) / noise[low], 4.0)))
        lower = np.minimum(np.abs(part - fit[j + 1]) / noise[low], 4.0)
        cost = upper + np.append(np.cumsum(lower[::-1])[::-1], 0.0)
        split = int(np.argmin(cost))
        if cost[split] < np.minimum(np.abs(part - path[low:high]) / noise[low], 4.0).sum():
            path[low : low + split], path[low + split : high] = fit[j], fit[j + 1]
    return path


def early_path(values: Floats, noise: Floats, run: int) -> Floats:
    """A stiff curve in log time through the lower side of the first readings.

    values, noise : arrays, shape (n,)  the first readings
    run           : int                 readings of the whole run
    """
    time = np.log(np.arange(len(values)) + max(3.0, run / 60.0))
    time = (time - time[0]) / (time[-1] - time[0])
    knots = 14
    columns = np.maximum(0.0, 1.0 - np.abs(time[:, None] - np.linspace(0.0, 1.0, knots)) * (knots - 1))
    third = np.diff(np.eye(knots), 3, axis=0)
    penalty = third.T @ third
    trust = noise**-2.0 / np.max(noise**-2.0)
    weight = trust
    path = values
    for _ in range(8):
        gram = (columns * weight[:, None]).T @ columns
        heavy = float(np.trace(gram))
        system = gram + 0.3 * heavy / knots * penalty + 1e-9 * heavy * np.eye(knots)
        path = columns @ np.linalg.solve(system, (columns * weight[:, None]).T @ values)
        off = (values - path) / noise
        weight = trust * np.where(off > 2.0, 0.02, 4.0 / np.maximum(-off, 4.0))
    return path


def without_period(residual: Floats) -> Floats:
    """Residuals less a pattern that repeats every epoch; unchanged when there is none.

    residual : array, shape (n,)  in noise SDs
    The period is the lag (15 readings to a quarter of the run) at which the autocorrelation comes back.
    """
    n = len(residual)
    period = _period(np.clip(residual, -4.0, 5.0))
    if period is None:
        return residual
    rounds = -(-n // period)
    table = np.full(rounds * period, np.nan)
    table[:n] = residual
    profile = np.nanmedian(table.reshape(rounds, period), axis=0)
    profile = np.convolve(np.concatenate((profile[-1:], profile, profile[:1])), np.full(3, 1 / 3), "valid")
    left = residual - profile[np.arange(n) % period]
    return left if np.median(np.abs(left)) < 0.97 * np.median(np.abs(residual)) else residual


def _period(clipped: Floats) -> int | None:
    n = len(clipped)
    first, last = 15, n // 4
    if last <= first + 2:
        return None
    centred = clipped - clipped.mean()
    power = np.fft.rfft(centred, 2 * n)
    auto = np.fft.irfft(power * np.conj(power))[:n]
    auto = auto / (auto[0] + 1e-12) * n / (n - np.arange(n))
    back = auto[first:last]
    dipped = np.minimum.accumulate(auto[1:last])[first - 1 :] < 0.5 * back - 0.02
    score = np.where(dipped, back, -1.0)
    return first + int(np.argmax(score)) if score.max() >= max(0.15, 4.0 / np.sqrt(n)) else None
