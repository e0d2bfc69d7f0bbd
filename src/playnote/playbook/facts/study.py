"""Facts of a study: its trials as a table, the boundary, divergence, density and isolation questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.diagnosis.boundary import BoundaryFinding, answer_boundary, measure_boundary
from playnote.diagnosis.density import DensityFinding, answer_density, measure_density
from playnote.diagnosis.infeasible import InfeasibleFinding, answer_infeasible, measure_infeasible
from playnote.diagnosis.isolation import IsolationFacts, IsolationFinding, Level, answer_isolation, measure_isolation
from playnote.playbook.facts.base import Giver, Provider, Target, of_round, of_target
from playnote.playbook.facts.runs import SeedNoise
from playnote.records.points import points_of
from playnote.records.round import Round
from playnote.records.table import TrialTable
from playnote.records.tables import table_of
from playnote.space.hyperparameter import Value

ADAPTIVE = frozenset({"bayes", "imported"})


@dataclass(frozen=True, slots=True)
class BoundaryFindings:
    """Both sides of one hyperparameter's range."""

    sides: tuple[BoundaryFinding, ...]


@dataclass(frozen=True, slots=True)
class SearchTrials:
    """Every search trial of a round over its nuisance space, and the study each belongs to."""

    table: TrialTable
    studies: tuple[str, ...]


def search_trials(giver: Giver, target: Target) -> SearchTrials:
    """All search trials of the round, row by row: what a count of trials reads."""
    each, state = giver.give(Round, target), giver.state
    trials = [t for t in state.of_round(each.number) if t.purpose == "search" and t.outcome is not None]
    adaptive = each.sampler in ADAPTIVE
    table = table_of(trials, state.readings, each.space, state.project.objective, adaptive=adaptive)
    return SearchTrials(table, tuple(trial.study for trial in trials))


def round_table(giver: Giver, target: Target) -> TrialTable:
    """One row a nuisance point: the scientific values share their points, so their trials are not independent."""
    trials = giver.give(SearchTrials, target)
    return points_of(trials.table, trials.studies)


def boundary_of(giver: Giver, target: Target) -> BoundaryFindings:
    """The boundary question for one hyperparameter, both sides."""
    table, project = giver.give(TrialTable, target), giver.state.project
    noise = giver.give(SeedNoise, target).sd
    name = str(target.hyperparameter)
    if name not in table.space.names:
        return BoundaryFindings(())
    answers = []
    for side in ("low", "high"):
        facts = measure_boundary(table, name, side, min_effect=project.objective.min_effect, seed_sd=noise)
        answers.append(answer_boundary(facts, project.settings, {**target.as_mapping(), "side": side}))
    return BoundaryFindings(tuple(answers))


def density_of(giver: Giver, target: Target) -> DensityFinding:
    """Sampling density of the round."""
    project = giver.state.project
    facts = measure_density(giver.give(TrialTable, target), project.objective.min_effect)
    return answer_density(facts, project.settings, target.as_mapping())


def infeasible_of(giver: Giver, target: Target) -> InfeasibleFinding:
    """Where the round's trials diverged."""
    facts = measure_infeasible(giver.give(SearchTrials, target).table)
    return answer_infeasible(facts, giver.state.project.settings, target.as_mapping())


def isolation_of(giver: Giver, target: Target) -> IsolationFacts:
    """The scientific values compared at equal budget; the baseline's value is what gains are measured from."""
    each, state = giver.give(Round, target), giver.state
    ended = {trial.id: trial for trial in state.of_round(each.number) if trial.outcome is not None}
    levels = []
    for study in each.studies:
        planned = {trial.id: trial.index for trial in study.planned}
        trials = [ended[name] for name in planned if name in ended]
        table = table_of(trials, state.readings, each.space, state.project.objective, adaptive=each.sampler in ADAPTIVE)
        levels.append(Level(_value(study.scientific), table, tuple(planned[name] for name in table.ids)))
    base = _value({name: each.base.get(name, values[0]) for name, values in each.scientific.items()})
    return measure_isolation(
        levels, base, min_effect=state.project.objective.min_effect, seed_sd=giver.give(SeedNoise, target).sd
    )


def isolation_finding(giver: Giver, target: Target) -> IsolationFinding:
    """Does the likeliest winner beat the baseline's value?"""
    facts = giver.give(IsolationFacts, target)
    return answer_isolation(facts, None, giver.state.project.settings, target.as_mapping())


def _value(scientific: Mapping[str, Value]) -> Value:
    """One scientific value, or several written as one."""
    values = list(scientific.values())
    return values[0] if len(values) == 1 else ", ".join(f"{name}={value}" for name, value in scientific.items())


PROVIDERS: dict[type, Provider] = {
    SearchTrials: of_round(search_trials),
    TrialTable: of_round(round_table),
    BoundaryFindings: of_target(boundary_of),
    InfeasibleFinding: of_round(infeasible_of),
    DensityFinding: of_round(density_of),
    IsolationFacts: of_round(isolation_of),
    IsolationFinding: of_round(isolation_finding),
}
