"""Facts of training length: whether compute limits it, how long each round trained, where the best steps lie."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.steps import LengthInUseFinding, answer_length_in_use, measure_length_in_use
from playnote.diagnosis.still_improving import (
    SaturatedEarlyFinding,
    StillImprovingFinding,
    answer_saturated_early,
    answer_still_improving,
    measure_saturated_early,
    measure_still_improving,
)
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.playbook.facts.declared import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.runs import best_trials
from playnote.playbook.facts.stability import Schedule, baseline_runs
from playnote.records.state import ProjectState

_FREE = re.compile(r"\bnot\b|\bno\b|\bfree\b|unlimited|不受|没有限制")
_BOUND = re.compile(r"bound|limited|yes|受")


@dataclass(frozen=True, slots=True)
class RoundLength:
    """How long a round's trials trained (planned steps before any ended), how many configurations, what was searched."""

    number: int
    steps: float | None
    configurations: int
    searched: bool = False
    with_baseline: bool = False


@dataclass(frozen=True)
class Lengths:
    """Training lengths.

    bound       True: compute limits training; False: it does not; None: neither said nor measured
    production  steps of the final training, None where not declared
    rounds      in order
    """

    bound: bool | None = None
    production: float | None = None
    rounds: tuple[RoundLength, ...] = ()

    def share(self, at: int) -> float | None:
        """Length of a round (by place) as a share of the final training."""
        steps = self.rounds[at].steps if -len(self.rounds) <= at < len(self.rounds) else None
        return steps / self.production if steps is not None and self.production else None


@dataclass(frozen=True)
class LengthInUse:
    """Where the best steps of the top trials lie, and whether the baseline is still improving or long flat.

    round   the round whose trials were read, 0 for the baseline's runs alone
    shares  best step / length of each top trial
    """

    finding: LengthInUseFinding | None = None
    improving: tuple[StillImprovingFinding, ...] = ()
    saturated: tuple[SaturatedEarlyFinding, ...] = ()
    round: int = 0
    shares: tuple[float, ...] = ()


def regime_said(words: str | None) -> bool | None:
    """True for compute-bound, False for not, None where the words do not say."""
    said = (words or "").lower()
    if _FREE.search(said):
        return False
    return True if _BOUND.search(said) else None


def steps_said(words: str | None) -> float | None:
    """The first number in an answer, thousands separators allowed."""
    found = re.search(r"\d[\d,_]*(\.\d+)?(e\d+)?", (words or "").lower())
    return float(found.group().replace(",", "").replace("_", "")) if found else None


def _lengths(giver: Giver) -> Lengths:
    state, answers = giver.state, giver.give(Answers, _NOWHERE)
    task = state.project.task
    regime = answers.to("G1-declare-regime")
    production = answers.to("G1-round1-short")
    said = regime_said(task.get("regime") if regime is None else regime)
    measured = giver.give(Measured, _NOWHERE).last("regime")
    return Lengths(
        said if said is not None or measured is None else measured.flag("bound"),
        steps_said(task.get("production_steps") if production is None else production),
        tuple(_round_length(state, each.number) for each in state.rounds),
    )


def _round_length(state: ProjectState, number: int) -> RoundLength:
    each = next(found for found in state.rounds if found.number == number)
    trials = [t for t in state.of_round(number) if t.outcome == "ok"]
    steps: list[int] = [t.total_steps for t in trials if t.total_steps is not None]
    workflow = state.project.workflow
    declared = workflow.max_train_steps if workflow is not None else None
    planned = None if steps else each.steps if each.steps is not None else declared
    run = [t.configuration for t in trials] + [planned.configuration for planned in each.planned]
    kinds = {tuple(sorted(configuration.items(), key=str)) for configuration in run}
    base = tuple(sorted(state.project.baseline.items(), key=str))
    searched = any(name in ("steps", "max_train_steps", "epochs", "train_steps") for name in each.space.names)
    return RoundLength(number, max(steps, default=planned), len(kinds), searched, base in kinds)


def _length_in_use(giver: Giver) -> LengthInUse:
    state, schedule = giver.state, giver.give(Schedule, _NOWHERE).seen
    settings = state.project.settings
    number = next((r.number for r in reversed(state.rounds) if any(t.outcome for t in state.of_round(r.number))), 0)
    trials = state.of_round(number) if number else baseline_runs(state)
    top = best_trials(state, [t.id for t in trials if t.outcome == "ok"], max(5, int(settings["steps.top"])))
    total = {t.id: t.total_steps for t in trials}
    pairs = [
        (reading.step, length)
        for name in top
        if (reading := state.readings[name]).step is not None and (length := total[name])
    ]
    finding = None
    shares: tuple[float, ...] = ()
    if pairs and state.project.objective.read == "best":
        best, all_ = np.array(pairs, dtype=float).T
        constant = None if schedule is None else schedule.flat
        facts = measure_length_in_use(best, all_, constant=constant, settings=settings)
        finding, shares = answer_length_in_use(facts, settings, {"round": number}), facts.shares
    improving, saturated = _baseline_ends(state)
    return LengthInUse(finding, improving, saturated, number, shares)


def _baseline_ends(
    state: ProjectState,
) -> tuple[tuple[StillImprovingFinding, ...], tuple[SaturatedEarlyFinding, ...]]:
    objective, settings = state.project.objective, state.project.settings
    improving, saturated = [], []
    for trial in baseline_runs(state):
        curve = state.curves.curve(trial.id, objective.formula)
        if curve is None or len(curve) < 2:
            continue
        lr = state.curves.curve(trial.id, "lr")
        steps, errors = curve.steps, objective.sign * curve.values
        rates, rate_steps = (None, None) if lr is None else (lr.values, lr.steps)
        about = {"trial": trial.id}
        still = measure_still_improving(steps, errors, lr=rates, lr_steps=rate_steps, min_effect=objective.min_effect)
        flat = measure_saturated_early(steps, errors, lr=rates, lr_steps=rate_steps, min_effect=objective.min_effect)
        improving.append(answer_still_improving(still, settings, about))
        saturated.append(answer_saturated_early(flat, settings, about))
    return tuple(improving), tuple(saturated)


_NOWHERE = Target()
PROVIDERS: dict[type, Provider] = {
    Lengths: of_project(_lengths),
    LengthInUse: of_project(_length_in_use),
}
