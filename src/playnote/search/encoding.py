"""Configurations as vectors a Gaussian process can measure distances between, and small steps from one to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from playnote.records.curves import Floats
from playnote.space.hyperparameter import Categorical, Value
from playnote.space.points import configuration_at
from playnote.space.space import Configuration, Space

# Two different choices lie as far apart as the ends of half a range.
_CHOICE = 0.5 / math.sqrt(2)
_SWITCH = 0.2  # probability that a step draws a choice, or "off", anew


def encoded(space: Space, configurations: Sequence[Configuration]) -> Floats:
    """: array, shape (n, columns). A coordinate a range, a column a choice, one more for "off" or for not existing."""
    return np.array([_row(space, each) for each in configurations], dtype=float).reshape(len(configurations), -1)


def _row(space: Space, configuration: Configuration) -> list[float]:
    row: list[float] = []
    for each in space:
        value = configuration.get(each.name)
        here = value is not None and space.active(each, configuration)
        if isinstance(each, Categorical):
            row.extend(_CHOICE if here and value == choice else 0.0 for choice in each.choices)
            continue
        unit = each.to_unit(value) if here and value is not None else math.nan
        row.append(min(max(unit, 0.0), 1.0) if math.isfinite(unit) else 0.5)
        if each.off is not None or each.when:
            row.append(0.0 if math.isfinite(unit) else _CHOICE)
    return row


def stepped(
    space: Space, start: Configuration, size: float, rng: np.random.Generator, *, off_share: float
) -> dict[str, Value]:
    """A configuration near another: ranges move by a normal step of `size` (in unit coordinates), choices may change."""
    units: dict[str, float] = {}
    for each in space:
        value = start.get(each.name)
        anew = value is None or rng.random() < _SWITCH
        if isinstance(each, Categorical):
            units[each.name] = float(rng.random()) if anew or value is None else each.to_unit(value)
            continue
        unit = math.nan if value is None else each.to_unit(value)
        if not math.isfinite(unit):
            # Off, or not existing here: mostly left so, sometimes drawn.
            units[each.name] = float(rng.random()) if anew else 0.0
            continue
        moved = unit + size * float(rng.normal())
        moved = min(max(moved, 0.0), 1.0 - 1e-12)
        units[each.name] = off_share + (1 - off_share) * moved if each.off is not None else moved
    return configuration_at(space, units, {}, off_share=off_share)
