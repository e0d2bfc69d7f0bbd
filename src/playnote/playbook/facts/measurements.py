"""Facts that procedures measured: one journal event ("measurement") for each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.playbook.facts.base import Provider, of_project
from playnote.records.state import ProjectState


@dataclass(frozen=True, slots=True)
class Measurement:
    """One answer of a procedure: the journal number it was written at, its numbers and its verdict."""

    number: int
    time: str
    result: Mapping[str, object]
    verdict: str | None = None

    def number_of(self, name: str) -> float | None:
        """A number of the result, None where it is absent or no number."""
        value = self.result.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """A yes or no of the result."""
        value = self.result.get(name)
        return value if isinstance(value, bool) else None

    def word(self, name: str) -> str:
        """A word of the result, "" where it is absent."""
        value = self.result.get(name)
        return value if isinstance(value, str) else ""

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers of the result."""
        value = self.result.get(name)
        listed = value if isinstance(value, list | tuple) else ()
        return tuple(float(each) for each in listed if isinstance(each, int | float))


@dataclass(frozen=True)
class Measured:
    """Every measurement on record, by procedure, oldest first."""

    by_procedure: Mapping[str, tuple[Measurement, ...]]

    def all(self, procedure: str) -> tuple[Measurement, ...]:
        """All answers of a procedure."""
        return self.by_procedure.get(procedure, ())

    def last(self, procedure: str) -> Measurement | None:
        """Its latest answer, None where it never ran."""
        found = self.all(procedure)
        return found[-1] if found else None


def measured_in(state: ProjectState) -> Measured:
    """Read the journal's measurements."""
    found: dict[str, list[Measurement]] = {}
    for event in state.events("measurement"):
        result = event.data.get("result")
        verdict = event.data.get("verdict")
        found.setdefault(str(event.data.get("name")), []).append(
            Measurement(
                event.number,
                event.time,
                result if isinstance(result, Mapping) else {},
                str(verdict) if verdict is not None else None,
            )
        )
    return Measured({name: tuple(each) for name, each in found.items()})


PROVIDERS: dict[type, Provider] = {Measured: of_project(lambda giver: measured_in(giver.state))}
