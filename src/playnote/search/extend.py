"""More trials for a planned round: its sequence of points goes on."""

from __future__ import annotations

from playnote.records.project import Project
from playnote.records.round import Round
from playnote.search.plan import with_points
from playnote.search.spending import Spending, check_affordable


def extend(planned: Round, project: Project, more: int, *, first_trial: int, spending: Spending | None = None) -> Round:
    """The round with `more` further points in each study: n points and then m are the n + m planned at once.

    Raises InputError where the budget does not hold them.
    """
    check_affordable(project, more * len(planned.studies), spending or Spending())
    return with_points(planned, project, more, first_trial)
