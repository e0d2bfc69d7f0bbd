"""Small made-up projects, rounds and findings that the rules' examples are built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playnote.playbook.facts import Answers, BaselineRuns, RoundTrials
from playnote.records.objective import Constraint, Objective
from playnote.records.project import Budget, Project, Split, Workflow
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.records.table import TrialTable
from playnote.records.tables import table_of
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Value
from playnote.space.space import Space

LR = Float(name="lr", low=1e-4, high=1.0, scale="log", group="optimizer")
DECAY = Float(name="weight_decay", low=1e-6, high=1e-2, scale="log", group="regularization")
DROPOUT = Categorical(name="dropout", choices=(0.0, 0.2, 0.4), group="regularization")
SPACE = Space((LR, DECAY, DROPOUT))
BASELINE: Mapping[str, Value] = {"lr": 0.1, "weight_decay": 1e-4, "dropout": 0.0}


def objective(**changed: Any) -> Objective:
    """A declared objective."""
    base: dict[str, Any] = {"formula": "dev/error", "direction": "minimize", "min_effect": 0.002, "chance": 0.9}
    return Objective(**{**base, **changed})


def project(**changed: Any) -> Project:
    """A project with everything declared."""
    base: dict[str, Any] = {
        "name": "digits",
        "goal": "Read digits on the sorting line",
        "task": {"type": "classification", "paradigm": "supervised", "supervision": "labels, double keyed"},
        "objective": objective(),
        "splits": splits(),
        "deployment": "line",
        "workflow": Workflow(function="train:train", max_train_steps=1000, evaluate_every=50),
        "space": SPACE,
        "baseline": BASELINE,
        "budget": Budget(trials=200, hours=2.0),
    }
    return Project(**{**base, **changed})


def splits(**changed: Any) -> dict[str, Split]:
    """Train, dev and test from one source, each with its fingerprint."""
    base = {
        name: Split(name=name, source="line", n=n, fingerprint=name * 8)
        for name, n in (("train", 1000), ("dev", 500), ("test", 500))
    }
    return {**base, **changed}


def planned_round(**changed: Any) -> Round:
    """A round about dropout over three values, four paired points each."""
    values = changed.get("scientific", {"dropout": (0.0, 0.2, 0.4)})
    name = next(iter(values), "")
    studies = tuple(
        Study(
            name=f"r1/{name}={value}",
            scientific={name: value},
            planned=tuple(
                PlannedTrial(
                    id=f"t{10 * place + index:04d}",
                    study=f"r1/{name}={value}",
                    round=1,
                    purpose="search",
                    configuration={"lr": 0.1, "weight_decay": 1e-4, name: value},
                    seed=index,
                    index=index,
                )
                for index in range(changed.pop("points", 4) if place == 0 else 4)
            ),
        )
        for place, value in enumerate(values.get(name, ()))
    )
    base: dict[str, Any] = {
        "number": 1,
        "question": "Does dropout help once lr and weight decay are tuned?",
        "roles": {"lr": "nuisance", "weight_decay": "nuisance", "dropout": "scientific"},
        "scientific": values,
        "space": Space((LR, DECAY)),
        "fixed": {},
        "studies": studies,
        "base": BASELINE,
        "group": "regularization",
    }
    return Round(**{**base, **changed})


def trial(name: str = "t0001", **changed: Any) -> TrialRecord:
    """An ended trial."""
    base: dict[str, Any] = {
        "id": name,
        "round": 1,
        "configuration": {"lr": 0.1, "weight_decay": 1e-4, "dropout": 0.0},
        "seed": 1,
        "outcome": "ok",
        "attempts": 1,
        "summary": {"dev/error": 0.1},
        "facts": {"command": "train:train", "commit": "0" * 40},
    }
    return TrialRecord(**{**base, **changed})


def event(kind: str, number: int = 1, actor: str = "person", **data: object) -> JournalEvent:
    """A line of the journal."""
    return JournalEvent(number, kind, "2026-01-01T00:00:00Z", actor, data)


def state(**changed: Any) -> ProjectState:
    """A project with one round on record."""
    trials = changed.get("trials", (trial(),))
    base: dict[str, Any] = {
        "project": project(),
        "trials": trials,
        "readings": {each.id: Reading(0.1, step=100.0, feasible=True) for each in trials},
        "rounds": (planned_round(),),
    }
    return ProjectState(**{**base, **changed})


def runs(*scores: float, **changed: Any) -> BaselineRuns:
    """Baseline runs with these scores."""
    base: dict[str, Any] = {
        "trials": tuple(trial(f"b{at}", purpose="baseline", seed=at) for at in range(len(scores))),
        "scores": scores,
        "chance": 0.9,
        "n_dev": 500,
    }
    return BaselineRuns(**{**base, **changed})


def round_trials(planned: int, *outcomes: str | None) -> RoundTrials:
    """A round's trials that ended so."""
    made = tuple(trial(f"t{at:04d}", outcome=outcome) for at, outcome in enumerate(outcomes))
    return RoundTrials(planned, made)


def table(count: int = 8, *, placed: bool = True) -> TrialTable:
    """Trials over lr and weight_decay; without places, none records a value."""
    trials = [
        trial(f"t{at:04d}", configuration={"lr": 10 ** (-at / 4), "weight_decay": 1e-4} if placed else {})
        for at in range(count)
    ]
    readings = {each.id: Reading(0.1 + 0.01 * at) for at, each in enumerate(trials)}
    return table_of(trials, readings, Space((LR, DECAY)), objective())


def answers(**by_rule: str) -> Answers:
    """Answers by rule id, written with underscores."""
    return Answers({name.replace("_", "-"): answer for name, answer in by_rule.items()})


LATENCY = Constraint("latency_ms", at_most=100)
