"""Which hyperparameters separate the best trials from the others?

A ranking by PED-ANOVA with a band of what shuffled labels give: nothing inside its band is called important, and
nothing is called unimportant here (that is the question of `inert`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.study_answers import adaptive_missing, held, more_trials, placed, scored, too_few_trials
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.ped_anova import cells_of, divergence, null_band


@dataclass(frozen=True, slots=True)
class Importance:
    """One hyperparameter.

    share  : float  its divergence as a share of the sum over hyperparameters
    value  : float  divergence of the best trials from all
    null   : float  95 % quantile of the same under shuffled labels
    p_value: float  share of shuffles at least as large
    """

    hyperparameter: str
    share: float
    value: float
    null: float
    p_value: float


@dataclass(frozen=True, slots=True)
class ImportanceFacts:
    """Every hyperparameter, largest first; `top` trials count as the best. adaptive: the sampler looked at results."""

    n: int
    top: int = 0
    ranking: tuple[Importance, ...] = ()
    adaptive: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class ImportanceFinding(Finding):
    """Yes: the best trials differ from the others in this hyperparameter. `estimate` is its share."""

    hyperparameter: str = ""


def measure_importance(table: TrialTable, share: float = 0.1, shuffles: int = 200) -> ImportanceFacts:
    """Rank hyperparameters. share : of the trials that count as the best (an estimator constant)."""
    good = scored(table)
    n = int(good.sum())
    errors = held(table.error[good])
    top = max(5, round(share * n))
    if n < 2 * top or not float(errors.max()) > float(errors.min()):
        return ImportanceFacts(n, adaptive=table.adaptive)
    unit = placed(table.unit[good])
    order = np.lexsort((*unit.T, errors))
    unit = unit[order]
    found = []
    for column, hyperparameter in enumerate(table.space):
        here = np.isfinite(unit[:, column])
        best = np.flatnonzero(here) < top
        if best.sum() < 3 or best.all():
            continue
        levels = len(hyperparameter.choices) if isinstance(hyperparameter, Categorical) else None
        cells, count, width = cells_of(unit[here, column], levels)
        value = divergence(cells, best, count, width)
        rng = np.random.default_rng(zlib.crc32(hyperparameter.name.encode()))
        null = null_band(cells, int(best.sum()), count, width, rng, shuffles)
        p = float((1 + np.sum(null >= value)) / (shuffles + 1))
        found.append((hyperparameter.name, value, float(np.quantile(null, 0.95)), p))
    total = sum(each[1] for each in found) or 1.0
    ranking = [Importance(name, value / total, value, null, p) for name, value, null, p in found]
    return ImportanceFacts(n, top, tuple(sorted(ranking, key=lambda each: -each.value)), table.adaptive)


def answer_importance(
    facts: ImportanceFacts, name: str, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> ImportanceFinding:
    """Yes or unknown: inside the band nothing is shown either way."""
    found = next((each for each in facts.ranking if each.hyperparameter == name), None)
    missing = []
    if facts.n < settings["importance.trials"]:
        missing.append(too_few_trials(facts.n, settings["importance.trials"]))
    if facts.adaptive:
        missing.append(adaptive_missing())
    shown = found is not None and not missing and found.p_value <= 1.0 - settings["importance.null"]
    label: Label = "yes" if shown else "unknown"
    short = max(0, int(settings["importance.trials"]) - facts.n) or facts.n
    return ImportanceFinding(
        label=label,
        p=None if found is None or missing else max(0.5, 1.0 - found.p_value) if shown else 1.0 - found.p_value,
        estimate=None if found is None else found.share,
        n=facts.n,
        thresholds=settings.thresholds("importance.trials", "importance.null", "importance.share"),
        missing=tuple(missing),
        settles=() if shown else (Settle(more_trials(short), short),),
        target=target or {},
        hyperparameter=name,
    )
