"""Rounds that came into the record past the gate: opened, or run, without the gate's own entry before it.

Nothing on a disk can be kept from somebody who writes to it. What was written by other ways than the commands is
found here and said at every `check`, with who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playnote.records.state import JournalEvent, ProjectState


@dataclass(frozen=True, slots=True)
class PastTheGate:
    """A round, the operation that has no gate entry, and the journal line and actor that did it."""

    round: int
    operation: str
    journal: int
    actor: str

    def as_json(self) -> dict[str, object]:
        """The same as plain data."""
        return {"round": self.round, "operation": self.operation, "journal": self.journal, "actor": self.actor}


def past_the_gate(state: ProjectState) -> tuple[PastTheGate, ...]:
    """Every round that was opened or run without passing; none of a record that was made elsewhere."""
    return tuple(_found(state)) if state.origin == "ledger" else ()


def _found(state: ProjectState) -> Iterator[PastTheGate]:
    passed: set[str] = set()
    open_, known = 0, {each.number for each in state.rounds}
    seen: set[int] = set()
    for event in state.journal:
        if event.kind == "gate":
            passed.add(str(event.data["operation"]))
        elif event.kind == "round-opened":
            number = _number(event)
            if number in known and number not in seen and "round new" not in passed:
                yield PastTheGate(number, "round new", event.number, event.actor)
            if number not in seen:
                passed -= {"round new", "round run"}
            open_ = number
            seen.add(number)
        elif event.kind == "attempt-started" and "round run" not in passed and _of_round(state, event, open_):
            yield PastTheGate(open_, "round run", event.number, event.actor)
            passed.add("round run")


def _number(event: JournalEvent) -> int:
    opened = event.data["round"]
    return int(opened["number"]) if isinstance(opened, dict) else 0


def _of_round(state: ProjectState, event: JournalEvent, number: int) -> bool:
    planned = next((each.planned for each in state.rounds if each.number == number), ())
    return any(trial.id == event.data["trial"] for trial in planned)
