"""Where each type that a rule asks for comes from.

A provider takes the state and a target; the engine calls it once per target. To give
rules a new kind of fact, add a type here and a row to `PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.boundary import BoundaryFinding, answer_boundary, measure_boundary
from playnote.diagnosis.density import DensityFinding, answer_density, measure_density
from playnote.diagnosis.infeasible import InfeasibleFinding, answer_infeasible, measure_infeasible
from playnote.diagnosis.isolation import IsolationFacts, IsolationFinding, Level, answer_isolation, measure_isolation
from playnote.diagnosis.overfitting import OverfittingFinding, answer_overfitting, measure_overfitting
from playnote.records.objective import Objective
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.records.table import TrialTable
from playnote.records.tables import table_of
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Value

ADAPTIVE = frozenset({"bayes", "imported"})


@dataclass(frozen=True, slots=True)
class Target:
    """What a verdict is about; unset parts do not matter."""

    round: int | None = None
    hyperparameter: str | None = None
    trial: str | None = None

    def as_mapping(self) -> dict[str, object]:
        """The set parts, as a verdict's `target`."""
        named = {"round": self.round, "hyperparameter": self.hyperparameter, "trial": self.trial}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Answers:
    """What people answered to the rules' questions, latest first said: rule id to answer."""

    by_rule: Mapping[str, str]

    def to(self, rule: str) -> str | None:
        """The answer in force, None where nobody answered."""
        return self.by_rule.get(rule)


@dataclass(frozen=True, slots=True)
class SeedNoise:
    """Spread of the score between seeds: pooled SD, degrees of freedom, its 95 % interval; sd None where unknown."""

    sd: float | None
    freedom: int = 0
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class BaselineRuns:
    """The baseline's trials, their scores where they have one, and the chance level where it is a number."""

    trials: tuple[TrialRecord, ...]
    scores: tuple[float, ...]
    chance: float | None
    n_dev: int | None


@dataclass(frozen=True, slots=True)
class RoundTrials:
    """A round's planned and recorded trials."""

    planned: int
    trials: tuple[TrialRecord, ...]

    @property
    def ended(self) -> int:
        """How many have an outcome."""
        return sum(trial.outcome is not None for trial in self.trials)


@dataclass(frozen=True, slots=True)
class BoundaryFindings:
    """Both sides of one hyperparameter's range."""

    sides: tuple[BoundaryFinding, ...]


@dataclass(frozen=True, slots=True)
class TopCurves:
    """Overfitting findings of the best trials of each scientific value, best first."""

    findings: tuple[OverfittingFinding, ...]
    without_curve: tuple[str, ...] = ()


def seed_noise_of(state: ProjectState) -> SeedNoise:
    """Pooled over configurations repeated on purpose; the search's own trials never count as repeats."""
    groups: dict[tuple[tuple[str, Value], ...], dict[int | None, float]] = {}
    for trial in state.of_purpose("baseline", "repeat", "confirm"):
        reading = state.readings.get(trial.id)
        if reading is not None and reading.score is not None:
            groups.setdefault(tuple(sorted(trial.configuration.items(), key=str)), {})[trial.seed] = reading.score
    samples = [np.array(list(scores.values())) for scores in groups.values() if len(scores) > 1]
    freedom = sum(len(sample) - 1 for sample in samples)
    if not freedom:
        return SeedNoise(None)
    sd = float(np.sqrt(sum(float(((s - s.mean()) ** 2).sum()) for s in samples) / freedom))
    from scipy.stats import chi2

    low, high = (float(chi2.ppf(share, freedom)) for share in (0.975, 0.025))
    return SeedNoise(sd, freedom, (sd * float(np.sqrt(freedom / low)), sd * float(np.sqrt(freedom / high))))


def round_of(state: ProjectState, target: Target) -> Round:
    """The round a target names."""
    return next(each for each in state.rounds if each.number == target.round)


def round_table(state: ProjectState, target: Target) -> TrialTable:
    """All search trials of the round over its nuisance space."""
    each = round_of(state, target)
    trials = [trial for trial in state.of_round(each.number) if trial.purpose == "search"]
    return table_of(trials, state.readings, each.space, state.project.objective, adaptive=each.sampler in ADAPTIVE)


def boundary_of(state: ProjectState, target: Target) -> BoundaryFindings:
    """The boundary question for one hyperparameter, both sides."""
    table, project = round_table(state, target), state.project
    noise = seed_noise_of(state).sd
    name = str(target.hyperparameter)
    if name not in table.space.names:
        return BoundaryFindings(())
    answers = []
    for side in ("low", "high"):
        facts = measure_boundary(table, name, side, min_effect=project.objective.min_effect, seed_sd=noise)
        answers.append(answer_boundary(facts, project.settings, {**target.as_mapping(), "side": side}))
    return BoundaryFindings(tuple(answers))


