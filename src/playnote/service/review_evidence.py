"""What a review reads off the trials once, for all its questions: the table, the ranking, and the noise that is known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from playnote.connectors.imported import Imported
from playnote.connectors.inferred import INFERRED
from playnote.diagnosis.seed_noise import SeedNoiseFacts, measure_seed_noise
from playnote.records.curves import Curve
from playnote.records.settings import Settings
from playnote.records.state import ProjectState
from playnote.records.table import TrialTable
from playnote.records.tables import table_of
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical

LATE = 6
"""Readings at the end of a curve that tell its noise."""
_ENOUGH = 8.0  # degrees of freedom of the noise near the best: from there its SD is known to half of itself
_ALIKE = 0.5  # SDs nearer than a factor of two are one noise
_MATCH = 0.8  # share of complete trials whose score must be a reading of their curve


@dataclass(frozen=True, slots=True)
class ReadingNoise:
    """How far one reading of the metric jumps: SD over `n` curves, from differences of their last readings.

    So neither a trend nor a bend is taken for noise. n = 0: not known.
    """

    sd: float
    n: int


@dataclass(frozen=True)
class Evidence:
    """Everything the questions share; computed when first asked for, then kept.

    imported    what the connector handed over
    scientific  the categorical in question, None: every one is exploratory
    """

    imported: Imported
    scientific: str | None = None

    @property
    def state(self) -> ProjectState:
        """The trials as a state."""
        return self.imported.state

    @property
    def settings(self) -> Settings:
        """Every threshold."""
        return self.state.project.settings

    @property
    def min_effect(self) -> float | None:
        """The smallest difference that matters, where it was said."""
        return self.state.project.objective.min_effect

    @property
    def sign(self) -> float:
        """`sign * score` is an error."""
        return self.state.project.objective.sign

    @property
    def adaptive(self) -> bool:
        """The sampler looked at results, or may have."""
        return self.state.rounds[0].sampler in ("bayes", "imported")

    @property
    def inferred(self) -> bool:
        """The ranges are those of the values tried."""
        return INFERRED in self.imported.left_out

    @cached_property
    def table(self) -> TrialTable:
        """All ended trials over the whole space."""
        each, objective = self.state.rounds[0], self.state.project.objective
        return table_of(self.state.trials, self.state.readings, each.space, objective, adaptive=self.adaptive)

    @cached_property
    def complete(self) -> tuple[TrialRecord, ...]:
        """Trials that ended with a score."""
        return tuple(trial for trial in self.state.trials if trial.outcome == "ok")

    @cached_property
    def ranked(self) -> list[str]:
        """Ids of the feasible trials, best first."""
        feasible = [trial.id for trial in self.complete if self.state.readings[trial.id].feasible is not False]
        scored = [(self.sign * self.score(name), at, name) for at, name in enumerate(feasible)]
        return [name for _, _, name in sorted(each for each in scored if math.isfinite(each[0]))]

    @cached_property
    def categoricals(self) -> tuple[Categorical, ...]:
        """The choices to compare: the scientific one (its values where it is a number), or each."""
        if self.scientific is None:
            return tuple(each for each in self.state.project.space if isinstance(each, Categorical))
        asked = self.state.project.space[self.scientific]
        if isinstance(asked, Categorical):
            return (asked,)
        values = {trial.configuration[asked.name] for trial in self.state.trials if asked.name in trial.configuration}
        return (Categorical(name=asked.name, choices=tuple(sorted(values, key=float))),)

    def score(self, name: str) -> float:
        """A trial's score, NaN where it has none."""
        reading = self.state.readings.get(name)
        return math.nan if reading is None or reading.score is None else reading.score

    def value(self, name: str, hyperparameter: str) -> object:
        """What a trial had for a hyperparameter."""
        return self._by_id[name].configuration.get(hyperparameter)

    @cached_property
    def _by_id(self) -> dict[str, TrialRecord]:
        return {trial.id: trial for trial in self.state.trials}

    @cached_property
    def repeats(self) -> tuple[tuple[str, ...], ...]:
        """Trials of one configuration, where it was run to its end more than once, most repeated first."""
        groups: dict[str, list[str]] = {}
        for trial in self.complete:
            if math.isfinite(self.score(trial.id)) and trial.configuration:
                groups.setdefault(repr(sorted(trial.configuration.items(), key=str)), []).append(trial.id)
        return tuple(sorted((tuple(each) for each in groups.values() if len(each) > 1), key=len, reverse=True))

    @cached_property
    def identical(self) -> tuple[tuple[str, ...], ...]:
        """Repeats that all ended at the very same score: copies or a fixed seed, no measure of noise."""
        return tuple(each for each in self.repeats if len({self.score(name) for name in each}) == 1)

    @cached_property
    def repeated(self) -> tuple[list[list[float]], list[list[float]]]:
        """Errors of repeats near the best, and of the other ones; identical ones tell of no seed.

        Bad configurations are often many times noisier than good ones, and every question is about good ones: where
        the others differ, only the best quarter speaks, or as many as tell an SD.
        """
        groups = sorted(
            ([self.sign * self.score(name) for name in each] for each in self.repeats if each not in self.identical),
            key=lambda each: float(np.median(each)),
        )
        kept, freedom = 0, 0.0
        while kept < len(groups) and (freedom < _ENOUGH or kept < len(groups) / 4):
            freedom += len(groups[kept]) - 1
            kept += 1
        near, rest = (measure_seed_noise(each).sd for each in (groups[:kept], groups[kept:]))
        if near and rest and _ALIKE < rest / near < 1.0 / _ALIKE:
            return groups, []
        return groups[:kept], groups[kept:]

    @cached_property
    def seeds(self) -> SeedNoiseFacts:
        """The seed noise that repeats near the best show."""
        return measure_seed_noise(self.repeated[0], min_effect=self.min_effect)

    @cached_property
    def seeds_elsewhere(self) -> SeedNoiseFacts:
        """The same of the repeats that are not near the best."""
        return measure_seed_noise(self.repeated[1])

    @property
    def seed_sd(self) -> float | None:
        """SD of one run over seeds, None where it is not known."""
        return self.seeds.sd if self.seeds.freedom >= 2 else None

    def curve(self, name: str) -> Curve | None:
        """What a trial logged of the objective's metric, where that is the score's own series."""
        if self.read_as is None:
            return None
        return self.state.curves.curve(name, self.state.project.objective.formula)

    @cached_property
    def read_as(self) -> Literal["last", "best", "other"] | None:
        """How the score stands to its curve: its last reading, its best, another of them; None: not of this curve."""
        last = best = other = n = 0
        formula = self.state.project.objective.formula
        for name in spread(self.ranked, 30):
            curve = self.state.curves.curve(name, formula)
            if curve is None or not len(curve) or not np.isfinite(curve.values).any():
                continue
            n += 1
            score = self.score(name)
            errors = self.sign * curve.values[np.isfinite(curve.values)]
            last += _equal(score, float(curve.values[-1]))
            best += _equal(self.sign * score, float(errors.min()))
            other += any(_equal(score, float(value)) for value in curve.values)
        if n < 3:
            return None
        if last >= _MATCH * n:
            return "last"
        return "best" if best >= _MATCH * n else "other" if other >= _MATCH * n else None

    @cached_property
    def reading(self) -> ReadingNoise:
        """How far one reading jumps, from the best twelve trials' curves."""
        variances: dict[str, list[float]] = {"bend": [], "turn": []}
        for name in self.ranked[:12]:
            curve = self.curve(name)
            if curve is not None and len(curve) >= LATE + 2 and np.isfinite(curve.values[-LATE:]).all():
                late = curve.values[-LATE:]
                variances["bend"].append(float((np.diff(late, 2) ** 2).mean()) / 6.0)
                variances["turn"].append(float((np.diff(late, 3) ** 2).mean()) / 20.0)
        if not variances["bend"]:
            return ReadingNoise(0.0, 0)
        # A curve that still bends adds to second differences, hardly to third ones; both see the noise alike.
        return ReadingNoise(math.sqrt(min(map(np.mean, variances.values()))), len(variances["bend"]))

    @cached_property
    def of_failures(self) -> TrialTable:
        """The table in which failures are the event, against every trial that ran on, whatever became of it."""
        table = self.table
        ran = table.ok | table.pruned | table.diverged
        return replace(
            table,
            ok=ran,
            error=np.where(ran, 0.0, np.nan),
            diverged=table.failed,
            failed=np.zeros_like(table.failed),
            pruned=np.zeros_like(table.pruned),
        )


def spread(names: list[str], count: int) -> Iterable[str]:
    """At most `count` of the names, evenly from first to last."""
    return names[:: max(1, len(names) // count)][:count]


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
