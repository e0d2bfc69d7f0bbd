"""A grid of points, for at most two dimensions."""

from __future__ import annotations

import math

import numpy as np

from playnote.errors import InputError
from playnote.records.settings import DEFAULTS
from playnote.search.halton import Floats
from playnote.text import Text

GRID_DIMENSIONS = int(DEFAULTS["grid_dimensions"])


def grid_points(dimension: int, count: int, start: int = 0, seed: int = 0) -> Floats:
    """The first `count` points of the smallest near-square grid that holds them, cell centres, row by row.

    Returns an array, shape (count, dimension). A grid is made whole: it cannot be continued.
    """
    if dimension > GRID_DIMENSIONS:
        raise InputError(
            Text(
                en="A grid of {n} dimensions was asked for; a grid makes sense up to {most}.",
                zh="要的是 {n} 维网格；网格最多用到 {most} 维。",
            ).fill(n=dimension, most=GRID_DIMENSIONS),
            fix=Text(en='Use the searcher "quasi-random".', zh='改用 "quasi-random"（准随机）。'),
        )
    if start:
        raise InputError(
            Text(en="A grid cannot be extended by {n} points.", zh="网格不能再接着加 {n} 个点。").fill(n=count),
            fix=Text(en='Extend with the searcher "quasi-random".', zh='用 "quasi-random"（准随机）来追加。'),
        )
    if dimension == 0:
        return np.zeros((count, 0))
    if dimension == 1:
        return np.asarray((np.arange(count)[:, None] + 0.5) / max(count, 1))
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / max(columns, 1))
    cells = np.array([(row, column) for row in range(rows) for column in range(columns)][:count]).reshape(count, 2)
    points: Floats = (cells + 0.5) / np.array([max(rows, 1), max(columns, 1)])
    return points