def density_of(state: ProjectState, target: Target) -> DensityFinding:
    """Sampling density of the round."""
    facts = measure_density(round_table(state, target), state.project.objective.min_effect)
    return answer_density(facts, state.project.settings, target.as_mapping())


def infeasible_of(state: ProjectState, target: Target) -> InfeasibleFinding:
    """Where the round's trials diverged."""
    facts = measure_infeasible(round_table(state, target))
    return answer_infeasible(facts, state.project.settings, target.as_mapping())


def isolation_of(state: ProjectState, target: Target) -> IsolationFacts:
    """The scientific values compared at equal budget; the baseline's value is what gains are measured from."""
    each, project = round_of(state, target), state.project
    levels = []
    for study in each.studies:
        planned = {trial.id: trial.index for trial in study.planned}
        trials = [t for t in state.of_round(each.number) if t.id in planned and t.outcome is not None]
        table = table_of(trials, state.readings, each.space, project.objective, adaptive=each.sampler in ADAPTIVE)
        points = tuple(planned[name] for name in table.ids)
        levels.append(Level(_value(study.scientific), table, points))
    base = _value({name: each.base.get(name, values[0]) for name, values in each.scientific.items()})
    return measure_isolation(levels, base, min_effect=project.objective.min_effect, seed_sd=seed_noise_of(state).sd)


def isolation_finding(state: ProjectState, target: Target) -> IsolationFinding:
    """Does the likeliest winner beat the baseline's value?"""
    return answer_isolation(isolation_of(state, target), None, state.project.settings, target.as_mapping())


def top_curves(state: ProjectState, target: Target) -> TopCurves:
    """Overfitting of the best few trials of every study of the round, read on the objective's own metric."""
    each, project = round_of(state, target), state.project
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


def best_trials(state: ProjectState, names: list[str], count: int) -> list[str]:
    """Ids of the best feasible trials among these, best first."""
    sign = state.project.objective.sign
    scored = [
        (sign * reading.score, name)
        for name in names
        if (reading := state.readings.get(name)) is not None
        and reading.score is not None
        and reading.feasible is not False
        and np.isfinite(reading.score)
    ]
    return [name for _, name in sorted(scored)[:count]]


def baseline_of(state: ProjectState, _target: Target) -> BaselineRuns:
    """The baseline's runs and what doing nothing would score."""
    trials = state.of_purpose("baseline")
    scores = [state.readings[t.id].score for t in trials if t.id in state.readings]
    chance = state.project.objective.chance
    dev = state.project.splits.get("dev")
    return BaselineRuns(
        trials,
        tuple(score for score in scores if score is not None),
        chance if isinstance(chance, int | float) else _logged_chance(state, trials),
        dev.n if dev else None,
    )


def _logged_chance(state: ProjectState, trials: tuple[TrialRecord, ...]) -> float | None:
    """Where the project names a way ("majority-class"), the training code logs its value as "dev/chance"."""
    for trial in trials:
        if "dev/chance" in trial.summary:
            return trial.summary["dev/chance"]
    return None


def _value(scientific: Mapping[str, Value]) -> Value:
    """One scientific value, or several written as one."""
    values = list(scientific.values())
    return values[0] if len(values) == 1 else ", ".join(f"{name}={value}" for name, value in scientific.items())


def _answers(state: ProjectState, _target: Target) -> Answers:
    return Answers({str(e.data["rule"]): str(e.data["answer"]) for e in state.events("answer")})


def _round_trials(state: ProjectState, target: Target) -> RoundTrials:
    each = round_of(state, target)
    return RoundTrials(len(each.planned), state.of_round(each.number))


PROVIDERS: dict[type, Callable[[ProjectState, Target], object]] = {
    ProjectState: lambda state, _: state,
    Project: lambda state, _: state.project,
    Objective: lambda state, _: state.project.objective,
    Target: lambda _, target: target,
    Answers: _answers,
    SeedNoise: lambda state, _: seed_noise_of(state),
    BaselineRuns: baseline_of,
    Round: round_of,
    RoundTrials: _round_trials,
    TrialTable: round_table,
    BoundaryFindings: boundary_of,
    InfeasibleFinding: infeasible_of,
    DensityFinding: density_of,
    IsolationFacts: isolation_of,
    IsolationFinding: isolation_finding,
    TopCurves: top_curves,
}
