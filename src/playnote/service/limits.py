"""Learned stability limits: read from the rounds on record, shown with a plan and with a round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playnote.playbook.engine import Facts
from playnote.playbook.facts import Target
from playnote.playbook.facts.edges import Cliffs
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.search.limits import StabilityLimit
from playnote.search.price import Plan
from playnote.service.views import Json, finite


def limits_before(state: ProjectState, current: Round, facts: Facts | None = None) -> tuple[StabilityLimit, ...]:
    """The latest limit of each side of what the round searches, from rounds before it."""
    facts = facts or Facts(state)
    found: dict[tuple[str, str], StabilityLimit] = {}
    for past in sorted(state.rounds, key=lambda each: each.number):
        if past.number < current.number:
            found.update({(each.hyperparameter, each.side): each for each in limits_of(past, facts)})
    return tuple(each for each in found.values() if each.hyperparameter in current.space.names)


def limits_of(current: Round, facts: Facts) -> tuple[StabilityLimit, ...]:
    """The limits that the round's own trials show: sides on which its divergences lie significantly further out."""
    cliffs: Any = facts.give(Cliffs, Target(round=current.number))
    return tuple(
        StabilityLimit(
            hyperparameter=str(edge.target["hyperparameter"]),
            side="low" if edge.target["side"] == "low" else "high",
            value=edge.threshold,
            interval=edge.threshold_interval,
            n=edge.n,
            round=current.number,
        )
        for edge in cliffs.edges
        if edge.threshold is not None and edge.threshold_interval is not None
    )


def with_limits(state: ProjectState, plan: Plan) -> Plan:
    """The plan, with what is known of where training diverges."""
    return replace(plan, limits=limits_before(state, plan.round))


def limit_view(limit: StabilityLimit, current: Round) -> Json:
    """One limit as data."""
    return {
        "hyperparameter": limit.hyperparameter,
        "side": limit.side,
        "value": finite(limit.value),
        "interval": finite(list(limit.interval)),
        "level": 0.9,
        "ended_well": limit.n[0],
        "diverged": limit.n[1],
        "round": limit.round,
        "beyond": finite(limit.beyond(current.space)),
        "text": limit.line(current.space).as_json(),
    }
