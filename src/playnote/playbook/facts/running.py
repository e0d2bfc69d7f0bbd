"""Facts of how trials ran: evaluations, checkpoints, kept predictions, waiting for data, the code that ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playnote.diagnosis.checkpoint_bias import CheckpointBiasFinding, answer_checkpoint_bias, measure_checkpoint_bias
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.playbook.facts.runs import best_trials
from playnote.recorder.formula import parse
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord

_LOOKED_AT = 20  # trials whose curves are read: enough to see a habit, cheap with a thousand on record
_RARELY = 3


@dataclass(frozen=True)
class Evaluations:
    """How the latest complete trials were evaluated: evaluations of each, and whether they came at fixed steps.

    regular  None where there were too few to tell
    """

    counts: tuple[int, ...] = ()
    regular: tuple[bool | None, ...] = ()
    total_steps: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Kept:
    """What trials left behind.

    trials            complete trials looked at
    with_checkpoints  those that saved any; `single` of them saved one alone
    best_trial        id of the best trial on record, and `best_step`, where its score stands
    best_saved        whether it saved any checkpoint, `best_scored` with a score, `best_kept` one at its best step that is
                      still there
    predictions       (split, n) of everything kept of the best trial
    resumed           complete trials that took several attempts and had checkpoints to go on from
    """

    trials: int = 0
    with_checkpoints: int = 0
    single: int = 0
    best_trial: str | None = None
    best_step: float | None = None
    best_saved: bool = False
    best_scored: bool = False
    best_kept: bool = False
    predictions: tuple[tuple[str, int], ...] = ()
    resumed: int = 0


@dataclass(frozen=True)
class BestPoint:
    """What choosing the best checkpoint of the best trial was worth; None where its curve was not recorded."""

    finding: CheckpointBiasFinding | None = None


@dataclass(frozen=True, slots=True)
class DataWait:
    """Share of the time that training waited for its data, over every timed pass; None where nothing was timed."""

    share: float | None = None
    steps: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranks:
    """Processes of one training run: the largest number any trial recorded; None where nothing says."""

    world: int | None = None


def _latest(state: ProjectState) -> list[TrialRecord]:
    return [t for t in state.trials if t.outcome == "ok"][-_LOOKED_AT:]


def _evaluations(giver: Giver) -> Evaluations:
    state = giver.state
    terms = parse(state.project.objective.formula).terms
    counts, regular, totals = [], [], []
    for trial in _latest(state):
        curve = next((c for name in terms if (c := state.curves.curve(trial.id, name)) is not None), None)
        if curve is None:
            continue
        counts.append(len(curve))
        regular.append(fixed_steps(curve.steps))
        totals.append(trial.total_steps)
    return Evaluations(tuple(counts), tuple(regular), tuple(totals))


def fixed_steps(steps: np.ndarray) -> bool | None:
    """Whether evaluations came at a fixed distance in steps; a denser beginning and a short last stretch are fine."""
    if len(steps) < _RARELY:
        return None
    apart = np.diff(steps)
    inner = apart[:-1] if len(apart) > 2 else apart
    return bool(np.all(np.diff(inner) >= -1e-9) and len(np.unique(np.round(inner, 6))) <= _RARELY)


def _kept(giver: Giver) -> Kept:
    state = giver.state
    trials = _latest(state)
    lists = {t.id: _listed(t, "checkpoints") for t in trials}
    top = best_trials(state, [t.id for t in state.trials if t.outcome == "ok"], 1)
    best = next((t for t in state.trials if top and t.id == top[0]), None)
    entries = _listed(best, "checkpoints")
    step = state.readings[best.id].step if best is not None else None
    left = entries[-1].get("kept") if entries else None
    there = set(left) if isinstance(left, list | tuple) else set()
    return Kept(
        trials=len(trials),
        with_checkpoints=sum(bool(found) for found in lists.values()),
        single=sum(len(found) == 1 for found in lists.values()),
        best_trial=best.id if best else None,
        best_step=step,
        best_saved=bool(entries),
        best_scored=any(isinstance(e.get("score"), int | float) for e in entries),
        best_kept=any(e.get("step") == step and e.get("file") in there for e in entries),
        predictions=tuple((str(e.get("split")), int(str(e.get("n", 0)))) for e in _listed(best, "predictions")),
        resumed=sum(t.attempts > 1 and t.outcome == "ok" and bool(_listed(t, "checkpoints")) for t in state.trials),
    )


def _best_point(giver: Giver) -> BestPoint:
    state, kept = giver.state, giver.give(Kept, Target())
    objective = state.project.objective
    if kept.best_trial is None or (curve := state.curves.curve(kept.best_trial, objective.formula)) is None:
        return BestPoint()
    lr = state.curves.curve(kept.best_trial, "lr")
    facts = measure_checkpoint_bias(
        curve.steps,
        objective.sign * curve.values,
        lr=None if lr is None else lr.values,
        lr_steps=None if lr is None else lr.steps,
        min_effect=objective.min_effect,
    )
    return BestPoint(answer_checkpoint_bias(facts, state.project.settings, {"trial": kept.best_trial}))


def _listed(trial: TrialRecord | None, name: str) -> list[Mapping[str, object]]:
    found = trial.facts.get(name) if trial is not None else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def _data_wait(giver: Giver) -> DataWait:
    waited = seconds = 0.0
    steps = 0
    for trial in giver.state.trials:
        for each in _listed(trial, "inputs"):
            waited += float(str(each.get("waited") or 0.0))
            seconds += float(str(each.get("seconds") or 0.0))
            steps += int(str(each.get("steps") or 0))
    return DataWait(waited / seconds if seconds > 0 else None, steps, seconds)


def _ranks(giver: Giver) -> Ranks:
    found = [t.facts.get("world_size") for t in giver.state.trials]
    numbers = [int(each) for each in found if isinstance(each, int | float) and not isinstance(each, bool)]
    said = giver.state.project.task.get("processes", "")
    return Ranks(max([*numbers, *([int(said)] if said.isdigit() else [])], default=None))


PROVIDERS: dict[type, Provider] = {
    Evaluations: of_project(_evaluations),
    Kept: of_project(_kept),
    BestPoint: of_project(_best_point),
    DataWait: of_project(_data_wait),
    Ranks: of_project(_ranks),
}
