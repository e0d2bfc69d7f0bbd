"""Facts of order: when rounds were open, when the goal changed, what was adopted and became the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.playbook.facts.base import Provider, of_project
from playnote.records.state import ProjectState


@dataclass(frozen=True, slots=True)
class Span:
    """Journal numbers between which a round was open; closed None while it is."""

    opened: int
    closed: int | None = None

    def holds(self, number: int) -> bool:
        """Whether the round was open at a journal number."""
        return self.opened < number and (self.closed is None or number < self.closed)


@dataclass(frozen=True, slots=True)
class Adopted:
    """One judgement about a configuration: adopted, candidate or rejected, and why."""

    number: int
    verdict: str
    configuration: Mapping[str, object]
    because: str
    data: Mapping[str, object]


@dataclass(frozen=True)
class History:
    """What the journal says of order.

    rounds      journal numbers of every round's opening and closing
    goals       journal numbers at which the objective changed; its first declaration is none
    rescored    journal numbers at which history was scored again
    baselines   (journal number, configuration) whenever the baseline was set
    adoptions   every judgement about a configuration, in order
    """

    rounds: Mapping[int, Span]
    goals: tuple[int, ...] = ()
    rescored: tuple[int, ...] = ()
    baselines: tuple[tuple[int, Mapping[str, object]], ...] = ()
    adoptions: tuple[Adopted, ...] = ()


def history_of(state: ProjectState) -> History:
    """Read the journal once."""
    spans: dict[int, Span] = {}
    for event in state.events("round-opened", "round-closed"):
        form = event.data.get("round")
        number = form.get("number") if isinstance(form, Mapping) else form
        if not isinstance(number, int):
            continue
        if event.kind == "round-opened":
            spans.setdefault(number, Span(event.number))
        elif number in spans:
            spans[number] = Span(spans[number].opened, event.number)
    adoptions = tuple(
        Adopted(
            event.number,
            str(event.data.get("verdict", "")),
            _mapping(event.data.get("configuration")),
            str(event.data.get("because") or ""),
            event.data,
        )
        for event in state.events("adoption")
    )
    return History(
        spans,
        tuple(event.number for event in state.events("objective")[1:]),
        tuple(event.number for event in state.events("rescored")),
        tuple((event.number, _mapping(event.data.get("configuration"))) for event in state.events("baseline")),
        adoptions,
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


PROVIDERS: dict[type, Provider] = {History: of_project(lambda giver: history_of(giver.state))}
