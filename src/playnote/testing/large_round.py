"""A made-up round of any size: eight hyperparameters, curves of any length, divergence, a train-dev split, a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from playnote.records.curves import Curve
from playnote.records.objective import Objective
from playnote.records.project import Budget, Project, Split, Workflow
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.records.trial import Outcome, TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Integer, Value
from playnote.space.space import Space

VALUES = (0.0, 0.2, 0.4)
DROPOUT = Categorical(name="dropout", choices=VALUES, group="regularization")
SEARCHED = (
    Float(name="lr", low=1e-4, high=1.0, scale="log", group="optimizer"),
    Float(name="weight_decay", low=1e-6, high=1e-2, scale="log", off=0.0, group="regularization"),
    Float(name="beta1", low=0.5, high=0.999, scale="log-complement", group="optimizer"),
    Float(name="label_smoothing", low=0.0, high=0.3, scale="linear", natural_low=0.0, group="regularization"),
    Integer(name="warmup_steps", low=10, high=1000, scale="log", group="optimizer"),
    Float(name="clip_norm", low=0.1, high=10.0, scale="log", group="optimizer"),
    Categorical(name="schedule", choices=("cosine", "linear", "constant"), group="optimizer"),
)
BASE: Mapping[str, Value] = {
    "lr": 0.1, "weight_decay": 1e-4, "beta1": 0.9, "label_smoothing": 0.0, "warmup_steps": 100, "clip_norm": 1.0,
    "schedule": "cosine", "dropout": 0.0,
}  # fmt: skip


@dataclass
class Curves:
    """Curves that are made when asked for; the same each time."""

    made: dict[str, tuple[float, int]] = field(default_factory=dict)
    points: int = 1000

    def metrics(self, trial: str) -> tuple[str, ...]:
        """Both series of a trial that ended well."""
        return ("dev/error", "train/loss") if trial in self.made else ()

    def curve(self, trial: str, metric: str) -> Curve | None:
        """A fall to the trial's floor, with noise."""
        if trial not in self.made or metric not in self.metrics(trial):
            return None
        floor, seed = self.made[trial]
        rng = np.random.default_rng([seed, len(metric)])
        steps = np.arange(1, self.points + 1, dtype=float)
        fall = np.exp(-6 * steps / self.points)
        if metric == "dev/error":
            values = np.maximum(floor + 0.5 * fall + rng.normal(0, 0.0008, self.points), floor)
        else:
            values = floor + 2.2 * fall + np.abs(rng.normal(0, 0.03, self.points))
        return Curve(steps, values)


def large_state(trials: int = 1000, points: int = 1000, seed: int = 20) -> ProjectState:
    """A project after one round of about this many trials: dropout compared, seven nuisance hyperparameters searched.

    points  readings of each metric in each trial
    """
    rng = np.random.default_rng(seed)
    each = trials // len(VALUES) + (trials % len(VALUES) > 0)
    curves, studies = Curves(points=points), []
    records: list[TrialRecord] = []
    readings: dict[str, Reading] = {}
    nuisance = [_point(rng) for _ in range(each)]
    for place, value in enumerate(VALUES):
        rows = [
            _record(place, value, at, point, curves, rng)
            for at, point in enumerate(nuisance)
            if at * len(VALUES) + place < trials
        ]
        records += [record for record, _ in rows]
        readings |= {record.id: reading for record, reading in rows}
        planned = tuple(_planned(record) for record, _ in rows)
        studies.append(Study(name=f"r1/dropout={value}", scientific={"dropout": value}, planned=planned))
    for at in range(5):
        record, reading = _record(0, 0.0, at, {k: v for k, v in BASE.items() if k != "dropout"}, curves, rng, "b")
        records.append(record)
        readings[record.id] = reading
    return ProjectState(
        project=_project(),
        trials=tuple(records),
        readings=readings,
        rounds=(_round(tuple(studies)),),
        curves=curves,
        journal=(JournalEvent(1, "run-started", "2026-01-02T10:20:30Z", "runner", {"commit": "3f" * 20}),),
    )


def _point(rng: np.random.Generator) -> dict[str, Value]:
    point = {h.name: h.from_unit(float(rng.uniform())) for h in SEARCHED}
    if rng.uniform() < 0.1:
        point["weight_decay"] = 0.0
    return point


def _record(
    place: int,
    value: float,
    at: int,
    point: Mapping[str, Value],
    curves: Curves,
    rng: np.random.Generator,
    kind: str = "t",
) -> tuple[TrialRecord, Reading]:
    name = f"{kind}{100 + len(VALUES) * at + place:04d}"
    configuration = {**point, "dropout": value}
    lr, clip = float(point["lr"]), float(point["clip_norm"])
    floor = 0.034 + 0.02 * abs(value - 0.2) + 0.012 * (np.log10(lr) + 1.2) ** 2 + 0.002 * abs(np.log10(clip))
    floor += 0.02 * float(point["label_smoothing"]) + float(rng.normal(0, 0.0012))
    outcome: Outcome = "nan" if lr > 0.45 and kind == "t" else "ok"
    if outcome == "ok":
        curves.made[name] = (float(floor), len(curves.made))
    score = float(curves.curve(name, "dev/error").values.min()) if outcome == "ok" else None  # type: ignore[union-attr]  # just made
    record = TrialRecord(
        id=name, study=f"r1/dropout={value}" if kind == "t" else "baseline", round=1 if kind == "t" else 0,
        purpose="search" if kind == "t" else "baseline", configuration=configuration, seed=at, outcome=outcome,
        attempts=1, summary={} if score is None else {"dev/error": score}, seconds=31.0, total_steps=curves.points,
        index=at, facts={"command": "train:train", "commit": "3f" * 20},
    )  # fmt: skip
    last = float(curves.points) if score is not None else None
    return record, Reading(score, step=last, feasible=True if score is not None else None)


def _planned(record: TrialRecord) -> PlannedTrial:
    return PlannedTrial(
        id=record.id, study=record.study, round=1, purpose="search",
        configuration=record.configuration, seed=record.seed or 0, index=record.index or 0,
    )  # fmt: skip


def _round(studies: tuple[Study, ...]) -> Round:
    return Round(
        number=1,
        question="Does dropout help once everything else is tuned?",
        roles={**{h.name: "nuisance" for h in SEARCHED}, "dropout": "scientific"},
        scientific={"dropout": VALUES},
        space=Space(SEARCHED),
        fixed={"batch_size": 128},
        studies=studies,
        base=BASE,
        group="regularization",
    )


def _project() -> Project:
    splits = {
        name: Split(name=name, source="line", n=n, fingerprint=name * 8)
        for name, n in (("train", 10_000), ("dev", 5_000), ("test", 5_000))
    }
    settings: dict[str, Any] = {"formula": "dev/error", "direction": "minimize", "min_effect": 0.002, "chance": 0.9}
    return Project(
        name="large",
        goal="Show that a large round can be read",
        task={"type": "classification", "paradigm": "supervised", "supervision": "labels, double keyed"},
        objective=Objective(**settings),
        splits=splits,
        deployment="line",
        workflow=Workflow(function="train:train", max_train_steps=1000, evaluate_every=1),
        space=Space((*SEARCHED, DROPOUT)),
        baseline=BASE,
        budget=Budget(trials=2000, hours=20.0),
    )
