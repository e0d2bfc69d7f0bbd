"""Whether training exploded, from the train loss as it was logged.

Two signs: a reading above `exploded_ratio` times the one at the first step (only for a positive loss, which a
ratio has a meaning for), or an end above the start by more than the readings jump anyway: a trial whose learning
rate is too small to move the loss has not exploded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import final

from playnote.recorder.lines import decode
from playnote.records.naming import logged_names
from playnote.records.project import Split
from playnote.records.settings import Settings
from playnote.records.trial import Outcome

TRAIN_LOSS = "train/loss"
_ALIASES = ("train_loss", "training_loss", "loss")
_MAD_TO_SD = 1.4826 / math.sqrt(2)  # of first differences to the SD of one reading


@final
class LossWatch:
    """The train loss of one attempt, fed with the lines of its log."""

    def __init__(self, settings: Settings, splits: Mapping[str, Split]) -> None:
        self._settings = settings
        self._names = (*logged_names(TRAIN_LOSS, splits), *_ALIASES)
        self._rest = b""
        self._points: dict[float, float] = {}
        self._first: tuple[float, float] | None = None
        self._exploded = False

    def take(self, lines: bytes) -> None:
        """Read further whole lines of the log."""
        for record in decode(lines).records:
            metrics, step = record.get("metrics"), record.get("step")
            if record.get("kind") != "log" or not isinstance(metrics, dict) or not isinstance(step, (int, float)):
                continue
            value = next((metrics[name] for name in self._names if name in metrics), None)
            if isinstance(value, (int, float)):
                self._add(float(step), float(value))

    @property
    def exploded(self) -> bool:
        """Whether a reading has gone beyond every bound already."""
        return self._exploded

    def at_end(self) -> Outcome | None:
        """What the loss says of a trial that ran to its end: "exploded", "nan", or None for nothing."""
        values = [self._points[step] for step in sorted(self._points)]
        if self._exploded:
            return "exploded"
        if values and math.isnan(values[-1]):
            return "nan"
        return "exploded" if _above_start(values, self._settings) else None

    def _add(self, step: float, value: float) -> None:
        self._points[step] = value
        if self._first is None or step < self._first[0]:
            self._first = (step, value)
        start = self._first[1]
        self._exploded |= start > 0 and value > self._settings["exploded_ratio"] * start


def _above_start(values: Sequence[float], settings: Settings) -> bool:
    count = int(settings["exploded_end_readings"])
    if len(values) <= count:
        return False
    finite = [value for value in values if math.isfinite(value)]
    steps = [abs(after - before) for before, after in pairwise(finite)]
    noise = _MAD_TO_SD * median(steps) if steps else 0.0
    end = median(values[-count:])
    return end - values[0] > settings["exploded_end_noise"] * noise and end > values[0]
