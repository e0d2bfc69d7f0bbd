"""More trials for a planned round: its sequence of points goes on."""

from __future__ import annotations

import math
from dataclasses import replace

from playnote.records.project import Project
from playnote.records.round import Round
from playnote.search.plan import next_index, study_name, study_points, with_points
from playnote.search.spending import Spending, check_affordable
from playnote.space.space import Configuration


def extend(planned: Round, project: Project, more: int, *, first_trial: int, spending: Spending | None = None) -> Round:
    """The round with `more` further points in each study: n points and then m are the n + m planned at once.

    The stored points are the truth. Where the sequence no longer gives them (another SciPy, another
    project file), the new points come from a new sequence, as for a new version of the space.
    Raises InputError where the budget does not hold them.
    """
    check_affordable(project, more * len(planned.studies), spending or Spending())
    if not gives_stored_points(planned, project):
        planned = replace(planned, space_version=planned.space_version + 1, space_start=next_index(planned))
    return with_points(planned, project, more, first_trial)


def gives_stored_points(planned: Round, project: Project) -> bool:
    """Whether the sequence, made again, gives the points that the round stored."""
    start, count = planned.space_start, next_index(planned) - planned.space_start
    again = {
        study_name(planned.number, dict(scientific)): points
        for scientific, points in study_points(planned, project, count, 0).items()
    }
    return all(
        study.name in again and _alike(trial.configuration, again[study.name][trial.index - start])
        for study in planned.studies
        for trial in study.planned
        if trial.index >= start
    )


def _alike(one: Configuration, other: Configuration) -> bool:
    return one.keys() == other.keys() and all(_close(one[name], other[name]) for name in one)


def _close(one: object, other: object) -> bool:
    # Machines may differ in the last digits of a logarithm.
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other
