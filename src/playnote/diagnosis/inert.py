"""Does a hyperparameter do nothing over its range?

The event: over its range, with the others at their best, it changes nothing worth `min_effect`. "Not
significant" is not "does nothing": a rank correlation calls half of all important hyperparameters of small studies
inert. The surfaces' reach, what a quadratic law of the ranks loses without it, and how much the study shows at all
are joined by a logistic law fitted on made-up studies (`study_laws.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, label_of, matters_from, usable_effect
from playnote.diagnosis.study_answers import KNOWN_TO_LEARN, ONE_LEVEL, more_trials, too_few_trials
from playnote.diagnosis.study_fit import MIDDLE_TRIALS, StudyFit, fit_study, log_seen
from playnote.diagnosis.study_laws import INERT
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.probability import softened
from playnote.stats.ranks import correlation
from playnote.stats.response import Response
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class InertFacts:
    """How far a hyperparameter moves the result.

    n          : int                   feasible trials with a coordinate
    reach      : float, None           worst minus best over its range, the others at their best, posterior median
    interval   : (float, float), None  90 %
    p          : float, None           P(reach < min_effect)
    min_effect : float, None
    seen       : float                 log Bayes factor of any response against one level everywhere
    adaptive   : bool                  the sampler looked at results
    views      : mapping               what the law of `p` read, by name
    ordered    : bool                  False for a categorical: settled by isolation, not here
    """

    n: int
    reach: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    min_effect: float | None = None
    seen: float = 0.0
    adaptive: bool = False
    ordered: bool = True
    views: Mapping[str, float] = field(default_factory=dict)


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
    facts = InertFacts(n, float(middle), (float(low), float(high)), None, effect, fit.response.seen, table.adaptive)
    if effect is None:
        return facts
    views = views_of_reach(fit, fit.response, column, effect)
    return replace(facts, p=INERT.p(views), views=views)


def views_of_reach(fit: StudyFit, response: Response, column: int, effect: float) -> dict[str, float]:
    """What the logistic law of one hyperparameter reads. column : of the table."""
    asked, at, seen = response.asked(effect), fit.ordered.index(column), log_seen(response)
    draws, weight = response.mixed(1.0, "reach")

    def within(times: float) -> float:
        return softened(float(weight @ (draws[:, at] <= times * asked)))

    def size(link: str, selection: float) -> float:
        return _log_ratio(float(np.median(response.views[link, selection].reach[:, at])), asked)

    unit = fit.depths[:, column, 0]
    here, best = np.isfinite(unit), np.lexsort((unit, fit.errors))[: max(4, len(unit) // 4)]
    n = int(here.sum())
    gains, shares = response.mixed(1.0, "gain")
    once = within(1.0)
    line = math.sqrt(max(n - 1, 1)) * abs(correlation(unit[here], fit.errors[here]))
    return {
        "once": once,
        "once x seen": once * seen,
        "four times": within(4.0),
        "mean size": _log_ratio(float(weight @ draws[:, at]), asked),
        "plain size": size("plain", 1.0),
        "log size": size("log", 1.0),
        "log best size": size("log", 0.6),
        "log": softened(float((response.views["log", 1.0].reach[:, at] <= asked).mean())),
        "beyond": math.log1p(float(shares @ gains[:, at].max(axis=1)) / asked),
        "line": line,
        "line x seen": line * seen,
        "lost": math.log1p(min(float(fit.lost[at]), 1e4)),
        "lost better": math.log1p(min(float(fit.lost_better[at]), 1e4)),
        "narrow": 2.0 * float(np.std(np.where(here, unit, 0.5)[best])),
        "trials": math.log(n) - MIDDLE_TRIALS,
        "asked": math.log(min(max(asked / max(response.typical, 1e-9), 1e-6), 1e3)),
        "typical": response.typical,
        "seen": seen,
    }


def _log_ratio(reach: float, asked: float) -> float:
    return math.log(min(max(reach / asked, 1e-4), 1e4))


def answer_inert(
    facts: InertFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> InertFinding:
    """Yes, no or unknown; unknown without `min_effect`, for categories, and below the minimum."""
    missing = _missing(facts, settings)
    low = "inert.no_adaptive" if facts.adaptive else "inert.no"
    label = label_of(facts.p, settings["inert.yes"], settings[low], bool(missing))
    if label == "no" and facts.n < settings["inert.trials_no"]:
        label = "unknown"
    # Where nothing is seen to do anything, all trials may lie on one level: that this one does nothing is not known.
    blank = label == "yes" and facts.seen < settings["study.seen"]
    if blank:
        label, missing = "unknown", (ONE_LEVEL,)
    settles: tuple[Settle, ...] = ()
    if label == "unknown":
        no_effect = facts.min_effect is None
        settles = (Settle(SET_MIN_EFFECT, 0),) if no_effect else (Settle(more_trials(32), 32),)
        settles = (Settle(KNOWN_TO_LEARN, 1), *settles) if blank else settles
    return InertFinding(
        label=label,
        p=_shown(facts, label, bool(missing) and not blank),
        estimate=facts.reach,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("inert.yes", low, "inert.trials", "inert.trials_no", "study.seen"),
        missing=missing,
        settles=settles,
        target=target or {},
        note=matters_from(facts.reach) if facts.min_effect is None else None,
    )


def _shown(facts: InertFacts, label: Label, missing: bool) -> float | None:
    """The stated probability: a "yes" from a cut-off below one half is stated together with those above it."""
    if facts.p is None or missing:
        return None
    return INERT.shown(facts.p) if label == "yes" else min(facts.p, 0.5)


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
