"""The boundary task: one search, its ranges, and which hyperparameters matter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from itertools import combinations
from typing import Literal

import numpy as np

from playnote.diagnosis.boundary import BoundaryFinding, answer_boundary, measure_boundary
from playnote.diagnosis.seed_noise import measure_seed_noise
from playnote.records.finding import Finding
from playnote.records.table import TrialTable
from playnote.service.exchange_case import Raw, axes_of, error_of, mapping, metric_of, names_of_axes, number, trials_of
from playnote.service.judge_questions import Question
from playnote.space.space import Space

INDEPENDENT = frozenset({"random", "halton", "sobol", "grid", "quasi-random"})
_SIDES: tuple[Literal["low", "high"], ...] = ("low", "high")


def questions(study: Raw) -> Iterator[Question]:
    """Two sides and one "does nothing" a hyperparameter, the divergence edge of the lr, and every pair."""
    names, table = names_of_axes(study), table_of(study)
    known = set(table.space.names) if table is not None else set()
    for name in names:
        for side in _SIDES:
            target = {"param": name, "side": side}
            ask = partial(_boundary, study, table, name, side) if table is not None and name in known else None
            yield Question("boundary_too_narrow", target, ask) if ask else Question("boundary_too_narrow", target)
        yield Question("hp_inert", {"param": name}, partial(_asked, "inert", study, table, name))
    yield Question("lr_at_divergence_edge", {"param": "lr"}, partial(_asked, "divergence_edge", study, table, "lr"))
    for first, second in combinations(names, 2):
        ask_pair = partial(_asked, "coupling", study, table, first, second)
        yield Question("hp_coupled", {"params": [first, second]}, ask_pair)


def _asked(question: str, study: Raw, table: TrialTable | None, *names: str) -> Finding | None:
    """The finding of `diagnosis/<question>.py`; None, which is "unknown", where it cannot be asked."""
    where = f"playnote.diagnosis.{question}"
    if table is None or any(name not in table.space.names for name in names) or find_spec(where) is None:
        return None
    module = import_module(where)
    measure, answer = getattr(module, f"measure_{question}"), getattr(module, f"answer_{question}")
    known: dict[str, object] = {"min_effect": metric_of(study).min_effect, "seed_sd": seed_sd(study)}
    taken = signature(measure).parameters
    found: Finding = answer(measure(table, *names, **{key: value for key, value in known.items() if key in taken}))
    return found


def table_of(study: Raw) -> TrialTable | None:
    """The search trials as a table; None where the direction or every range is missing."""
    sign, space = metric_of(study).sign, axes_of(study)
    if sign is None or not len(space):
        return None
    trials = [trial for trial in trials_of(study) if trial.get("role", "search") == "search"]
    errors = [error_of(trial, sign) for trial in trials]
    failed = np.array([error is None for error in errors], dtype=bool)
    error = np.array([math.nan if each is None else each for each in errors], dtype=np.float64)
    algorithm = mapping(study.get("search")).get("algorithm")
    return TrialTable(
        space=space,
        ids=tuple(str(index) for index in range(len(trials))),
        unit=np.array([_unit(space, mapping(trial.get("params"))) for trial in trials]).reshape(
            len(trials), len(space)
        ),
        error=error,
        ok=np.isfinite(error),
        diverged=~failed & ~np.isfinite(error),
        pruned=np.zeros(len(trials), dtype=bool),
        failed=failed,
        last_error=np.full(len(trials), math.nan),
        adaptive=str(algorithm) not in INDEPENDENT,
    )


def seed_sd(study: Raw) -> float | None:
    """SD of one run over the repeats that the study holds; None without any."""
    sign = metric_of(study).sign
    return None if sign is None else measure_seed_noise(list(repeats(study, sign).values())).sd


def repeats(study: Raw, sign: float) -> dict[str, list[float]]:
    """Errors of repeated configurations, by arm; failed and diverged runs tell nothing of the spread."""
    groups: dict[str, list[float]] = {}
    for trial in trials_of(study):
        if trial.get("role") != "repeat" or not isinstance(trial.get("arm"), str):
            continue
        error = error_of(trial, sign)
        if error is not None:
            groups.setdefault(str(trial["arm"]), []).append(error)
    return {arm: [error for error in errors if math.isfinite(error)] for arm, errors in groups.items()}


def _unit(space: Space, params: Raw) -> list[float]:
    """Unit coordinates of one trial; NaN where a value is missing or does not fit its scale."""
    return [_coordinate(space, name, number(params.get(name))) for name in space.names]


def _coordinate(space: Space, name: str, value: float | None) -> float:
    if value is None:
        return math.nan
    try:
        return space[name].to_unit(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        return math.nan


def _boundary(study: Raw, table: TrialTable, name: str, side: Literal["low", "high"]) -> BoundaryFinding:
    effect = metric_of(study).min_effect
    return answer_boundary(measure_boundary(table, name, side, min_effect=effect, seed_sd=seed_sd(study)))
