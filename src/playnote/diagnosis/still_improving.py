"""Would more steps still help, and would half as many have done?

Both are about the *same schedule stretched or squeezed*, never about the slope of the tail:
annealing makes tails fall where more steps would not help, and flat where they would. So
the schedule must be known, or a second run must have ended there; without both the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from playnote.stats.curve_law import CurveLaw
from playnote.stats.curve_rise import (
    LONGER,
    SHORTER,
    EndPosterior,
    longer_posterior,
    seen_longer,
    seen_shorter,
    shorter_posterior,
)
from playnote.stats.schedule import Schedule
from playnote.stats.two_lengths import LengthContrast, length_contrast, nearest
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class LengthFacts:
    """What a dev curve says about its end under another length of the same schedule.

    n              : int                   finite readings
    amount         : float, None           difference between the two ends, in the metric's unit, posterior median
    interval       : (float, float), None  90 % of the posterior
    p              : float, None           calibrated probability of the event; None without min_effect
    min_effect     : float, None
    schedule_known : bool                  or not needed, since a run of just the other length was there
    reaches_end    : bool
    lengths        : int                   runs of this configuration that differ in length, this one included
    """

    n: int
    amount: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    min_effect: float | None = None
    schedule_known: bool = True
    reaches_end: bool = True
    lengths: int = 1


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
    others: Sequence[CurveFit] = (),
    seed_sd: float = 0.0,
) -> StillImprovingFacts:
    """Gain expected from 1.5 x steps; further arguments as in `measure_overfitting`.

    others  : runs of the same configuration and schedule over other lengths: they narrow the answer, and one of 1.5 x
              steps gives it without a schedule
    seed_sd : SD between seeds of one configuration, in the metric's unit, as far as it is known
    """
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    asked = _Asked(fit, usable_effect(min_effect), others, seed_sd)
    return StillImprovingFacts(**asked.facts(LONGER, longer_posterior, seen_longer))


def measure_saturated_early(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
    others: Sequence[CurveFit] = (),
    seed_sd: float = 0.0,
) -> SaturatedEarlyFacts:
    """Loss expected from 0.5 x steps; arguments as in `measure_still_improving` (here a run of 0.5 x steps tells)."""
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    asked = _Asked(fit, usable_effect(min_effect), others, seed_sd)
    return SaturatedEarlyFacts(**asked.facts(SHORTER, shorter_posterior, seen_shorter))


@dataclass(frozen=True, slots=True)
class _Asked:
    """One run, and the others of its configuration that end elsewhere."""

    fit: CurveFit
    effect: float | None
    others: Sequence[CurveFit]
    seed_sd: float

    def facts(self, ratio: float, by_law: _ByLaw, by_run: _ByRun) -> dict[str, Any]:
        """Fields of the facts: from the law where the schedule is known, else from a run of just that length."""
        fit = self.fit
        known: dict[str, Any] = {"n": len(fit.curve), "min_effect": self.effect, "reaches_end": fit.reaches_end}
        if fit.law is None:
            return known | {"schedule_known": fit.schedule_known}
        seen = self._contrasts()
        known["lengths"] = 1 + len(seen)
        effect = None if self.effect is None else fit.curve.to_scale(self.effect)
        direct = nearest(seen, ratio)
        if not fit.schedule_known and direct is None:
            return known | {"schedule_known": False}
        end = by_run(direct, effect) if direct and not fit.schedule_known else by_law(fit.law, effect, seen)
        low, middle, high = (fit.curve.from_scale(value) for value in end.quantiles)
        return known | {"amount": middle, "interval": (low, high), "p": end.p}

    def _contrasts(self) -> list[LengthContrast]:
        """A difference of ends for every other run that was read to its own end."""
        return [
            length_contrast(self.fit, other, self.seed_sd)
            for other in self.others
            if other.law is not None and other.reaches_end
        ]


_ByLaw = Callable[[CurveLaw, float | None, Sequence[LengthContrast]], EndPosterior]
_ByRun = Callable[[LengthContrast, float | None], EndPosterior]


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
