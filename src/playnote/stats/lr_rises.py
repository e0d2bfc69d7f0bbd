"""Rises of a training loss that the learning rate asked for: a warm restart lifts the loss, and that is healthy.

The loss carries a part that follows the learning rate (Loshchilov & Hutter 2017 show the sawtooth it leaves). How much
is read off the restarts themselves: the rise of the loss across each, per unit of learning rate. Where restarts
disagree the smallest counts, so that an excursion that happens to start at one of them is not excused.
"""

from __future__ import annotations

import numpy as np

from playnote.stats.readings import Floats

_JUMP = 0.2
"""A rise of at least this share of the peak learning rate, after the peak was first reached, is a restart."""

_AGREE = 3.0


def without_lr_rises(values: Floats, noise: Floats, relative: Floats) -> Floats:
    """The loss less the part that follows the learning rate; unchanged without a restart, or where none lifts it.

    values, noise, relative : arrays, shape (n,)  loss, its local noise SD, learning rate / peak at the same steps
    """
    restarts = _restarts(relative)
    lifts = [lift for at in restarts if (lift := _lift(values, noise, relative, at)) is not None]
    if not lifts:
        return values
    each, error = np.array(lifts).T
    agree = np.ptp(each) <= _AGREE * float(np.hypot(error.max(), error.max()))
    per_unit = float(np.mean(each)) if agree else float(np.min(each))
    return values - per_unit * relative if per_unit > 0 else values


def _restarts(relative: Floats) -> list[int]:
    """Index of the first reading after each rise of the learning rate."""
    width = max(1, len(relative) // 100)
    peak = int(np.argmax(relative >= 0.95 * relative.max()))
    rise = relative[width:] - relative[:-width]
    found: list[int] = []
    for start in np.flatnonzero(rise >= _JUMP):
        at = int(start) + 1 + int(np.argmax(np.diff(relative[start : start + width + 1])))
        if start >= peak and (not found or at > found[-1] + 3 * width):
            found.append(at)
    return found


def _lift(values: Floats, noise: Floats, relative: Floats, at: int) -> tuple[float, float] | None:
    """Rise of the loss across a restart per unit of learning rate, and its standard error."""
    width = max(6, len(values) // 40)
    before, after = slice(max(at - width, 0), at), slice(at, at + width)
    jump = float(np.mean(relative[after]) - np.mean(relative[before])) if 3 <= at <= len(values) - 3 else 0.0
    if jump < _JUMP / 2.0:
        return None
    rise = float(np.median(values[after]) - np.median(values[before]))
    return rise / jump, 1.25 * float(noise[at]) * float(np.sqrt(2.0 / width)) / jump
