"""The curve and stability tasks: one trial at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, partial

import numpy as np

from playnote.diagnosis.gradient_outliers import (
    GradientOutliersFinding,
    answer_gradient_outliers,
    measure_gradient_outliers,
)
from playnote.diagnosis.instability import InstabilityFinding, answer_instability, measure_instability
from playnote.diagnosis.overfitting import OverfittingFinding, answer_overfitting, measure_overfitting
from playnote.diagnosis.step_variance import StepVarianceFinding, answer_step_variance, measure_step_variance
from playnote.diagnosis.still_improving import (
    SaturatedEarlyFinding,
    StillImprovingFinding,
    answer_saturated_early,
    answer_still_improving,
    measure_saturated_early,
    measure_still_improving,
)
from playnote.service.exchange_case import (
    Raw,
    error_of,
    items,
    lost_at,
    metric_of,
    schedule_of,
    series,
    text,
    trials_of,
)
from playnote.service.judge_questions import Question
from playnote.service.judge_study import seed_sd
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.seed_floor import seed_noise_floor

_MOST_LENGTHS = 4
_OTHER_LENGTH = 0.1


class _Curve:
    """One trial's dev curve; its law is fitted once, when first asked for."""

    def __init__(self, study: Raw, trial: Raw, noise: float) -> None:
        metric, curve = metric_of(study), trial.get("curve")
        self.siblings: list[_Curve] = []
        self.arm = trial.get("arm") if trial.get("status", "complete") == "complete" else None
        self.seed_sd = noise
        self.effect, self.schedule = metric.min_effect, schedule_of(trial)
        self.steps, self.errors = series(curve, "dev_metric", metric.sign or 1.0)
        self.lr_steps, self.lr = series(curve, "lr")
        self.known = metric.sign is not None and len(self.steps) > 0
        self.fit = cache(self._fit)

    def _fit(self) -> CurveFit:
        lr, at = (self.lr, self.lr_steps) if len(self.lr) else (None, None)
        return fit_curve(self.steps, self.errors, lr=lr, lr_steps=at, schedule=self.schedule)

    def _others(self) -> list[CurveFit]:
        """Fits of the same arm (which is the same configuration) under the same schedule over another length."""
        mine = self.fit()
        kind = None if self.schedule is None else self.schedule.kind
        same = [each for each in self.siblings if (None if each.schedule is None else each.schedule.kind) == kind]
        fits = [each.fit() for each in same[:_MOST_LENGTHS]]
        return [fit for fit in fits if abs(fit.curve.total / mine.curve.total - 1.0) > _OTHER_LENGTH]

    def overfitting(self) -> OverfittingFinding | None:
        if not self.known:
            return None
        return answer_overfitting(measure_overfitting(self.steps, self.errors, min_effect=self.effect, fit=self.fit()))

    def still_improving(self) -> StillImprovingFinding | None:
        if not self.known:
            return None
        return answer_still_improving(
            measure_still_improving(
                self.steps,
                self.errors,
                min_effect=self.effect,
                fit=self.fit(),
                others=self._others(),
                seed_sd=self.seed_sd,
            )
        )

    def saturated_early(self) -> SaturatedEarlyFinding | None:
        if not self.known:
            return None
        return answer_saturated_early(
            measure_saturated_early(
                self.steps,
                self.errors,
                min_effect=self.effect,
                fit=self.fit(),
                others=self._others(),
                seed_sd=self.seed_sd,
            )
        )

    def step_variance(self) -> StepVarianceFinding | None:
        if not self.known:
            return None
        return answer_step_variance(
            measure_step_variance(self.steps, self.errors, min_effect=self.effect, fit=self.fit())
        )


def curve_questions(study: Raw) -> Iterator[Question]:
    """Four questions a trial."""
    noise = _between_seeds(study)
    asked = [(_target(trial), _Curve(study, trial, noise)) for trial in items(study.get("trials"))]
    by_arm: dict[str, list[_Curve]] = {}
    for _, curve in asked:
        if isinstance(curve.arm, str) and curve.known:
            by_arm.setdefault(curve.arm, []).append(curve)
    for target, curve in asked:
        if target is None:
            continue
        if isinstance(curve.arm, str):
            curve.siblings = [other for other in by_arm.get(curve.arm, []) if other is not curve]
        yield Question("still_improving", target, curve.still_improving)
        yield Question("saturated_early", target, curve.saturated_early)
        yield Question("overfitting", target, curve.overfitting)
        yield Question("step_variance_high", target, curve.step_variance)


def _between_seeds(study: Raw) -> float:
    """SD between seeds from repeats; without any, what an error rate on that many examples varies by at least."""
    measured, metric = seed_sd(study), metric_of(study)
    if measured is not None or metric.kind != "proportion" or metric.n_dev is None or metric.sign is None:
        return measured or 0.0
    errors = [error for trial in trials_of(study) if (error := error_of(trial, metric.sign)) is not None]
    finite = [error for error in errors if math.isfinite(error)]
    if not finite:
        return 0.0
    best = min(finite)
    return seed_noise_floor(best if metric.sign > 0 else 1.0 + best, metric.n_dev) or 0.0


def stability_questions(study: Raw) -> Iterator[Question]:
    """Two questions a trial."""
    for trial in items(study.get("trials")):
        target = _target(trial)
        if target is None:
            continue
        yield Question("loss_instability", target, partial(_instability, study, trial))
        yield Question("grad_norm_outliers", target, partial(_gradients, study, trial))


def _target(trial: Raw) -> dict[str, object] | None:
    name = trial.get("trial_id")
    return {"trial_id": name} if text(name) is not None or isinstance(name, int) else None


def _instability(study: Raw, trial: Raw) -> InstabilityFinding | None:
    """A diverged trial lost its numbers after the last step it logged, whatever the log shows."""
    steps, loss = series(trial.get("steps"), "train_loss")
    lost = lost_at(trial.get("steps"))
    if lost is not None:
        steps, loss = np.append(steps, lost), np.append(loss, np.nan)
    elif trial.get("status") == "diverged":
        last = float(np.max(steps)) if len(steps) else 0.0
        steps, loss = np.append(steps, np.nextafter(last + 1.0, np.inf)), np.append(loss, np.nan)
    if not len(steps):
        return None
    metric = metric_of(study)
    dev_steps, dev = series(trial.get("curve"), "dev_metric", metric.sign or 1.0)
    lr_steps, lr = series(trial.get("steps"), "lr")
    confirmed = metric.sign is not None and len(dev) > 0
    return answer_instability(
        measure_instability(
            steps,
            loss,
            dev_steps=dev_steps if confirmed else None,
            dev_errors=dev if confirmed else None,
            lr=lr if len(lr) else None,
            lr_steps=lr_steps if len(lr) else None,
            schedule=schedule_of(trial),
        )
    )


def _gradients(study: Raw, trial: Raw) -> GradientOutliersFinding | None:
    steps, norms = series(trial.get("steps"), "grad_norm")
    if not len(steps):
        return None
    clipped = trial.get("clipped", study.get("clipped"))
    return answer_gradient_outliers(
        measure_gradient_outliers(steps, norms, clipped=clipped if isinstance(clipped, bool) else None)
    )
