"""Is the dev metric's noise from one evaluation to the next larger than what matters?

The event: the SD of the noise around the trend, over the last quarter of the run, is at
least `min_effect`. A tail's plain SD counts the trend as noise; here the trend is integrated
out and correlated noise is allowed for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import (
    MORE_READINGS,
    SET_MIN_EFFECT,
    effect_missing,
    label_of,
    matters_from,
    too_few,
    usable_effect,
)
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.schedule import Schedule
from playnote.stats.tail_noise import LAST, tail_noise
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class StepVarianceFacts:
    """Noise of the dev metric in the last quarter of the run.

    n          : int                   finite readings in the last quarter
    sd         : float, None           noise SD in the metric's unit, posterior median
    interval   : (float, float), None  90 % of the posterior
    swap       : float, None           P(two equally good checkpoints differ by more than min_effect)
    p          : float, None           calibrated P(SD >= min_effect); None without min_effect
    min_effect : float, None
    """

    n: int
    sd: float | None = None
    interval: tuple[float, float] | None = None
    swap: float | None = None
    p: float | None = None
    min_effect: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class StepVarianceFinding(Finding):
    """Yes: the noise SD of the dev metric in the last quarter is at least `min_effect`."""


def measure_step_variance(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
) -> StepVarianceFacts:
    """Measure the noise of the last quarter of a dev curve; arguments as in `measure_overfitting`."""
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    curve, effect = fit.curve, usable_effect(min_effect)
    noise = tail_noise(curve, fit.law)
    if noise is None:
        return StepVarianceFacts(int((curve.time >= LAST - 1e-9).sum()), min_effect=effect)
    low, middle, high = (curve.from_scale(noise.quantile(share)) for share in (0.05, 0.5, 0.95))
    p = None if effect is None else noise.above(curve.to_scale(effect))
    swap = None if effect is None else _swap(middle, effect)
    return StepVarianceFacts(noise.readings, middle, (low, high), swap, p, effect)


def _swap(sd: float, effect: float) -> float | None:
    from scipy.special import ndtr

    return float(2.0 * ndtr(-min(effect / (1.4142135623730951 * max(sd, 1e-300)), 1e6)))


def answer_step_variance(
    facts: StepVarianceFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> StepVarianceFinding:
    """Yes, no or unknown; a "no" needs more readings than a "yes"."""
    missing = _missing(facts, settings)
    label = label_of(facts.p, settings["step_variance.yes"], settings["step_variance.no"], bool(missing))
    p = None if missing else facts.p
    if label == "no" and facts.n < settings["step_variance.readings_no"]:
        label, missing = "unknown", (too_few(facts.n, settings["step_variance.readings_no"]),)
    no_effect = facts.min_effect is None
    return StepVarianceFinding(
        label=label,
        p=p,
        estimate=facts.sd,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds(
            "step_variance.yes", "step_variance.no", "step_variance.readings", "step_variance.readings_no"
        ),
        missing=missing,
        settles=(Settle(SET_MIN_EFFECT if no_effect else MORE_READINGS, 0),) if label == "unknown" else (),
        target=target or {},
        note=matters_from(facts.sd) if no_effect else None,
    )


def _missing(facts: StepVarianceFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.n < settings["step_variance.readings"] or facts.sd is None:
        missing.append(too_few(facts.n, settings["step_variance.readings"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    return tuple(missing)
