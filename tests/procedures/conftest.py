"""Small projects whose trials take milliseconds, and a look into what was recorded of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.procedures.round import Progress, run_trials
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial
from playnote.space.hyperparameter import Float
from playnote.space.space import Space

QUADRATIC = """
import random

def train(trial):
    noise = random.random()
    for step in range(1, 6):
        trial.log(step, {"train/loss": 2.0 / step, "dev/error": (trial.configuration["lr"] - 0.3) ** 2 + noise / step})
"""


@dataclass
class Made:
    """A project on disk, its ledger's home, and its planned trials."""

    project: Project
    home: Path
    planned: tuple[PlannedTrial, ...]

    def run(self, **options: object) -> list[Progress]:
        with Ledger.write(self.home, "runner") as ledger:
            return list(run_trials(self.project, ledger, self.planned, **options))  # type: ignore[arg-type]

    def ledger(self) -> Ledger:
        return Ledger.open(self.home)

    def outcomes(self) -> list[object]:
        ledger = self.ledger()
        return [found.outcome if (found := ledger.trial(each.id)) else None for each in self.planned]

    def attempts(self) -> Counter[object]:
        return Counter(event.data["trial"] for event in self.ledger().events("attempt-started"))

    def errors(self) -> list[float | None]:
        readings = self.ledger().readings(self.project.objective)
        return [readings[each.id].score if each.id in readings else None for each in self.planned]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Made]:
    """`make(code, trials=6, file="model.py", **workflow)`: the code is written to the file."""

    def made(code: str = QUADRATIC, trials: int = 6, file: str = "model.py", **workflow: object) -> Made:
        (tmp_path / file).write_text(code, encoding="utf-8")
        given = workflow or {"function": "model:train"}
        project = Project(
            name="made",
            objective=Objective(formula="dev/error", direction="minimize"),
            workflow=Workflow(max_train_steps=5, evaluate_every=1, **given),  # type: ignore[arg-type]
            space=Space((Float(name="lr", low=0.01, high=1.0),)),
            folder=str(tmp_path),
        )
        planned = tuple(
            PlannedTrial(
                id=f"t{i:04d}",
                study="r1",
                round=1,
                purpose="search",
                configuration={"lr": i / 10},
                seed=100 + i,
                index=i,
            )
            for i in range(1, trials + 1)
        )
        home = tmp_path / ".playnote"
        with Ledger.write(home, "test") as ledger:
            ledger.append("trial-planned", {"trials": [dump_planned(each) for each in planned]})
        return Made(project, home, planned)

    return made
