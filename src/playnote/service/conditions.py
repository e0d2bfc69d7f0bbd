"""The questions of `measure end-to-end-or-pipeline`, for a face that can ask them."""

from __future__ import annotations

from playnote.procedures.measure.end_to_end import CONDITIONS, Condition
from playnote.service.session import Session


def unanswered(session: Session) -> tuple[Condition, ...]:
    """The conditions that the project's `task` does not say."""
    task = session.project.task
    return tuple(each for each in CONDITIONS if task.get(each.key, "").strip().lower() not in (each.yes, each.no))


__all__ = ["Condition", "unanswered"]
