"""How much does the best checkpoint's reading flatter the run?

Picking the best of m noisy readings on a plateau gains c(m, rho) noise SDs that will not be
there on fresh data. The finding says whether that reaches `min_effect`; the corrected value and the local
average around the chosen step are among the facts. Both arms of a comparison must use the same m.
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
    label_of,
    matters_from,
    too_few,
    usable_effect,
)
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.plateau import expected_best, plateau
from playnote.stats.schedule import Schedule
from playnote.stats.tail_noise import late_noise
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class CheckpointBiasFacts:
    """The best checkpoint of a run and what choosing it was worth.

    n          : int                   finite readings
    chosen_at  : float, None           step of the lowest reading
    chosen     : float, None           that reading
    corrected  : float, None           the reading plus the expected optimism
    local      : float, None           mean of the readings within two evaluations of the chosen one
    competing  : int                   readings on the plateau the choice was made from
    optimism   : float, None           c(m, rho) * noise SD, in the metric's unit
    interval   : (float, float), None  90 % from the noise SD's posterior
    last_as_good : bool, None          whether the last readings are as good within the noise
    p          : float, None           P(optimism >= min_effect)
    min_effect : float, None
    """

    n: int
    chosen_at: float | None = None
    chosen: float | None = None
    corrected: float | None = None
    local: float | None = None
    competing: int = 0
    optimism: float | None = None
    interval: tuple[float, float] | None = None
    last_as_good: bool | None = None
    p: float | None = None
    min_effect: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class CheckpointBiasFinding(Finding):
    """Yes: the best checkpoint's reading flatters by at least `min_effect`. `estimate` is the optimism."""

    corrected: float | None = None
    last_as_good: bool | None = None


def measure_checkpoint_bias(
    steps: ArrayLike,
    errors: ArrayLike,
    *,
    lr: ArrayLike | None = None,
    lr_steps: ArrayLike | None = None,
    schedule: Schedule | None = None,
    min_effect: float | None = None,
    fit: CurveFit | None = None,
) -> CheckpointBiasFacts:
    """Measure the optimism of the best checkpoint; arguments as in `measure_overfitting`."""
    fit = fit or fit_curve(steps, errors, lr=lr, lr_steps=lr_steps, schedule=schedule)
    effect = usable_effect(min_effect)
    curve, n = fit.curve, len(fit.curve)
    if fit.law is None:
        return CheckpointBiasFacts(n, min_effect=effect)
    smooth = fit.law.weights @ fit.law.at(curve.time)
    noise = late_noise(curve, fit.law)
    if noise is None:
        return CheckpointBiasFacts(n, min_effect=effect)
    low, middle, high = (noise.quantile(share) for share in (0.05, 0.5, 0.95))
    competing = int(plateau(curve.time, smooth, middle).sum())
    factor = expected_best(competing, round(fit.law.correlation, 1))
    top = int(np.argmin(curve.values))
    chosen = _in_unit(fit, float(curve.values[top]))
    optimism = curve.from_scale(factor * middle)
    near = slice(max(0, top - 2), top + 3)
    last = float(np.mean(curve.values[-3:]))
    return CheckpointBiasFacts(
        n=n,
        chosen_at=float(curve.time[top] * curve.total),
        chosen=chosen,
        corrected=chosen + optimism,
        local=_in_unit(fit, float(np.mean(curve.values[near]))),
        competing=competing,
        optimism=optimism,
        interval=(curve.from_scale(factor * low), curve.from_scale(factor * high)),
        last_as_good=bool(last <= curve.values[top] + factor * middle + 1.645 * middle / np.sqrt(3.0)),
        p=None if effect is None or factor == 0 else noise.above(curve.to_scale(effect) / factor),
        min_effect=effect,
    )


def _in_unit(fit: CurveFit, value: float) -> float:
    return float(np.clip(fit.curve.centre + fit.curve.from_scale(value), -1.7e308, 1.7e308))


def answer_checkpoint_bias(
    facts: CheckpointBiasFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> CheckpointBiasFinding:
    """Yes, no or unknown; unknown without `min_effect` or with too few readings."""
    missing: list[Text] = []
    if facts.n < settings["checkpoint_bias.readings"]:
        missing.append(too_few(facts.n, settings["checkpoint_bias.readings"]))
    if facts.min_effect is None:
        missing.append(effect_missing())
    label = label_of(facts.p, settings["checkpoint_bias.yes"], settings["checkpoint_bias.no"], bool(missing))
    no_effect = facts.min_effect is None
    return CheckpointBiasFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.optimism,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("checkpoint_bias.yes", "checkpoint_bias.no", "checkpoint_bias.readings"),
        missing=tuple(missing),
        settles=(Settle(SET_MIN_EFFECT if no_effect else MORE_READINGS, 0),) if label == "unknown" else (),
        target=target or {},
        note=matters_from(facts.optimism) if no_effect else None,
        corrected=facts.corrected,
        last_as_good=facts.last_as_good,
    )
