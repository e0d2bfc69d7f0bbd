"""The project's state: what diagnosis, rules and the guide see. `review` and `check` share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playnote.records.curves import CurveSource, NoCurves
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.trial import TrialRecord


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One numbered line of the journal: what was planned, answered, waived, decided or read, by whom and when (UTC)."""

    number: int
    kind: str
    time: str
    actor: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reading:
    """A trial's score under one objective version, read at one step.

    score     None where a term is missing or the trial did not end well
    feasible  None where a constraint was not measured
    missing   names of the terms and constraint metrics that were not found at that step
    limits    values of the constraint metrics there, by name; those that were not measured are left out
    """

    score: float | None
    step: float | None = None
    feasible: bool | None = None
    missing: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class ProjectState:
    """Project + journal + trials + curves, frozen at one journal number.

    readings  score of every trial under the project's objective version, by trial id
    origin    "ledger", or the tool the trials came from ("optuna", "csv", ...)
    unknown   facts the source does not hold, by name, with what would bring them
    """

    project: Project
    trials: tuple[TrialRecord, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
    journal: tuple[JournalEvent, ...] = ()
    curves: CurveSource = field(default_factory=NoCurves)
    origin: str = "ledger"
    facts: Mapping[str, object] = field(default_factory=dict)

    def of_round(self, number: int) -> tuple[TrialRecord, ...]:
        """Trials of one round."""
        return tuple(trial for trial in self.trials if trial.round == number)

    def of_purpose(self, *purposes: str) -> tuple[TrialRecord, ...]:
        """Trials run for one of these purposes."""
        return tuple(trial for trial in self.trials if trial.purpose in purposes)

    def events(self, *kinds: str) -> tuple[JournalEvent, ...]:
        """Journal events of these kinds, in order."""
        return tuple(event for event in self.journal if event.kind in kinds)
