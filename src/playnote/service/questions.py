"""What the rules ask people, what was answered or set aside, and what an agent proposes."""

from __future__ import annotations

from collections.abc import Iterable

from playnote.guide.stage import due
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import judge_rules
from playnote.records.state import JournalEvent, ProjectState
from playnote.service.proposals import pending_of, replies_of
from playnote.service.session import Session
from playnote.service.views import Json, verdict_view


def questions(session: Session) -> Json:
    """Questions that are due and open, answers and waivers on record, proposals that wait."""
    state = session.state()
    asking = tuple(rule for rule in due(CATALOG, state) if rule.asks is not None)
    rounds = [each.number for each in state.rounds[-1:]]
    verdicts = {verdict.rule: verdict for verdict in judge_rules(asking, state, rounds=rounds)}
    answered = {str(event.data["rule"]) for event in state.events("answer")}
    return {
        "open": [
            {"rule": name, "status": verdict.status, "level": BY_ID[name].level.value, "asks": _asks(name)}
            for name, verdict in verdicts.items()
            if verdict.status == "unknown" and not verdict.waived and name not in answered
        ],
        "answers": [{**_entry(event), "asks": _asks(str(event.data["rule"]))} for event in _last(state, "answer")],
        "waivers": [_entry(event) for event in _last(state, "waiver")],
        "waiting": pending_of(state),
        "replies": replies_of(state),
    }


def about(session: Session, rule: str) -> Json:
    """What is said of one rule now: its verdicts, its answers and its waivers. Raises nothing for an unknown one."""
    state = session.state()
    known = BY_ID.get(rule)
    verdicts = judge_rules((known,), state, rounds=[r.number for r in state.rounds[-1:]]) if known else ()
    return {
        "verdicts": [verdict_view(verdict) for verdict in verdicts],
        "answers": [_entry(event) for event in state.events("answer") if event.data["rule"] == rule],
        "waivers": [_entry(event) for event in state.events("waiver") if event.data["rule"] == rule],
    }


def _last(state: ProjectState, kind: str) -> Iterable[JournalEvent]:
    """The latest of each rule, newest first."""
    latest = {str(event.data["rule"]): event for event in state.events(kind)}
    return sorted(latest.values(), key=lambda event: -event.number)


def _asks(rule: str) -> Json | None:
    known = BY_ID.get(rule)
    return known.asks.as_json() if known is not None and known.asks is not None else None


def _entry(event: JournalEvent) -> Json:
    return {
        "rule": event.data["rule"],
        "said": event.data.get("answer", event.data.get("because")),
        "actor": event.actor,
        "time": event.time,
        "number": event.number,
        "proposed_by": event.data.get("proposed_by"),
    }
