"""Would more steps still help, and would half as many have done?

Both are about the *same schedule stretched or squeezed*, never about the slope of the tail:
annealing makes tails fall where more steps would not help, and flat where they would. So
the schedule must be known; without it the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import (
    ONE_SHORT_RUN,
    SET_MIN_EFFECT,
    effect_missing,
    end_missing,
    label_of,
    matters_from,
    schedule_missing,
    too_few,
    usable_effect,
)
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.curve_rise import EndPosterior, longer_posterior, shorter_posterior
from playnote.stats.schedule import Schedule
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class LengthFacts:
    """What a dev curve says about its end under another length of the same schedule.

    n              : int                   finite readings
    amount         : float, None           difference between the two ends, in the metric's unit, posterior median
    interval       : (float, float), None  90 % of the posterior
    p              : float, None           calibrated probability of the event; None without min_effect
    min_effect     : float, None
    schedule_known : bool
    reaches_end    : bool
    """

    n: int
    amount: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    min_effect: float | None = None
    schedule_known: bool = True
    reaches_end: bool = True


@final
@dataclass(frozen=True, slots=True)
class StillImprovingFacts(LengthFacts):
    """`amount`: this run's end minus that of the same schedule over 1.5 x steps."""


@final
@dataclass(frozen=True, slots=True)
class SaturatedEarlyFacts(LengthFacts):
    """`amount`: the end over 0.5 x steps minus this run's end."""


@final
@dataclass(frozen=True, kw_only=True)
class StillImprovingFinding(Finding):
    """Yes: the same schedule stretched to 1.5 x steps would end better by at least `min_effect`."""


@final
@dataclass(frozen=True, kw_only=True)
class SaturatedEarlyFinding(Finding):
    """Yes: the same schedule squeezed to 0.5 x steps would lose less than half of `min_effect`."""


def measure_still_improving(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
) -> StillImprovingFacts:
    """Gain expected from 1.5 x steps; arguments as in `measure_overfitting`."""
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    effect = usable_effect(min_effect)
    if fit.law is None or not fit.schedule_known:
        return StillImprovingFacts(
            len(fit.curve), min_effect=effect, schedule_known=fit.schedule_known, reaches_end=fit.reaches_end
        )
    end = longer_posterior(fit.law, None if effect is None else fit.curve.to_scale(effect))
    return StillImprovingFacts(len(fit.curve), *_in_unit(fit, end), effect, True, fit.reaches_end)


def measure_saturated_early(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
) -> SaturatedEarlyFacts:
    """Loss expected from 0.5 x steps; arguments as in `measure_overfitting`."""
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    effect = usable_effect(min_effect)
    if fit.law is None or not fit.schedule_known:
        return SaturatedEarlyFacts(
            len(fit.curve), min_effect=effect, schedule_known=fit.schedule_known, reaches_end=fit.reaches_end
        )
    end = shorter_posterior(fit.law, None if effect is None else fit.curve.to_scale(effect))
    return SaturatedEarlyFacts(len(fit.curve), *_in_unit(fit, end), effect, True, fit.reaches_end)


def answer_still_improving(
    facts: StillImprovingFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> StillImprovingFinding:
    """Yes, no or unknown; unknown without schedule or `min_effect`, with too few readings or none near the end."""
    return StillImprovingFinding(**_answer("still_improving", facts, settings, target))


def answer_saturated_early(
    facts: SaturatedEarlyFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> SaturatedEarlyFinding:
    """Yes, no or unknown; unknown without schedule or `min_effect`, with too few readings or none near the end."""
    return SaturatedEarlyFinding(**_answer("saturated_early", facts, settings, target))


def _in_unit(fit: CurveFit, end: EndPosterior) -> tuple[float, tuple[float, float], float | None]:
    low, middle, high = (fit.curve.from_scale(value) for value in end.quantiles)
    return middle, (low, high), end.p


def _answer(name: str, facts: LengthFacts, settings: Settings, target: Mapping[str, object] | None) -> dict[str, Any]:
    missing = _missing(facts, settings)
    label = label_of(facts.p, settings[f"{name}.yes"], settings[f"{name}.no"], bool(missing))
    no_effect = facts.min_effect is None
    return {
        "label": label,
        "p": None if missing else facts.p,
        "estimate": facts.amount,
        "interval": facts.interval,
        "n": facts.n,
        "thresholds": settings.thresholds(f"{name}.yes", f"{name}.no", "still_improving.readings"),
        "missing": missing,
        "settles": _settles(no_effect) if label == "unknown" else (),
        "target": target or {},
        "note": matters_from(facts.amount) if no_effect else None,
    }


def _settles(no_effect: bool) -> tuple[Settle, ...]:
    return (Settle(SET_MIN_EFFECT, 0),) if no_effect else (Settle(ONE_SHORT_RUN, 1),)


def _missing(facts: LengthFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.n < settings["still_improving.readings"]:
        missing.append(too_few(facts.n, settings["still_improving.readings"]))
    if not facts.schedule_known:
        missing.append(schedule_missing())
    if facts.min_effect is None:
        missing.append(effect_missing())
    if not facts.reaches_end:
        missing.append(end_missing())
    return tuple(missing)
