"""The adoption task: fresh runs of a candidate against fresh runs of the baseline.

Runs of the search lend their noise and nothing else. A null score of a run that ended counts as NaN: it diverged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.diagnosis.adoption import (
    ONCE,
    AdoptionFinding,
    Examples,
    Looks,
    answer_adoption,
    measure_adoption,
)
from playnote.service.exchange_case import Metric, Raw, axes_of, error_of, mapping, metric_of, number, text, trials_of
from playnote.service.judge_questions import Question
from playnote.service.judge_study import repeats
from playnote.stats.moderated_t import Spread
from playnote.stats.residual_variance import residual_spread

Floats = NDArray[np.float64]
_LOG_FROM = 20.0  # a positive parameter that spans more than this factor is read on a log scale
_MOST_LOOK = 100_000


def questions(study: Raw) -> Iterator[Question]:
    """The one question: adopt?"""
    yield Question("adopt", {}, partial(_adopt, study))


def _adopt(study: Raw) -> AdoptionFinding | None:
    metric, decision = metric_of(study), mapping(study.get("decision"))
    names = [text(decision.get(name)) for name in ("baseline", "candidate")]
    if metric.sign is None or None in names or names[0] == names[1]:
        return None
    arms = [_fresh(study, name, metric.sign) for name in names]
    pairs = decision.get("paired_by") == "seed"
    if pairs:
        arms, pairs = _paired(arms)
    a, b = ([error for _, error in arm] for arm in arms)
    population = decision.get("population") == "examples_and_seeds"
    return answer_adoption(
        measure_adoption(
            a,
            b,
            history=[group for group in repeats(study, metric.sign).values() if len(group) > 1],
            search_noise=_search_noise(study, metric.sign),
            pairs=pairs,
            min_effect=metric.min_effect,
            margin=max(number(decision.get("margin")) or 0.0, 0.0),
            alpha=_alpha(number(decision.get("alpha"))),
            looks=_looks(study.get("looks"), min(len(a), len(b))),
            population=population,
            examples=_examples(arms, metric) if population else None,
        )
    )


Run = tuple[Raw, float]


def _fresh(study: Raw, arm: str | None, sign: float) -> list[Run]:
    """Confirming runs of one arm with their errors, NaN where diverged; failed ones are missing."""
    found = []
    for trial in trials_of(study):
        if trial.get("role") == "confirm" and trial.get("arm") == arm:
            error = error_of(trial, sign)
            if error is not None:
                found.append((trial, error))
    return found


def _paired(arms: Sequence[list[Run]]) -> tuple[list[list[Run]], bool]:
    """Both arms in the order of their seeds, where every seed stands once in each; else as they were, unpaired."""
    seeds = [[number(trial.get("seed")) for trial, _ in arm] for arm in arms]
    once = all(None not in each and len(set(each)) == len(each) for each in seeds)
    if not once or set(seeds[0]) != set(seeds[1]):
        return list(arms), False
    return [sorted(arm, key=lambda run: number(run[0].get("seed")) or 0.0) for arm in arms], True


def _alpha(value: float | None) -> float | None:
    return value if value is not None and 0 < value <= 0.5 else None


def _looks(looks: Any, runs: int) -> Looks:
    """Planned looks; one between two of the plan uses the level of the earlier."""
    if not isinstance(looks, (list, tuple)):
        return ONCE
    counts = [number(look) for look in looks]
    plan = tuple(sorted({int(look) for look in counts if look is not None and 1 <= look <= _MOST_LOOK}))
    if len(plan) < 2:
        return ONCE
    return Looks("planned", plan if runs in plan or runs < plan[0] else tuple(sorted({*plan, runs})))


def _search_noise(study: Raw, sign: float) -> Spread | None:
    """Residual variance of the search that found the candidate, where its trials recorded their parameters."""
    rows, errors = [], []
    for trial in trials_of(study):
        error = error_of(trial, sign) if trial.get("role") == "search" else None
        if error is not None and math.isfinite(error):
            rows.append(mapping(trial.get("params")))
            errors.append(error)
    names = sorted({name for row in rows for name in row if isinstance(name, str)})
    columns = [_column([number(row.get(name)) for row in rows], name, study) for name in names]
    used = [column for column in columns if column is not None]
    if not used:
        return None
    values = np.array(errors)
    unit = float(np.max(np.abs(values - np.median(values)))) or 1.0
    if not math.isfinite(unit):
        return None
    found = residual_spread(np.column_stack(used), (values - np.median(values)) / unit)
    variance = 0.0 if found is None else found.variance * unit * unit
    return Spread(variance, found.df) if found is not None and 0 < variance < math.inf else None


def _column(values: list[float | None], name: str, study: Raw) -> Floats | None:
    """One parameter in [0, 1]; None where it is missing somewhere or never varies."""
    if any(value is None for value in values):
        return None
    column = np.array(values, dtype=np.float64)
    space = axes_of(study)
    log = name in space.names and getattr(space[name], "scale", "") == "log"
    smallest = float(column.min())
    if smallest > 0 and (log or float(column.max()) / smallest > _LOG_FROM):
        column = np.log(column)
    span = float(np.ptp(column))
    return (column - column.min()) / span if 0 < span < math.inf else None


def _examples(arms: Sequence[list[Run]], metric: Metric) -> Examples | None:
    """Per-example correctness of the finished runs; None unless every one of them has the same examples."""
    hits = [[_hits(trial) for trial, error in arm if math.isfinite(error)] for arm in arms]
    rows = [row for arm in hits for row in arm]
    if not rows or any(row is None or len(row) != len(rows[0] or ()) for row in rows) or len(rows[0] or ()) < 2:
        return None
    if not hits[0] or not hits[1]:
        return None
    first, second = (np.array(arm, dtype=np.float64) for arm in hits)
    errors = [error for arm in arms for _, error in arm if math.isfinite(error)]
    return Examples(first, second, _metric_per_hit(np.concatenate([first, second]).mean(axis=1), np.array(errors)))


def _hits(trial: Raw) -> list[float] | None:
    """The `correct` string as numbers."""
    correct = text(trial.get("correct"))
    if not correct or set(correct) - {"0", "1"}:
        return None
    return [float(mark) for mark in correct]


def _metric_per_hit(share: Floats, errors: Floats) -> float:
    """Metric units per unit of the share of hits: 1 for an accuracy, 100 for a percentage."""
    if np.ptp(share) == 0:
        return 1.0
    slope = abs(float(np.sum((share - share.mean()) * (errors - errors.mean())) / np.sum((share - share.mean()) ** 2)))
    return slope if math.isfinite(slope) and slope > 0 else 1.0
