"""What a learning-rate schedule has done by a given time: the path walked and the noise still left.

A schedule is a function of relative time u in [0, 1]; stretching a run keeps the
function and multiplies the steps. `S1` is the area under the learning rate, the
residual noise a lagged learning rate; Tissue et al. 2024 (arXiv 2408.11029) write
the loss as a falling function of S1 minus a multiple of the annealed area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from playnote.stats.readings import Floats, in_order

GRID = 240
"""Points a schedule is walked in; 1/240 of a run is finer than any evaluation interval that matters here."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning-rate schedule as a trial records it.

    kind          "constant", "cosine", "linear", "wsd", "step" or "restarts"
    peak_lr       the highest learning rate
    warmup_steps  linear warmup from 0, in steps
    total_steps   length of the run, in steps
    """

    kind: str
    peak_lr: float = 1.0
    warmup_steps: float = 0.0
    total_steps: float = 1.0

    def relative(self, time: Floats) -> Floats:
        """Learning rate / peak at relative times in [0, 1]; an unknown kind counts as constant."""
        warm = self.warmup_steps / self.total_steps if self.total_steps > 0 else 0.0
        warm = float(np.clip(warm, 0.0, 0.9)) if np.isfinite(warm) else 0.0
        after = np.clip((time - warm) / (1.0 - warm), 0.0, 1.0)
        ramp = np.minimum(time / warm, 1.0) if warm > 0 else np.ones_like(time)
        return np.asarray(ramp * _DECAY.get(self.kind, _constant)(after), dtype=np.float64)


def _constant(u: Floats) -> Floats:
    return np.ones_like(u)


def _cosine(u: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.cos(np.pi * u)))


def _linear(u: Floats) -> Floats:
    return 1.0 - u


def _wsd(u: Floats) -> Floats:
    """Warmup, stable, decay over the last fifth, the share most reports use (Hu et al. 2024: 10 to 20 %)."""
    return np.clip((1.0 - u) / 0.2, 0.0, 1.0)


def _step(u: Floats) -> Floats:
    """A tenth at one half and at three quarters (He et al. 2016)."""
    return np.where(u < 0.5, 1.0, np.where(u < 0.75, 0.1, 0.01))


def _restarts(u: Floats) -> Floats:
    """Three equal cosine cycles (Loshchilov & Hutter 2017)."""
    return np.asarray(0.5 * (1.0 + np.cos(np.pi * np.mod(np.minimum(u, 1 - 1e-9) * 3, 1.0))))


_DECAY = {"constant": _constant, "cosine": _cosine, "linear": _linear, "wsd": _wsd, "step": _step,
          "restarts": _restarts}  # fmt: skip

KINDS = tuple(_DECAY)
"""The kinds whose shape is known without a recorded learning-rate series."""


def relative_lr(
    lr_steps: ArrayLike | None, lr: ArrayLike | None, schedule: Schedule | None, total: float
) -> Floats | None:
    """Learning rate / its peak on the grid u = 0, 1/GRID, ..., 1; None when nothing was recorded.

    A recorded series of at least five finite positive-somewhere readings goes before the schedule's name:
    it also knows floors and decay shares.
    """
    grid = np.linspace(0.0, 1.0, GRID + 1)
    named = schedule.relative(grid) if schedule is not None and schedule.kind in KINDS else None
    if lr is None or lr_steps is None:
        return named
    at, value = in_order(lr_steps, lr)
    keep = np.isfinite(value) & (value >= 0)
    at, value = at[keep], value[keep]
    if len(at) < 5 or value.max(initial=0.0) <= 0:
        return named
    series = np.interp(grid, at / total, value / value.max())
    if named is not None:
        early = grid < at[0] / total
        series[early] = np.minimum(named[early], 1.0)
    return np.asarray(series, dtype=np.float64)


def lr_at(
    steps: Floats, lr_steps: ArrayLike, lr: ArrayLike | None, schedule: Schedule | None, total: float
) -> Floats | None:
    """Learning rate / its peak at some steps, from a recorded series, else from the schedule; None without both.

    Unlike `relative_lr` this is not put on a grid: a restart stays at its step.
    """
    if lr is not None:
        at, value = in_order(lr_steps, lr)
        keep = np.isfinite(value) & (value >= 0)
        if keep.sum() >= 5 and value[keep].max() > 0:
            return np.asarray(np.interp(steps, at[keep], value[keep] / value[keep].max()), dtype=np.float64)
    if schedule is None or schedule.kind not in KINDS:
        return None
    return schedule.relative(np.clip(steps / total, 0.0, 1.0))


PATH_LAGS = (0.005, 0.03, 0.12)
"""Lags of the residual noise in units of the recorded run's path: noise forgets by walking."""

TIME_LAGS = (0.05, 0.25)
"""Lags in units of the recorded run's time: noise forgets by steps (Tissue et al. 2024)."""

NOISES = len(PATH_LAGS) + len(TIME_LAGS) + 1


@dataclass(frozen=True, slots=True)
class Walk:
    """A schedule walked over `length` times the run it was recorded on.

    time  : array, shape (GRID + 1,)         0 ... length
    path  : array, shape (GRID + 1,)         area under lr / area of the recorded run
    noise : array, shape (NOISES, GRID + 1)  lagged learning rate in [0, 1]; the last row is minus the annealed area
    """

    time: Floats
    path: Floats
    noise: Floats


def walk(relative: Floats, length: float = 1.0) -> Walk:
    """Walk a schedule stretched or squeezed to `length`."""
    time = np.linspace(0.0, 1.0, len(relative)) * length
    area = float(_area(relative)[-1]) or 1.0
    path = _area(relative) * length / area
    peak = np.maximum.accumulate(relative)
    gaps = [np.diff(path) / lag for lag in PATH_LAGS] + [np.diff(time) / lag for lag in TIME_LAGS]
    lagged = _lagged(relative, np.exp(-np.stack(gaps, axis=1)))
    return Walk(time, path, np.vstack((lagged, -_area(peak - relative) * length)))


def _area(values: Floats) -> Floats:
    """Running integral over [0, 1], trapezoids."""
    return np.append(0.0, np.cumsum((values[1:] + values[:-1]) / 2.0)) / (len(values) - 1)


def _lagged(relative: Floats, keep: Floats) -> Floats:
    """Follow the learning rate, keeping the share `keep` (GRID, lags) of the old value at each grid step."""
    noise = np.empty((len(relative), keep.shape[1]))
    noise[0] = relative[0]
    for i, share in enumerate(keep):
        noise[i + 1] = share * noise[i] + (1.0 - share) * relative[i + 1]
    return noise.T
