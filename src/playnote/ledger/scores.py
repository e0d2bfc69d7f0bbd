"""Scores of the ledger's trials: read once for a trial that has ended, and remembered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import final

from playnote.records.curves import CurveSource
from playnote.records.naming import DeclaredCurves, declared
from playnote.records.objective import Objective
from playnote.records.project import Split
from playnote.records.score import read_score
from playnote.records.state import Reading
from playnote.records.trial import TrialRecord


@final
class Scores:
    """Readings by objective and naming; `forget` what changed."""

    def __init__(self, curves: CurveSource) -> None:
        self._curves = curves
        self._known: dict[Hashable, dict[str, Reading]] = {}

    def read(
        self, trials: Iterable[TrialRecord], objective: Objective, splits: Mapping[str, Split]
    ) -> dict[str, Reading]:
        """The reading of every trial; a trial that did not end well has no score."""
        names = tuple((name, split.logged_as) for name, split in splits.items())
        known = self._known.setdefault((objective, names), {})
        readings: dict[str, Reading] = {}
        for trial in trials:
            if trial.id not in known or trial.outcome is None:
                known[trial.id] = self._read(trial, objective, splits)
            readings[trial.id] = known[trial.id]
        return readings

    def forget(self, trial: str | None = None) -> None:
        """Read this trial (or all) again next time."""
        if trial is None:
            self._known.clear()
        for known in self._known.values():
            known.pop(trial or "", None)

    def _read(self, trial: TrialRecord, objective: Objective, splits: Mapping[str, Split]) -> Reading:
        if trial.outcome != "ok":
            return Reading(None)
        curves = DeclaredCurves(self._curves, splits)
        return read_score(objective, lambda metric: curves.curve(trial.id, metric), declared(trial.summary, splits))
