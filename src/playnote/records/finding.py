"""A finding: what the numbers say about one question, and what would settle it.

Facts know no judgement and findings know no playbook. "Unknown" is an answer: it
names the missing fact and what getting it would cost.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playnote.text import Text

Label = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A setting as an answer used it: name, value, unit and where the value comes from."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Settle:
    """What would decide an open question, and its price in training runs (None: no run needed, or not known)."""

    text: Text
    runs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Finding(ABC):
    """A statistical judgement on facts.

    label      yes, no or unknown; never contradicts `p`: a "yes" has p >= 0.5, a "no" p <= 0.5
    p          calibrated probability of the event the question names, None when nothing can be said
    estimate   the effect in the metric's own unit (or the unit the question names), None if not estimable
    interval   (low, high) of the estimate at `level`
    n          how many trials, runs, readings or examples stand behind it; one number, or one per arm
    thresholds the settings the label was decided by
    missing    the facts whose absence makes it unknown
    settles    what would decide it
    target     what it is about: {"hyperparameter": "lr", "side": "high"}, {"trial": "t0031"}, ...
    """

    label: Label
    p: float | None = None
    estimate: float | None = None
    interval: tuple[float, float] | None = None
    level: float = 0.9
    n: int | tuple[int, ...] = 0
    thresholds: tuple[Threshold, ...] = ()
    missing: tuple[Text, ...] = ()
    settles: tuple[Settle, ...] = ()
    target: Mapping[str, object] = field(default_factory=dict)
    note: Text | None = None

    def __post_init__(self) -> None:
        # A cut-off may decide on the other side of one half; the shown probability then stands at one half.
        contradicts = (self.label == "yes" and (self.p or 0.0) < 0.5) or (self.label == "no" and (self.p or 0.0) > 0.5)
        if self.p is not None and math.isfinite(self.p) and contradicts:
            object.__setattr__(self, "p", 0.5)
