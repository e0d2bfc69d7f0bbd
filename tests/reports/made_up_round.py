"""A made-up round that is worth a report: three values, sixteen trials each, curves, divergence, a baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from playnote.playbook.examples import BASELINE, DECAY, LR, project
from playnote.records.curves import Curve
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Value
from playnote.space.space import Space

VALUES = (0.0, 0.2, 0.4)
POINTS = 16


@dataclass
class Curves:
    """Curves held in memory."""

    held: dict[tuple[str, str], Curve] = field(default_factory=dict)

    def metrics(self, trial: str) -> Iterable[str]:
        return [metric for name, metric in self.held if name == trial]

    def curve(self, trial: str, metric: str) -> Curve | None:
        return self.held.get((trial, metric))


def rich_state(**changed: Any) -> ProjectState:
    """The project after one round about dropout, in which 0.2 is best by about twice the smallest effect."""
    rng = np.random.default_rng(7)
    curves, trials, readings, studies = Curves(), [], {}, []
    points = _points(rng)
    for place, value in enumerate(VALUES):
        study, planned = f"r1/dropout={value}", []
        for index, (lr, decay) in enumerate(points):
            name = f"t{100 + len(VALUES) * index + place:04d}"
            configuration: dict[str, Value] = {"lr": lr, "weight_decay": decay, "dropout": value}
            planned.append(_planned(name, study, configuration, index))
            trial, reading = _trained(name, study, configuration, index, curves, rng)
            trials.append(trial)
            readings[name] = reading
        studies.append(Study(name=study, scientific={"dropout": value}, planned=tuple(planned)))
    for at in range(4):
        name = f"t{at + 1:04d}"
        trial, reading = _trained(name, "baseline", BASELINE, at, curves, rng)
        trials.append(TrialRecord(**{**_fields(trial), "purpose": "baseline", "round": 0}))
        readings[name] = reading
    base: dict[str, Any] = {
        "project": project(),
        "trials": tuple(trials),
        "readings": readings,
        "rounds": (_round(studies),),
        "curves": curves,
        "journal": (JournalEvent(41, "run-started", "2026-01-02T10:20:30Z", "runner", _about()),),
    }
    return ProjectState(**{**base, **changed})


def _about() -> dict[str, object]:
    return {
        "commit": "3f" * 20,
        "dirty": True,
        "diff": "d1ffd1ffd1ffd1ff",
        "python": "3.12.4",
        "host": "host-that-stays-home",
        "environment": {"names": ["NAME_THAT_STAYS_HOME"]},
    }


def _fields(trial: TrialRecord) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in trial.__slots__}


def _points(rng: np.random.Generator) -> list[tuple[float, float]]:
    first, second = (rng.permutation(POINTS) + 0.5 for _ in range(2))
    return [
        (float(f"{LR.from_unit(a / POINTS):.4g}"), float(f"{DECAY.from_unit(b / POINTS):.4g}"))
        for a, b in zip(first, second, strict=True)
    ]


def _planned(name: str, study: str, configuration: dict[str, Value], index: int) -> PlannedTrial:
    return PlannedTrial(
        id=name, study=study, round=1, purpose="search", configuration=configuration, seed=index, index=index
    )


def _trained(
    name: str, study: str, configuration: Any, index: int, curves: Curves, rng: np.random.Generator
) -> tuple[TrialRecord, Reading]:
    lr, decay, dropout = (configuration[key] for key in ("lr", "weight_decay", "dropout"))
    outcome = "nan" if lr > 0.45 else "failed:infra" if name == "t0118" else "ok"
    floor = 0.034 + 0.004 * abs(dropout - 0.2) / 0.2 + 0.012 * (math.log10(lr) + 1.2) ** 2
    floor += 0.0015 * (math.log10(decay) + 4) ** 2 + rng.normal(0, 0.0008)
    steps = np.arange(0, 1001, 50, dtype=float)
    error = floor + 0.5 * np.exp(-steps / 160) + rng.normal(0, 0.0006, len(steps))
    if outcome == "ok":
        curves.held[name, "dev/error"] = Curve(steps, error)
        long = np.arange(0, 5000, dtype=float)
        loss = 2.2 * np.exp(-long / 900) + 0.05 + np.abs(rng.normal(0, 0.02, len(long)))
        loss[1234] = 9.0
        curves.held[name, "train/loss"] = Curve(long / 5, loss)
    score = float(error.min()) if outcome == "ok" else None
    trial = TrialRecord(
        id=name,
        study=study,
        round=1,
        configuration=configuration,
        seed=index,
        outcome=outcome,
        attempts=1,
        summary={} if score is None else {"dev/error": score},
        seconds=31.0,
        total_steps=1000,
        index=index,
        facts={"command": "train:train", "commit": "3f" * 20},
    )
    return trial, Reading(score, step=1000.0 if score else None, feasible=True if score else None)


def _round(studies: list[Study]) -> Round:
    return Round(
        number=1,
        question="Does dropout help once lr and weight decay are tuned?",
        roles={"lr": "nuisance", "weight_decay": "nuisance", "dropout": "scientific"},
        scientific={"dropout": VALUES},
        space=Space((LR, DECAY)),
        fixed={"batch_size": 128, "optimizer": "sgd"},
        studies=tuple(studies),
        base=BASELINE,
        group="regularization",
    )
