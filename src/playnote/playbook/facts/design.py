"""Facts of a round's design: how the planned points cover the ranges, and how many ran side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from playnote.playbook.facts.base import Giver, Provider, Target, of_round
from playnote.playbook.facts.history import History
from playnote.records.curves import Floats
from playnote.records.round import Round
from playnote.space.hyperparameter import Categorical


@dataclass(frozen=True)
class Coverage:
    """How the planned points of one study lie in the searched space.

    points      distinct points with a place in every ordered range
    gaps        largest stretch without a point, as a share of each range on its own scale
    unevenness  centred L2 discrepancy as a share of that expected of as many random points; None below two points
    """

    points: int = 0
    gaps: Mapping[str, float] = field(default_factory=dict)
    unevenness: float | None = None


@dataclass(frozen=True, slots=True)
class Parallel:
    """Trials that ran side by side at most while the round was open; None where no run of it is on record."""

    workers: int | None = None
    planned: int = 0

    @property
    def share(self) -> float | None:
        """As a share of the planned trials."""
        return self.workers / self.planned if self.workers is not None and self.planned else None


def coverage_of(giver: Giver, target: Target) -> Coverage:
    """Coverage of the study with the most planned points; all studies share the same ones where they are paired."""
    each = giver.give(Round, target)
    ordered = [h for h in each.space if not isinstance(h, Categorical)]
    if not each.studies or not ordered:
        return Coverage()
    study = max(each.studies, key=lambda one: len(one.planned))
    rows = [
        [h.to_unit(planned.configuration[h.name]) for h in ordered]
        for planned in study.planned
        if all(isinstance(planned.configuration.get(h.name), int | float) for h in ordered)
    ]
    unit = np.unique(np.array(rows, dtype=float).reshape(len(rows), len(ordered)), axis=0)
    unit = np.clip(unit[np.all(np.isfinite(unit), axis=1)], 0.0, 1.0)
    gaps = {h.name: _gap(unit[:, at]) for at, h in enumerate(ordered)} if len(unit) else {}
    return Coverage(len(unit), gaps, _unevenness(unit))


def _gap(values: Floats) -> float:
    return float(np.diff(np.concatenate(([0.0], np.sort(values), [1.0]))).max())


def _unevenness(unit: Floats) -> float | None:
    """Hickernell's centred L2 discrepancy, against its mean over independent uniform points."""
    n, d = unit.shape
    if n < 2:
        return None
    away = np.abs(unit - 0.5)
    own = np.prod(1.0 + 0.5 * away - 0.5 * away**2, axis=1).sum()
    pairs = np.ones((n, n))
    for column in range(d):
        at, off = unit[:, column], away[:, column]
        pairs *= 1.0 + 0.5 * (off[:, None] + off[None, :] - np.abs(at[:, None] - at[None, :]))
    squared = (13 / 12) ** d - 2.0 / n * own + pairs.sum() / n**2
    expected = ((5 / 4) ** d - (13 / 12) ** d) / n
    return float(squared / expected)


def parallel_of(giver: Giver, target: Target) -> Parallel:
    """From the runs that began while the round was open."""
    each = giver.give(Round, target)
    span = giver.give(History, target).rounds.get(each.number)
    workers = [
        count
        for event in giver.state.events("run-started")
        if span is not None and span.holds(event.number) and isinstance(count := event.data.get("workers"), int)
    ]
    return Parallel(max(workers, default=None), each.total)


PROVIDERS: dict[type, Provider] = {Coverage: of_round(coverage_of), Parallel: of_round(parallel_of)}
