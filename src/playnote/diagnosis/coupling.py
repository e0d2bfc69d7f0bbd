"""Does the best value of one hyperparameter shift with another? (experimental: a hint, never a gate)

Among the best quarter of the trials a tilted ridge shows as a rank correlation of the two; it does not change
under a rising transform of the metric. Cross terms of a regression were wrong-signed on saturating metrics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.study_answers import held, more_trials, placed, scored, too_few_trials
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.normal import normal_cdf
from playnote.stats.probability import from_log_odds, softened
from playnote.stats.ranks import correlation


@dataclass(frozen=True, slots=True)
class CouplingFacts:
    """A tilted ridge between two hyperparameters.

    n           : int          feasible trials with both coordinates
    best        : int          the best quarter of them
    correlation : float        Spearman's, among the best quarter
    everywhere  : float        the same among all trials: what the sampler itself put there
    interval    : (float, float), None  90 %, Fisher's transform
    p_value     : float        two-sided, of the difference between the two
    adaptive    : bool
    """

    n: int
    best: int = 0
    correlation: float = 0.0
    everywhere: float = 0.0
    interval: tuple[float, float] | None = None
    p_value: float = 1.0
    adaptive: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class CouplingFinding(Finding):
    """Yes: the best value of one shifts with the other. `estimate` is the rank correlation among the best quarter."""


def measure_coupling(table: TrialTable, first: str, second: str) -> CouplingFacts:
    """Measure the ridge between two ordered hyperparameters."""
    names = table.space.names
    a, b = (placed(table.unit[:, names.index(name)]) for name in (first, second))
    here = scored(table) & np.isfinite(a) & np.isfinite(b)
    n = int(here.sum())
    if n < 8 or any(isinstance(table.space[name], Categorical) for name in (first, second)):
        return CouplingFacts(n if n < 8 else 0, adaptive=table.adaptive)
    errors = held(table.error[here])
    if not float(errors.max()) > float(errors.min()):
        return CouplingFacts(n, adaptive=table.adaptive)
    order = np.lexsort((b[here], a[here], errors))
    k = max(4, n // 4)
    ridge = correlation(a[here][order[:k]], b[here][order[:k]])
    everywhere = correlation(a[here], b[here])
    z, sd = math.atanh(min(max(ridge, -0.999), 0.999)), 1.06 / math.sqrt(max(k - 3, 1))
    base = math.atanh(min(max(everywhere, -0.999), 0.999))
    p = 2.0 * normal_cdf(-abs(z - base) / math.hypot(sd, 1.06 / math.sqrt(n - 3)))
    interval = (math.tanh(z - 1.645 * sd), math.tanh(z + 1.645 * sd))
    return CouplingFacts(n, k, ridge, everywhere, interval, p, table.adaptive)


def answer_coupling(
    facts: CouplingFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> CouplingFinding:
    """Yes or unknown: too little power for a "no"."""
    enough = facts.n >= settings["coupling.trials"]
    label: Label = "yes" if enough and facts.p_value <= settings["coupling.alpha"] else "unknown"
    return CouplingFinding(
        label=label,
        p=from_log_odds(0.9 * softened(1.0 - facts.p_value) - 2.9) if enough else None,
        estimate=facts.correlation if facts.best else None,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("coupling.alpha", "coupling.trials"),
        missing=() if enough else (too_few_trials(facts.n, settings["coupling.trials"]),),
        settles=(Settle(more_trials(48), 48),) if label == "unknown" else (),
        target=target or {},
    )
