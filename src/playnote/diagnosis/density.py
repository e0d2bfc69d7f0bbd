"""Was the space sampled densely enough, or would more trials of the same kind find better ones?

The event: doubling the number of trials is expected to improve the best by more than `min_effect`,
or fewer than three trials lie within `min_effect` of the best. Only independent trials can tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, matters_from, usable_effect
from playnote.diagnosis.study_answers import (
    adaptive_missing,
    held,
    more_trials,
    quasi_random_trials,
    scored,
    too_few_trials,
)
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.stats.best_of import doubling_gain, expected_best_curve
from playnote.stats.normal import normal_cdf
from playnote.text import Text

_POINTS = 40


@dataclass(frozen=True, slots=True)
class DensityFacts:
    """What a study found, and what more of the same would find.

    n          : int                   feasible trials with a score
    lost       : int                   diverged trials: their draws found nothing
    pruned     : int                   censored trials, left out
    failed     : int                   trials missing for unrelated reasons, left out
    gain       : float, None           expected gain of doubling the trials, in the metric's unit
    interval   : (float, float), None  10 to 90 % of true gains around such an estimate
    near       : int, None             trials within `min_effect` of the best, the best included
    p          : float, None           P(gain > min_effect), 0.5 at the estimate, from the same band
    coverage   : float                 share of the best part of the space that n independent trials hit (see settings)
    budgets, expected_best : arrays, shape (k,)  the tuning curve: expected best error of each number of trials
    ordered    : array, shape (n,)     errors, best first
    """

    n: int
    lost: int = 0
    pruned: int = 0
    failed: int = 0
    gain: float | None = None
    interval: tuple[float, float] | None = None
    near: int | None = None
    p: float | None = None
    adaptive: bool = False
    min_effect: float | None = None
    budgets: Floats = field(default_factory=lambda: np.empty(0))
    expected_best: Floats = field(default_factory=lambda: np.empty(0))
    ordered: Floats = field(default_factory=lambda: np.empty(0))


@final
@dataclass(frozen=True, kw_only=True)
class DensityFinding(Finding):
    """Yes: sampled too sparsely. `estimate` is the expected gain of doubling the number of trials.

    near      trials within `min_effect` of the best
    coverage  P(at least one trial in the best tenth of the space)
    """

    near: int | None = None
    coverage: float | None = None


def measure_density(table: TrialTable, min_effect: float | None = None) -> DensityFacts:
    """Measure the gain of a doubling, the count near the best and the tuning curve of one study.

    min_effect : float  smallest difference that matters, in the metric's unit; None: gain and curve only
    """
    errors = np.sort(held(table.error[scored(table)]))
    effect = usable_effect(min_effect)
    lost = int(table.diverged.sum())
    counts: dict[str, Any] = {"lost": lost, "pruned": int(table.pruned.sum()), "failed": int(table.failed.sum())}
    if len(errors) < 4:
        return DensityFacts(len(errors), **counts, adaptive=table.adaptive, min_effect=effect, ordered=errors)
    low, middle, high = doubling_gain(errors, len(table.space))
    budgets = np.unique(np.geomspace(1, len(errors), _POINTS).astype(np.int64))
    return DensityFacts(
        len(errors),
        **counts,
        gain=middle,
        interval=(low, high),
        near=None if effect is None else int(np.sum(errors <= errors[0] + effect)),
        p=None if effect is None else _chance(middle, effect),
        adaptive=table.adaptive,
        min_effect=effect,
        budgets=budgets.astype(np.float64),
        expected_best=expected_best_curve(errors, budgets),
        ordered=errors,
    )


_SPREAD = 0.56
"""SD of log(true gain / estimate) on made-up searches of 16 to 64 trials."""


def _chance(gain: float, effect: float) -> float:
    """P(true gain > effect): log-normal around the estimate."""
    if gain <= 0:
        return 0.0
    return normal_cdf((math.log(gain) - math.log(effect) + 0.05) / _SPREAD)


def answer_density(
    facts: DensityFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> DensityFinding:
    """Yes, no or unknown; unknown for adaptive samplers, below the minimum, and without `min_effect`."""
    missing = _missing(facts, settings)
    label = _label(facts, settings) if not missing else "unknown"
    return DensityFinding(
        label=label,
        p=None if missing else _agreeing(facts.p, label),
        estimate=None if facts.adaptive else facts.gain,
        interval=None if facts.adaptive else facts.interval,
        level=0.8,
        n=facts.n,
        thresholds=settings.thresholds("density.trials", "density.near", "density.coverage"),
        missing=missing,
        settles=_settles(facts, label, settings),
        target=target or {},
        note=matters_from(facts.gain) if facts.min_effect is None and not facts.adaptive else None,
        near=facts.near,
        coverage=None if facts.adaptive else 1.0 - (1.0 - settings["density.coverage"]) ** facts.n,
    )


def _label(facts: DensityFacts, settings: Settings) -> Label:
    if facts.interval is None or facts.min_effect is None or facts.near is None:
        return "unknown"
    if facts.interval[0] > facts.min_effect or facts.near < settings["density.near"]:
        return "yes"
    return "no" if facts.interval[1] < facts.min_effect else "unknown"


def _agreeing(p: float | None, label: Label) -> float | None:
    """Too few near the best is sparse by itself, whatever the gain: the probability of either."""
    return max(p, 0.9) if p is not None and label == "yes" else p


def _missing(facts: DensityFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.adaptive:
        missing.append(adaptive_missing())
    if facts.n < settings["density.trials"]:
        missing.append(too_few_trials(facts.n, settings["density.trials"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    return tuple(missing)


def _settles(facts: DensityFacts, label: Label, settings: Settings) -> tuple[Settle, ...]:
    if label != "unknown":
        return ()
    needed = int(settings["density.trials"])
    if facts.adaptive:
        return (Settle(quasi_random_trials(needed), needed),)
    if facts.n < needed:
        return (Settle(more_trials(needed - facts.n), needed - facts.n),)
    if facts.min_effect is None:
        return (Settle(SET_MIN_EFFECT, 0),)
    return (Settle(more_trials(facts.n), facts.n),)
