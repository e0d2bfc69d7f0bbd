"""Many candidates at once: coordinates as arrays, encoded without making a configuration of each.

A candidate is a row of coordinates in [0, 1), one a hyperparameter, as `configuration_at` reads them ("off" has the
first `off_share` of its coordinate). `rows` gives what `encoding.encoded` gives for the configurations of such rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.records.curves import Floats
from playnote.search.encoding import CHOICE
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.points import configuration_at
from playnote.space.scales import Scale
from playnote.space.space import Configuration, Space

_SWITCH = 0.2  # probability that a step draws a choice, or "off", anew
_LAST = 1.0 - 1e-12  # coordinates stay below one


@dataclass(frozen=True, slots=True)
class Candidates:
    """A space whose points are rows of coordinates."""

    space: Space
    off_share: float

    def spread(self, count: int, rng: np.random.Generator) -> Floats:
        """: array, shape (count, d)  anywhere, independently."""
        return rng.random((count, len(self.space)))

    def near(self, starts: Floats, size: float, each: int, rng: np.random.Generator) -> Floats:
        """: array, shape (each * len(starts), d)

        Normal steps of `size` from every start; now and then a choice or an "off" is drawn anew.
        """
        made = np.repeat(starts, each, axis=0)
        anew = rng.random(made.shape) < _SWITCH
        steps, drawn = size * rng.normal(size=made.shape), rng.random(made.shape)
        for at, hyperparameter in enumerate(self.space):
            column, share = made[:, at], self._share(hyperparameter)
            if isinstance(hyperparameter, Categorical):
                made[:, at] = np.where(anew[:, at], drawn[:, at], column)
                continue
            moved = share + np.clip(column - share + (1 - share) * steps[:, at], 0.0, (1 - share) * _LAST)
            off = column < share
            # What is off mostly stays off; what is on is switched off no more often than it would be drawn off.
            switched = anew[:, at] & (off | (drawn[:, at] < share))
            made[:, at] = np.where(switched, drawn[:, at], np.where(off, column, moved))
        return made

    def units(self, configurations: Sequence[Configuration]) -> Floats:
        """: array, shape (n, d)  coordinates that give these configurations; 0.5 where something does not exist."""
        return np.array([[self._unit(each, c.get(each.name)) for each in self.space] for c in configurations]).reshape(
            len(configurations), len(self.space)
        )

    def rows(self, units: Floats) -> Floats:
        """: array, shape (n, columns)  the encoding of each."""
        values: dict[str, Floats] = {}
        exist: dict[str, np.ndarray] = {}
        columns: list[Floats] = []
        for at, each in enumerate(self.space):
            here = np.ones(len(units), dtype=bool)
            for parent, value in each.when.items():
                here &= exist[parent] & (values[parent] == _level(self.space[parent], value))
            columns += self._columns(each, units[:, at], here, values)
            exist[each.name] = here
        return np.column_stack(columns) if columns else np.zeros((len(units), 0))

    def configuration(self, units: Floats) -> dict[str, Value]:
        """The configuration of one row of coordinates, array of shape (d,)."""
        return configuration_at(
            self.space, dict(zip(self.space.names, map(float, units), strict=True)), {}, off_share=self.off_share
        )

    def _columns(self, each: Hyperparameter, unit: Floats, here: np.ndarray, values: dict[str, Floats]) -> list[Floats]:
        if isinstance(each, Categorical):
            levels = np.minimum((unit * len(each.choices)).astype(int), len(each.choices) - 1)
            values[each.name] = levels.astype(float)
            return [np.where(here & (levels == level), CHOICE, 0.0) for level in range(len(each.choices))]
        share = self._share(each)
        on = here & (unit >= share)
        value, placed = _snapped(each, np.maximum(unit - share, 0.0) / (1 - share))
        values[each.name] = np.where(unit >= share, value, float(each.off) if each.off is not None else np.nan)
        columns = [np.where(on, placed, 0.5)]
        if each.off is not None or each.when:
            columns.append(np.where(on, 0.0, CHOICE))
        return columns

    def _share(self, each: Hyperparameter) -> float:
        return 0.0 if isinstance(each, Categorical) or each.off is None else self.off_share

    def _unit(self, each: Hyperparameter, value: Value | None) -> float:
        if value is None:
            return 0.5
        unit, share = each.to_unit(value), self._share(each)
        if not np.isfinite(unit):
            return share / 2
        return share + (1 - share) * min(max(unit, 0.0), _LAST)


def _level(parent: Hyperparameter, value: Value) -> float:
    return float(parent.choices.index(value)) if isinstance(parent, Categorical) else float(value)


def _snapped(each: Float | Integer, unit: Floats) -> tuple[Floats, Floats]:
    """The values at coordinates of the range, and the coordinates of those values: whole numbers have cells."""
    if isinstance(each, Float):
        low, high = _forward(np.array([each.low, each.high]), each.scale)
        return _backward(low + unit * (high - low), each.scale), unit
    low, high = _forward(np.array([each.low - 0.5, each.high + 0.5]), each.scale)
    values = np.clip(np.rint(_backward(low + unit * (high - low), each.scale)), each.low, each.high)
    return values, (_forward(values, each.scale) - low) / (high - low)


def _forward(values: Floats, scale: Scale) -> Floats:
    if scale == "log":
        return np.log(values)
    return -np.log1p(-values) if scale == "log-complement" else values


def _backward(coordinates: Floats, scale: Scale) -> Floats:
    if scale == "log":
        return np.exp(coordinates)
    return -np.expm1(-coordinates) if scale == "log-complement" else coordinates
