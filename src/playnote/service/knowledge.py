"""What is known about the task, as data; and the warning before a round that repeats a dead end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from playnote.guide.knowledge import Lesson, dead_ends, knowledge_of
from playnote.playbook.engine import Facts
from playnote.records.state import ProjectState
from playnote.search.price import Plan
from playnote.service.session import Session
from playnote.service.views import Json, finite
from playnote.space.hyperparameter import Value
from playnote.text import Text


def knowledge(session: Session) -> Json:
    """Every lesson on record."""
    return {"lessons": [lesson_view(each) for each in knowledge_of(session.state())]}


def known_before(state: ProjectState, number: int, facts: Facts | None = None) -> list[Json]:
    """What a round could have known: the lessons of earlier rounds, and what was decided since about them."""
    return [lesson_view(each) for each in knowledge_of(state, facts) if each.round is None or each.round < number]


def warned(state: ProjectState, plan: Plan, scientific: Mapping[str, tuple[Value, ...]]) -> Plan:
    """The plan, with a warning for each earlier lesson that says nothing was gained by this question."""
    found = dead_ends(state, scientific)
    return replace(plan, warnings=(*(_AGAIN.fill(lesson=each.text) for each in found), *plan.warnings))


def lesson_view(lesson: Lesson) -> Json:
    """One lesson as data."""
    return {
        "kind": lesson.kind,
        "about": list(lesson.about),
        "round": lesson.round,
        "text": lesson.text.as_json(),
        "probability": finite(lesson.p),
        "n": finite(lesson.n),
        "conditions": finite(dict(lesson.conditions)),
    }


_AGAIN = Text(en="This was tried before. {lesson}", zh="以前试过。{lesson}")
