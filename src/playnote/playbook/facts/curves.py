"""Facts of training curves: those of the best trials of every scientific value."""

from __future__ import annotations

from dataclasses import dataclass

from playnote.diagnosis.overfitting import OverfittingFinding, answer_overfitting, measure_overfitting
from playnote.playbook.facts.base import Giver, Provider, Target, of_round
from playnote.playbook.facts.runs import best_trials
from playnote.records.round import Round


@dataclass(frozen=True, slots=True)
class TopCurves:
    """Overfitting findings of the best trials of each scientific value, best first."""

    findings: tuple[OverfittingFinding, ...]
    without_curve: tuple[str, ...] = ()


def top_curves(giver: Giver, target: Target) -> TopCurves:
    """Overfitting of the best few trials of every study of the round, read on the objective's own metric."""
    each, state = giver.give(Round, target), giver.state
    project = state.project
    count = int(project.settings["rule_curves_top"])
    findings: list[OverfittingFinding] = []
    without = []
    for study in each.studies:
        for name in best_trials(state, [trial.id for trial in study.planned], count):
            curve = state.curves.curve(name, project.objective.formula)
            if curve is None or len(curve) < 2:
                without.append(name)
                continue
            lr = state.curves.curve(name, "lr")
            facts = measure_overfitting(
                curve.steps,
                project.objective.sign * curve.values,
                lr=None if lr is None else lr.values,
                lr_steps=None if lr is None else lr.steps,
                min_effect=project.objective.min_effect,
            )
            findings.append(answer_overfitting(facts, project.settings, {**target.as_mapping(), "trial": name}))
    return TopCurves(tuple(findings), tuple(without))


PROVIDERS: dict[type, Provider] = {TopCurves: of_round(top_curves)}
