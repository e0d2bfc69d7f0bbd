"""From trials and their scores to the arrays that study-level measures read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from playnote.records.objective import Objective
from playnote.records.state import Reading
from playnote.records.table import TrialTable
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.space.hyperparameter import Categorical
from playnote.space.space import Space


def table_of(
    trials: Sequence[TrialRecord],
    readings: Mapping[str, Reading],
    space: Space,
    objective: Objective,
    *,
    adaptive: bool = False,
) -> TrialTable:
    """Ended trials as a table over `space`; running ones are left out.

    A trial that violates a constraint is not `ok` and keeps its error; an unmeasured constraint leaves it `ok`:
    feasibility is then undetermined, which the ranking says, not the geometry.
    """
    ended = [trial for trial in trials if trial.outcome is not None]
    scores = [readings.get(trial.id, Reading(None)) for trial in ended]
    error = np.array([_error(reading, objective.sign) for reading in scores], dtype=float)
    complete = np.array([trial.outcome == "ok" for trial in ended], dtype=bool)
    pruned = np.array([trial.outcome == "pruned" for trial in ended], dtype=bool)
    violated = np.array([reading.feasible is False for reading in scores], dtype=bool)
    return TrialTable(
        space=space,
        ids=tuple(trial.id for trial in ended),
        unit=np.array([[_unit(space, name, trial) for name in space.names] for trial in ended], dtype=float).reshape(
            len(ended), len(space)
        ),
        error=np.where(complete, error, np.nan),
        ok=complete & np.isfinite(error) & ~violated,
        diverged=np.array([trial.outcome in DIVERGED for trial in ended], dtype=bool),
        pruned=pruned,
        failed=np.array([str(trial.outcome).startswith(("failed", "oom")) for trial in ended], dtype=bool),
        last_error=np.where(pruned, error, np.nan),
        adaptive=adaptive,
    )


def _error(reading: Reading, sign: float) -> float:
    return math.nan if reading.score is None else sign * reading.score


def _unit(space: Space, name: str, trial: TrialRecord) -> float:
    """Coordinate of a value; NaN where it is absent, off, or no member of the space."""
    value = trial.configuration.get(name)
    hyperparameter = space[name]
    if value is None or not space.active(hyperparameter, trial.configuration):
        return math.nan
    if isinstance(hyperparameter, Categorical):
        return hyperparameter.to_unit(value) if value in hyperparameter.choices else math.nan
    try:
        unit = hyperparameter.to_unit(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return unit if math.isfinite(unit) else math.nan
