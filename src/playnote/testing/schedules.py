"""Learning-rate schedules, as the fraction of the peak at each tick of a run.

Stretching a run means calling the same schedule with more ticks; the warmup is stretched with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from playnote.testing.known import Floats

KINDS = ("constant", "cosine", "linear", "wsd", "step", "restarts")


def factors(kind: str, ticks: int, warmup: float = 0.0) -> Floats:
    """array, shape (ticks,): lr / peak lr in [0, 1]; `warmup` is the share of the run spent rising."""
    position = (np.arange(ticks) + 0.5) / ticks
    after = np.clip((position - warmup) / (1.0 - warmup), 0.0, 1.0)
    rising = np.clip(position / warmup, 0.0, 1.0) if warmup > 0 else np.ones(ticks)
    return rising * _SHAPES[kind](after)


def _step(at: Floats) -> Floats:
    return np.where(at < 0.5, 1.0, np.where(at < 0.75, 0.1, 0.01))


def _wsd(at: Floats) -> Floats:
    return np.clip((1.0 - at) / 0.2, 0.0, 1.0)


def _restarts(at: Floats) -> Floats:
    return 0.5 * (1.0 + np.cos(np.pi * np.minimum((3.0 * at) % 1.0 + (at >= 1.0), 1.0)))


_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "constant": np.ones_like,
    "cosine": lambda at: 0.5 * (1.0 + np.cos(np.pi * at)),
    "linear": lambda at: 1.0 - at,
    "wsd": _wsd,
    "step": _step,
    "restarts": _restarts,
}


def as_record(kind: str, peak_lr: float, warmup: float, total_steps: int) -> dict[str, object]:
    """The trial's `schedule` entry in the exchange format."""
    return {"kind": kind, "peak_lr": peak_lr, "warmup_steps": round(warmup * total_steps)}
