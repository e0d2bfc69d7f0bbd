"""Configurations from a sequence of points of the unit cube: quasi-random, random or a grid.

Each configuration depends on its index alone, so a sequence may be made in any order, in any
parts, by any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from playnote.search.branches import branches, coordinates, dimension
from playnote.search.halton import Floats, halton_points
from playnote.space.hyperparameter import Value
from playnote.space.points import configuration_at
from playnote.space.space import Configuration, Space

# dimension, count, start, seed -> array, shape (count, dimension)
PointMaker = Callable[[int, int, int, int], Floats]
# Seeds of the branches of one space lie this far apart.
_BRANCH_STEP = 7919


def quasi_random(dimension: int, count: int, start: int, seed: int) -> Floats:
    """Scrambled Halton points; see `halton_points`."""
    return halton_points(dimension, count, seed=seed, start=start)


def uniform_random(dimension: int, count: int, start: int, seed: int) -> Floats:
    """Independent uniform points, one generator a point."""
    rows = [np.random.default_rng((seed, start + number)).random(dimension) for number in range(count)]
    return np.array(rows).reshape(count, dimension)


def configurations(
    space: Space,
    searched: Collection[str],
    given: Configuration,
    *,
    count: int,
    start: int = 0,
    seed: int = 0,
    off_share: float,
    width: int | None = None,
    maker: PointMaker = quasi_random,
) -> list[dict[str, Value]]:
    """Configurations `start` to `start + count`; the branches of a conditional space take turns.

    given  values of what is not searched
    width  coordinates of the sequence, at least what the space needs; sequences of equal width share their points
    """
    taking_turns = branches(space, searched, given)
    width = dimension(space, searched, given) if width is None else width
    made: dict[int, dict[str, Value]] = {}
    for number, branch in enumerate(taking_turns):
        indices = [index for index in range(start, start + count) if index % len(taking_turns) == number]
        if not indices:
            continue
        names = coordinates(space, searched, given, branch)
        points = maker(width, len(indices), indices[0] // len(taking_turns), seed + _BRANCH_STEP * number)
        for index, point in zip(indices, points, strict=True):
            units = dict(zip(names, (float(unit) for unit in point), strict=False))
            made[index] = configuration_at(space, units, {**given, **branch}, off_share=off_share)
    return [made[index] for index in range(start, start + count)]
