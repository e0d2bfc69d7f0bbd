"""Does a hyperparameter do nothing over its range?

The event: over its range, with the others at their best, it changes nothing worth `min_effect`. "Not
significant" is not "does nothing": a rank correlation calls half of all important hyperparameters of small studies
inert. The surfaces' reach and what a quadratic law of the ranks loses without it are joined by a logistic law.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, label_of, matters_from, usable_effect
from playnote.diagnosis.study_answers import more_trials, too_few_trials
from playnote.diagnosis.study_fit import StudyFit, fit_study
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.probability import from_log_odds, softened
from playnote.stats.ranks import correlation, dropping_each
from playnote.text import Text

# Fitted once on the made-up studies of the boundary question.
_WEIGHTS = {
    "plain_all": 0.185,
    "log_all_size": -0.295,
    "stretched_best": 0.085,
    "once_all": 0.068,
    "twice_all": 0.144,
    "twice_best": 0.082,
    "line": -0.170,
    "lost": -0.773,
    "trials": 0.269,
    "asked": -0.529,
}
_LEVEL = 0.189


@dataclass(frozen=True, slots=True)
class InertFacts:
    """How far a hyperparameter moves the result.

    n          : int                   feasible trials with a coordinate
    reach      : float, None           worst minus best over its range, the others at their best, posterior median
    interval   : (float, float), None  90 %
    p          : float, None           P(reach < min_effect)
    min_effect : float, None
    ordered    : bool                  False for a categorical: settled by isolation, not here
    """

    n: int
    reach: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    min_effect: float | None = None
    ordered: bool = True


@final
@dataclass(frozen=True, kw_only=True)
class InertFinding(Finding):
    """Yes: over its range this hyperparameter changes nothing worth `min_effect`. `estimate` is its reach."""


def measure_inert(table: TrialTable, name: str, *, min_effect: float | None = None) -> InertFacts:
    """Measure the reach of one hyperparameter. min_effect : float, in the metric's unit."""
    effect = usable_effect(min_effect)
    if isinstance(table.space[name], Categorical):
        return InertFacts(0, min_effect=effect, ordered=False)
    fit = fit_study(table)
    column = table.space.names.index(name)
    n = int(np.isfinite(fit.depths[:, column, 0]).sum())
    if n < 4 or fit.response is None:
        return InertFacts(n, min_effect=effect)
    at = fit.ordered.index(column)
    draws, weight = fit.response.mixed(1.0, "reach")
    order = np.argsort(draws[:, at])
    place = np.searchsorted(np.cumsum(weight[order]), [0.05, 0.5, 0.95])
    low, middle, high = draws[order, at][np.minimum(place, len(order) - 1)] * fit.response.unit
    p = None if effect is None else _probability(fit, at, column, effect)
    return InertFacts(n, float(middle), (float(low), float(high)), p, effect)


def _probability(fit: StudyFit, at: int, column: int, effect: float) -> float:
    response = fit.response
    if response is None:
        return 0.5
    asked = response.asked(effect)

    def within(selection: float, times: float) -> float:
        draws, weight = response.mixed(selection, "reach")
        return softened(float(weight @ (draws[:, at] <= times * asked)))

    def reach(link: str, selection: float) -> np.ndarray:
        return response.views[link, selection].reach[:, at]

    unit = fit.depths[:, :, 0][:, fit.ordered]
    coordinates = np.where(np.isfinite(unit), 2.0 * unit - 1.0, 0.0)
    here = np.isfinite(fit.depths[:, column, 0])
    n = int(here.sum())
    size = float(np.median(reach("log", 1.0))) / asked
    seen = {
        "plain_all": softened(float((reach("plain", 1.0) <= asked).mean())),
        "log_all_size": math.log(min(max(size, 1e-4), 1e4)),
        "stretched_best": softened(float((reach("stretched", 0.6) <= asked).mean())),
        "once_all": within(1.0, 1.0),
        "twice_all": within(1.0, 2.0),
        "twice_best": within(0.6, 2.0),
        "line": math.sqrt(max(n - 1, 1)) * abs(correlation(unit[here, at], fit.errors[here])),
        "lost": math.log1p(min(float(dropping_each(coordinates, fit.errors)[at]), 1e4)),
        "trials": math.log(n),
        "asked": math.log(min(max(asked / max(response.typical, 1e-9), 1e-6), 1e3)),
    }
    return from_log_odds(_LEVEL + sum(_WEIGHTS[key] * value for key, value in seen.items()))


def answer_inert(
    facts: InertFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> InertFinding:
    """Yes, no or unknown; unknown without `min_effect`, for categories, and below the minimum."""
    missing = _missing(facts, settings)
    label = label_of(facts.p, settings["inert.yes"], settings["inert.no"], bool(missing))
    if label == "no" and facts.n < settings["inert.trials_no"]:
        label = "unknown"
    settles: tuple[Settle, ...] = ()
    if label == "unknown":
        no_effect = facts.min_effect is None
        settles = (Settle(SET_MIN_EFFECT, 0),) if no_effect else (Settle(more_trials(32), 32),)
    return InertFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.reach,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("inert.yes", "inert.no", "inert.trials"),
        missing=missing,
        settles=settles,
        target=target or {},
        note=matters_from(facts.reach) if facts.min_effect is None else None,
    )


def _missing(facts: InertFacts, settings: Settings) -> tuple[Text, ...]:
    if not facts.ordered:
        return (
            Text(
                en="Categories have no range: compare them by isolation, with equal trials each.",
                zh="类别没有范围：给每个类别同样多的试验，用隔离图比较。",
            ),
        )
    missing = []
    if facts.n < settings["inert.trials"]:
        missing.append(too_few_trials(facts.n, settings["inert.trials"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    if facts.p is None and not missing:
        missing.append(Text(en="The results do not differ.", zh="各试验的结果没有差别。"))
    return tuple(missing)
