"""One row a nuisance point: the studies of a round run on the same points, so their trials are not independent.

Taken as independent, the same good point would count once for every scientific value, and a hyperparameter that does
nothing would look decisive. The error of a point is what is left of its trials after each study's own level is taken
out: an additive fit by alternating means, which for complete rounds is the two-way analysis of variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playnote.records.curves import Floats
from playnote.records.table import TrialTable

_ROUNDS = 20  # alternating means of a few studies settle to a millionth well before


def points_of(table: TrialTable, studies: Sequence[str]) -> TrialTable:
    """The table with one row for each distinct point; itself where no point was run twice.

    studies : name of the study of each row
    A point is `ok` where any study finished it, diverged where none did and one diverged.
    """
    keys = [row.tobytes() for row in np.round(np.where(np.isfinite(table.unit), table.unit, -1.0), 9)]
    place = {key: at for at, key in enumerate(dict.fromkeys(keys))}
    if len(place) == len(table):
        return table
    point = np.array([place[key] for key in keys])
    names = {name: at for at, name in enumerate(dict.fromkeys(studies))}
    study = np.array([names[name] for name in studies])
    first = np.array([int(np.argmax(point == at)) for at in range(len(place))])
    ok = _any(point, table.ok, len(place))
    diverged = _any(point, table.diverged, len(place)) & ~ok
    pruned = _any(point, table.pruned, len(place)) & ~ok & ~diverged
    return replace(
        table,
        ids=tuple(table.ids[at] for at in first),
        unit=table.unit[first],
        error=np.where(ok, _levels(table.error, table.ok, point, study, len(place)), np.nan),
        ok=ok,
        diverged=diverged,
        pruned=pruned,
        failed=_any(point, table.failed, len(place)) & ~ok & ~diverged & ~pruned,
        last_error=np.where(pruned, table.last_error[first], np.nan),
    )


def _any(point: NDArray[np.intp], flags: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    return np.bincount(point, weights=flags.astype(float), minlength=n) > 0


def _levels(error: Floats, ok: NDArray[np.bool_], point: NDArray[np.intp], study: NDArray[np.intp], n: int) -> Floats:
    """The level of each point in the metric's unit; NaN where no study finished it."""
    here, at, of = error[ok], point[ok], study[ok]
    level, shift = np.full(n, np.nan), np.zeros(int(study.max()) + 1)
    for _ in range(_ROUNDS):
        level = _means(here - shift[of], at, n)
        shift = np.nan_to_num(_means(here - level[at], of, len(shift)))
    return level + float(shift[np.unique(of)].mean()) if len(of) else level


def _means(values: Floats, group: NDArray[np.intp], n: int) -> Floats:
    count = np.bincount(group, minlength=n)
    total = np.bincount(group, weights=values, minlength=n)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
