"""Facts of runs: the noise between seeds, the baseline, the trials of a round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from playnote.playbook.facts.base import Giver, Provider, Target, of_project, of_round
from playnote.playbook.facts.declared import round_of
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Value


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
    low, high = (2.0 * float(gammaincinv(freedom / 2, share)) for share in (0.975, 0.025))  # chi-square quantiles
    return SeedNoise(sd, freedom, (sd * float(np.sqrt(freedom / low)), sd * float(np.sqrt(freedom / high))))


def baseline_of(state: ProjectState) -> BaselineRuns:
    """The baseline's runs and what doing nothing would score."""
    trials = state.of_purpose("baseline")
    scores = [state.readings[t.id].score for t in trials if t.id in state.readings]
    chance = state.project.objective.chance
    dev = state.project.splits.get("dev")
    return BaselineRuns(
        trials,
        tuple(score for score in scores if score is not None),
        chance if isinstance(chance, int | float) else _logged_chance(trials),
        dev.n if dev else None,
    )


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


def _logged_chance(trials: tuple[TrialRecord, ...]) -> float | None:
    """Where the project names a way ("majority-class"), the training code logs its value as "dev/chance"."""
    for trial in trials:
        if "dev/chance" in trial.summary:
            return trial.summary["dev/chance"]
    return None


def _round_trials(giver: Giver, target: Target) -> RoundTrials:
    each = round_of(giver, target)
    return RoundTrials(each.total, giver.state.of_round(each.number))


PROVIDERS: dict[type, Provider] = {
    SeedNoise: of_project(lambda giver: seed_noise_of(giver.state)),
    BaselineRuns: of_project(lambda giver: baseline_of(giver.state)),
    RoundTrials: of_round(_round_trials),
}
