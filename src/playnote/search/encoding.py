"""Configurations as vectors a Gaussian process can measure distances between."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from playnote.records.curves import Floats
from playnote.space.hyperparameter import Categorical
from playnote.space.space import Configuration, Space

# Two different choices lie as far apart as the ends of half a range.
CHOICE = 0.5 / math.sqrt(2)


def encoded(space: Space, configurations: Sequence[Configuration]) -> Floats:
    """: array, shape (n, columns). A coordinate a range, a column a choice, one more for "off" or for not existing."""
    return np.array([_row(space, each) for each in configurations], dtype=float).reshape(len(configurations), -1)


def column_of(space: Space, name: str) -> tuple[int, int | None]:
    """Columns of a range: of its coordinate, and of its being off or absent (None where it is always there)."""
    places: dict[str, tuple[int, int | None]] = {}
    at = 0
    for each in space:
        if isinstance(each, Categorical):
            at += len(each.choices)
            continue
        two = each.off is not None or bool(each.when)
        places[each.name] = (at, at + 1 if two else None)
        at += 1 + two
    return places[name]


def _row(space: Space, configuration: Configuration) -> list[float]:
    row: list[float] = []
    for each in space:
        value = configuration.get(each.name)
        here = value is not None and space.active(each, configuration)
        if isinstance(each, Categorical):
            row.extend(CHOICE if here and value == choice else 0.0 for choice in each.choices)
            continue
        unit = each.to_unit(value) if here and value is not None else math.nan
        row.append(min(max(unit, 0.0), 1.0) if math.isfinite(unit) else 0.5)
        if each.off is not None or each.when:
            row.append(0.0 if math.isfinite(unit) else CHOICE)
    return row
