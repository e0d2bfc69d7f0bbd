"""All that a person weighs before a round is closed: its answer, the fresh seeds so far, and what it leaves open."""

from __future__ import annotations

from playnote.records.state import JournalEvent
from playnote.service.rounds import chosen_round, show_of
from playnote.service.session import Session
from playnote.service.views import Json, finite, trial_view


def deciding(session: Session, number: int | None = None) -> Json:
    """A round's answer and comparison, adoptions judged since it was opened, and the runs with fresh seeds."""
    state = session.state()
    current = chosen_round(state, number, open_only=False)
    shown = show_of(state, current)
    ours = {each.id for each in current.planned}
    judged = [event for event in state.events("adoption") if event.data.get("trial") in ours]
    runs = state.of_purpose("baseline", "confirm")
    fresh = [trial for trial in runs if trial.purpose == "baseline" or trial.study in ours]
    return {
        "round": current.number,
        "rounds": [each.number for each in state.rounds],
        "show": shown,
        "baseline": finite(dict(state.project.baseline)),
        "adoptions": [_adoption(event) for event in judged],
        "fresh": [trial_view(trial, state.readings.get(trial.id)) for trial in fresh],
    }


def _adoption(event: JournalEvent) -> Json:
    return {
        "number": event.number,
        "time": event.time,
        "actor": event.actor,
        "trial": event.data.get("trial"),
        "verdict": event.data["verdict"],
        "because": event.data.get("because"),
        "probability": finite(event.data.get("probability")),
        "configuration": finite(event.data["configuration"]),
    }
