"""Curves, and the protocol by which they are read: lazily, one series at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """A logged series.

    steps  : array, shape (n,)  increasing, in training steps (or epochs, as logged); each step once
    values : array, shape (n,)  the metric in its own unit; NaN where it was logged as NaN
    """

    steps: Floats
    values: Floats

    def __len__(self) -> int:
        return len(self.steps)


class CurveSource(Protocol):
    """Where curves come from: the ledger, or another tool's files. Read-only and lazy."""

    def metrics(self, trial: str) -> Iterable[str]:
        """Names of the series a trial has: "dev/error", "train/loss", "lr", "grad_norm"."""
        ...

    def curve(self, trial: str, metric: str) -> Curve | None:
        """One series, or None where the trial never logged it."""
        ...


class NoCurves:
    """The source of a project whose trials have final values only."""

    def metrics(self, trial: str) -> Iterable[str]:
        """Nothing."""
        return ()

    def curve(self, trial: str, metric: str) -> Curve | None:
        """Nothing."""
        return None
