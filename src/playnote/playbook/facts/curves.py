"""Facts of training curves: those of the best trials of every scientific value, each fitted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
from playnote.playbook.facts.base import Giver, Provider, Target, of_round
from playnote.playbook.facts.runs import best_trials
from playnote.playbook.facts.stability import LOSS, NORM, RATE, clip_threshold
from playnote.records.curves import Floats
from playnote.records.round import Round
from playnote.stats.curve_fit import CurveFit, fit_curve


@dataclass(frozen=True)
class TopFit:
    """The dev curve of one of the best trials as error (lower is better), and its fit."""

    trial: str
    steps: Floats
    errors: Floats
    fit: CurveFit


@dataclass(frozen=True)
class TopFits:
    """The best few trials of every study of the round, best first; those without a curve by name."""

    fits: tuple[TopFit, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def trials(self) -> tuple[str, ...]:
        """All of them, by name."""
        return (*(each.trial for each in self.fits), *self.without)


@dataclass(frozen=True, slots=True)
class TopCurves:
    """Overfitting findings of the best trials of each scientific value, best first."""

    findings: tuple[OverfittingFinding, ...]
    without_curve: tuple[str, ...] = ()


@dataclass(frozen=True)
class TopNoise:
    """Noise of the dev metric late in training, one finding a top trial."""

    findings: tuple[StepVarianceFinding, ...] = ()


@dataclass(frozen=True)
class TopEnds:
    """How the top trials end: would more steps help, and would fewer have done.

    flat_from  share of the run after which the dev metric stays within what matters of its end, by trial
    """

    improving: tuple[StillImprovingFinding, ...] = ()
    saturated: tuple[SaturatedEarlyFinding, ...] = ()
    flat_from: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TopSpikes:
    """Training loss and gradient norms of the top trials; those that logged no norm by name."""

    losses: tuple[InstabilityFinding, ...] = ()
    norms: tuple[GradientOutliersFinding, ...] = ()
    without_norm: tuple[str, ...] = ()


def top_fits(giver: Giver, target: Target) -> TopFits:
    """Fit the dev curves of the best few trials of every study."""
    each, state = giver.give(Round, target), giver.state
    objective = state.project.objective
    count = int(state.project.settings["rule_curves_top"])
    fits, without = [], []
    for study in each.studies:
        for name in best_trials(state, [trial.id for trial in study.planned], count):
            curve = state.curves.curve(name, objective.formula)
            if curve is None or len(curve) < 2:
                without.append(name)
                continue
            lr = state.curves.curve(name, RATE)
            errors = objective.sign * curve.values
            fit = fit_curve(
                curve.steps,
                errors,
                lr=None if lr is None else lr.values,
                lr_steps=None if lr is None else lr.steps,
            )
            fits.append(TopFit(name, curve.steps, errors, fit))
    return TopFits(tuple(fits), tuple(without))


def top_curves(giver: Giver, target: Target) -> TopCurves:
    """Overfitting of the best few trials of every study of the round, read on the objective's own metric."""
    project, top = giver.state.project, giver.give(TopFits, target)
    findings = tuple(
        answer_overfitting(
            measure_overfitting(each.steps, each.errors, min_effect=project.objective.min_effect, fit=each.fit),
            project.settings,
            {**target.as_mapping(), "trial": each.trial},
        )
        for each in top.fits
    )
    return TopCurves(findings, top.without)


def top_noise(giver: Giver, target: Target) -> TopNoise:
    """Step variance of the same trials."""
    project = giver.state.project
    return TopNoise(
        tuple(
            answer_step_variance(
                measure_step_variance(each.steps, each.errors, min_effect=project.objective.min_effect, fit=each.fit),
                project.settings,
                {**target.as_mapping(), "trial": each.trial},
            )
            for each in giver.give(TopFits, target).fits
        )
    )


def top_ends(giver: Giver, target: Target) -> TopEnds:
    """Length of training, as the same trials show it."""
    project, top = giver.state.project, giver.give(TopFits, target)
    effect, settings = project.objective.min_effect, project.settings
    improving, saturated = [], []
    for each in top.fits:
        about = {**target.as_mapping(), "trial": each.trial}
        longer = measure_still_improving(each.steps, each.errors, min_effect=effect, fit=each.fit)
        shorter = measure_saturated_early(each.steps, each.errors, min_effect=effect, fit=each.fit)
        improving.append(answer_still_improving(longer, settings, about))
        saturated.append(answer_saturated_early(shorter, settings, about))
    flat = {each.trial: flat_from(each.steps, each.errors, effect) for each in top.fits if effect is not None}
    return TopEnds(tuple(improving), tuple(saturated), flat)


def flat_from(steps: Floats, errors: Floats, effect: float) -> float:
    """Share of the run after which every reading stays within `effect`, and twice the tail's spread, of the end.

    steps, errors : arrays, shape (n,)  n >= 2
    """
    tail = errors[-max(len(errors) // 4, 2) :]
    near = np.abs(errors - np.nanmedian(tail)) <= max(effect, 2.0 * float(np.nanstd(tail)))
    away = np.flatnonzero(~near)
    first = int(away[-1]) + 1 if len(away) else 0
    return float(steps[min(first, len(steps) - 1)] / steps[-1]) if steps[-1] > 0 else 0.0


def top_spikes(giver: Giver, target: Target) -> TopSpikes:
    """Spikes of the best few of these trials, over all values together; norms that were logged after clipping show none."""
    state = giver.state
    settings = state.project.settings
    losses, norms, without = [], [], []
    trials = {trial.id: trial for trial in state.of_round(target.round or 0)}
    top = best_trials(state, list(giver.give(TopFits, target).trials), int(settings["rule_curves_top"]))
    for name in top:
        about = {**target.as_mapping(), "trial": name}
        loss, norm = state.curves.curve(name, LOSS), state.curves.curve(name, NORM)
        if loss is not None and len(loss):
            losses.append(answer_instability(measure_instability(loss.steps, loss.values), settings, about))
        if norm is None or not len(norm):
            without.append(name)
            continue
        held = clip_threshold(trials[name].configuration, trials[name].facts) if name in trials else None
        facts = measure_gradient_outliers(norm.steps, norm.values, clipped=False if held is None else None)
        norms.append(answer_gradient_outliers(facts, settings, about))
    return TopSpikes(tuple(losses), tuple(norms), tuple(without))


PROVIDERS: dict[type, Provider] = {
    TopFits: of_round(top_fits),
    TopCurves: of_round(top_curves),
    TopNoise: of_round(top_noise),
    TopEnds: of_round(top_ends),
    TopSpikes: of_round(top_spikes),
}
