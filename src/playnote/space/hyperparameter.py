"""Hyperparameters: what may vary, over which range, on which scale, under which condition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from playnote.space.scales import Scale, backward, forward

Value = float | int | str | bool
Role = Literal["scientific", "nuisance", "fixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Float:
    """A real number between `low` and `high`.

    off           a value beside the range that means "not used" (weight decay 0 beside a log range)
    natural_low   a bound that cannot be moved: being crowded against it is no fault of the range
    when          values of other hyperparameters under which this one exists
    """

    name: str = ""
    low: float
    high: float
    scale: Scale = "linear"
    off: float | None = None
    natural_low: float | None = None
    natural_high: float | None = None
    group: str = ""
    when: Mapping[str, Value] = field(default_factory=dict)

    def to_unit(self, value: Value) -> float:
        """Unit coordinate on the scale; NaN for the "off" value. Outside the range it leaves [0, 1]."""
        if self.off is not None and value == self.off:
            return math.nan
        low, high = forward(self.low, self.scale), forward(self.high, self.scale)
        return (forward(float(value), self.scale) - low) / (high - low)

    def from_unit(self, unit: float) -> float:
        """The value at a unit coordinate, never outside the range by rounding."""
        low, high = forward(self.low, self.scale), forward(self.high, self.scale)
        return min(max(backward(low + unit * (high - low), self.scale), self.low), self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number from `low` to `high`, both included."""

    name: str = ""
    low: int
    high: int
    scale: Scale = "linear"
    off: int | None = None
    natural_low: int | None = None
    natural_high: int | None = None
    group: str = ""
    when: Mapping[str, Value] = field(default_factory=dict)

    def to_unit(self, value: Value) -> float:
        """Centre of the value's cell in [0, 1]; NaN for the "off" value."""
        if self.off is not None and value == self.off:
            return math.nan
        low, high = self._edges()
        return (forward(float(value), self.scale) - low) / (high - low)

    def from_unit(self, unit: float) -> int:
        """The whole number whose cell holds the coordinate; cells are equal on the scale."""
        low, high = self._edges()
        value = round(backward(low + unit * (high - low), self.scale))
        return min(max(value, self.low), self.high)

    def _edges(self) -> tuple[float, float]:
        # Half a step beyond each end, so that the end values are drawn as often as the others.
        return forward(self.low - 0.5, self.scale), forward(self.high + 0.5, self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorical:
    """One of several choices, without an order."""

    name: str = ""
    choices: tuple[Value, ...]
    group: str = ""
    when: Mapping[str, Value] = field(default_factory=dict)

    def to_unit(self, value: Value) -> float:
        """Centre of the choice's cell; equal cells in the declared order (an order for drawing, not for geometry)."""
        return (self.choices.index(value) + 0.5) / len(self.choices)

    def from_unit(self, unit: float) -> Value:
        """The choice whose cell holds the coordinate."""
        return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]


Hyperparameter = Float | Integer | Categorical


def named(hyperparameter: Hyperparameter, name: str) -> Hyperparameter:
    """The same hyperparameter under a name."""
    return replace(hyperparameter, name=name)
