"""Does the dev metric get worse again before the run ends?

The event is about the noiseless dev metric: its end is worse than its best by at least
`min_effect`. The lowest reading of a noisy curve is biased, so "end minus minimum" is not
used; nor is the dev loss, which may rise while the metric improves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import (
    MORE_READINGS,
    SET_MIN_EFFECT,
    effect_missing,
    end_missing,
    label_of,
    matters_from,
    too_few,
    usable_effect,
)
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.curve_rise import rise_posterior
from playnote.stats.schedule import Schedule
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class OverfittingFacts:
    """What a dev curve says about its end against its best.

    n           : int                   finite readings
    after_best  : int                   readings after the likeliest time of the best
    best_at     : float, None           that time, in steps
    rise        : float, None           noiseless end minus noiseless best, in the metric's unit, posterior median
    interval    : (float, float), None  90 % of the posterior
    p           : float, None           calibrated P(rise >= min_effect); None without min_effect
    min_effect  : float, None
    reaches_end : bool                  whether the readings reach the run's last tenth
    """

    n: int
    after_best: int = 0
    best_at: float | None = None
    rise: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    min_effect: float | None = None
    reaches_end: bool = True


@final
@dataclass(frozen=True, kw_only=True)
class OverfittingFinding(Finding):
    """Yes: the noiseless dev metric ends worse than its best by at least `min_effect`."""


def measure_overfitting(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
) -> OverfittingFacts:
    """Measure the late rise of a dev curve.

    steps, errors : arrays, shape (n,)  evaluations; error is the dev metric with lower better; NaN is left out
    lr            : array, shape (m,)   learning rate at `lr_steps` (default: at `steps`)
    schedule      : Schedule            used where no series was recorded, and for the run's length
    min_effect    : float               smallest difference that matters, in the metric's unit
    fit           : CurveFit            a fit already made by `fit_curve`, to save its 10 ms
    """
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    effect = usable_effect(min_effect)
    n = len(fit.curve)
    if fit.law is None:
        return OverfittingFacts(n, min_effect=effect, reaches_end=fit.reaches_end)
    rise = rise_posterior(fit, None if effect is None else fit.curve.to_scale(effect))
    low, middle, high = (fit.curve.from_scale(value) for value in rise.quantiles)
    after = int(np.sum(fit.curve.time > rise.best_time))
    best_at = rise.best_time * fit.curve.total
    return OverfittingFacts(n, after, best_at, middle, (low, high), rise.p, effect, fit.reaches_end)


def answer_overfitting(
    facts: OverfittingFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> OverfittingFinding:
    """Yes, no or unknown; unknown without `min_effect`, with too few readings, or with none near the end."""
    missing = _missing(facts, settings)
    label = label_of(facts.p, settings["overfitting.yes"], settings["overfitting.no"], bool(missing))
    if label == "yes" and facts.after_best < settings["overfitting.after"]:
        label = "unknown"
    no_effect = facts.min_effect is None
    return OverfittingFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.rise,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds(
            "overfitting.yes", "overfitting.no", "overfitting.readings", "overfitting.after"
        ),
        missing=missing,
        settles=(Settle(SET_MIN_EFFECT if no_effect else MORE_READINGS, 0),) if label == "unknown" else (),
        target=target or {},
        note=matters_from(facts.rise) if no_effect else None,
    )


def _missing(facts: OverfittingFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.n < settings["overfitting.readings"]:
        missing.append(too_few(facts.n, settings["overfitting.readings"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    if not facts.reaches_end:
        missing.append(end_missing())
    return tuple(missing)
