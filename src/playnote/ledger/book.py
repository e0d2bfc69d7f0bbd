"""Trials and rounds as the journal tells them: one event at a time, each in constant time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast, final

from playnote.ledger.attempts import Digest
from playnote.ledger.forms import load_objective, load_planned, load_record, load_round
from playnote.records.objective import Objective
from playnote.records.round import PlannedTrial, Round
from playnote.records.state import JournalEvent
from playnote.records.trial import Outcome, TrialRecord


@dataclass(slots=True)
class Attempt:
    """One attempt as the journal tells it. `outcome` None while it runs, or where its runner died."""

    number: int
    started: str | None = None
    ended: str | None = None
    outcome: str | None = None
    seconds: float | None = None
    retry: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@final
class Book:
    """What is known of every trial and round, apart from what was logged."""

    def __init__(self) -> None:
        self.planned: dict[str, PlannedTrial] = {}
        self.imported: dict[str, TrialRecord] = {}
        self.attempts: dict[str, dict[int, Attempt]] = {}
        self.objectives: list[Objective] = []
        self._rounds: dict[int, Round] = {}
        self._added: dict[int, list[PlannedTrial]] = {}

    def apply(self, event: JournalEvent) -> str | None:
        """Take one event in; the id of the trial whose attempt it is about, if it is about one."""
        take = _TAKES.get(event.kind)
        if take is not None:
            take(self, cast("Mapping[str, Any]", event.data), event.time)
        return str(event.data["trial"]) if event.kind in ("attempt-started", "attempt-ended") else None

    def rounds(self) -> tuple[Round, ...]:
        """Every round, with the trials that were added to its studies later."""
        return tuple(_grown(self._rounds[number], self._added.get(number, [])) for number in sorted(self._rounds))

    def record(self, trial: str, digests: Mapping[int, Digest]) -> TrialRecord:
        """The record of a planned trial; `digests` by attempt."""
        plan = self.planned[trial]
        attempts = self.attempts.get(trial, {})
        last = attempts[max(attempts)] if attempts else Attempt(0)
        digest = digests.get(last.number, Digest())
        earlier = digests.get(digest.resumed[0]) if digest.resumed else None
        summary = {**(earlier.summary if earlier else {}), **digest.summary}
        first = min((a.started for a in attempts.values() if a.started), default=None)
        return TrialRecord(
            id=trial,
            study=plan.study,
            round=plan.round,
            purpose=plan.purpose,  # type: ignore[arg-type]  # the plan's purpose is one of them
            configuration=plan.configuration,
            seed=plan.seed,
            outcome=None if last.retry else cast("Outcome | None", last.outcome),
            attempts=len(attempts),
            summary=summary,
            seconds=last.seconds,
            started=first,
            ended=last.ended,
            total_steps=None if digest.steps is None else int(digest.steps),
            facts={**digest.facts, **last.facts},
            index=plan.index,
        )

    def _plan(self, data: Mapping[str, Any], _time: str) -> None:
        for form in data["trials"]:
            trial = load_planned(form)
            self.planned[trial.id] = trial
            if trial.round in self._rounds:
                self._added.setdefault(trial.round, []).append(trial)

    def _open(self, data: Mapping[str, Any], time: str) -> None:
        opened = load_round(data["round"])
        self._rounds[opened.number] = opened if opened.opened else replace(opened, opened=time)
        self.planned.update((trial.id, trial) for trial in opened.planned)

    def _close(self, data: Mapping[str, Any], _time: str) -> None:
        number = int(data["round"])
        if number in self._rounds:
            self._rounds[number] = replace(self._rounds[number], closed=str(data["decision"]))

    def _objective(self, data: Mapping[str, Any], _time: str) -> None:
        self.objectives.append(load_objective(data["objective"]))

    def _import(self, data: Mapping[str, Any], _time: str) -> None:
        self.imported.update((form["id"], load_record(form)) for form in data["trials"])

    def _start(self, data: Mapping[str, Any], time: str) -> None:
        self._attempt(data).started = time

    def _end(self, data: Mapping[str, Any], time: str) -> None:
        attempt = self._attempt(data)
        attempt.ended, attempt.outcome = time, data["outcome"]
        attempt.seconds, attempt.retry = data.get("seconds"), bool(data.get("retry", False))
        attempt.facts = {**data.get("facts", {}), **({"error": data["error"]} if data.get("error") else {})}

    def _attempt(self, data: Mapping[str, Any]) -> Attempt:
        number = int(data["attempt"])
        return self.attempts.setdefault(str(data["trial"]), {}).setdefault(number, Attempt(number))


_TAKES: dict[str, Callable[[Book, Mapping[str, Any], str], None]] = {
    "objective": Book._objective,
    "round-opened": Book._open,
    "round-closed": Book._close,
    "trial-planned": Book._plan,
    "trial-imported": Book._import,
    "attempt-started": Book._start,
    "attempt-ended": Book._end,
}


def _grown(round_: Round, added: list[PlannedTrial]) -> Round:
    if not added:
        return round_
    studies = tuple(
        replace(study, planned=(*study.planned, *(t for t in added if t.study == study.name)))
        for study in round_.studies
    )
    return replace(round_, studies=studies)
