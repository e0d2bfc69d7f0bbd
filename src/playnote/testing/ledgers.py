"""Ledgers with known content: planned trials, and attempts that logged exactly what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.recorder import TrialCard, trial_in, write_card
from playnote.records.objective import Objective
from playnote.records.round import PlannedTrial

OBJECTIVE = Objective(formula="dev/error", direction="minimize")


def planned(index: int, round_: int = 0) -> PlannedTrial:
    """Trial `t0007` for index 7."""
    return PlannedTrial(
        id=f"t{index:04d}",
        study=f"r{round_}",
        round=round_,
        purpose="search",
        configuration={"lr": 0.1 * (index + 1), "optimizer": "adamw"},
        seed=index,
        index=index,
    )


def plan(ledger: Ledger, *indices: int) -> None:
    """Plan these trials."""
    ledger.append("trial-planned", {"trials": [dump_planned(planned(i)) for i in indices]})


def run(ledger: Ledger, index: int, rows: list[Mapping[str, float]], *, attempt: int = 1, outcome: str = "ok") -> None:
    """Start an attempt, log the rows at steps 0, 1, ..., and end it."""
    trial = planned(index).id
    folder = ledger.paths.trial(trial)
    write_card(folder, TrialCard(id=trial, attempt=attempt))
    ledger.append("attempt-started", {"trial": trial, "attempt": attempt})
    with trial_in(folder) as handle:
        for step, row in enumerate(rows):
            handle.log(step, row)
    ledger.append("attempt-ended", {"trial": trial, "attempt": attempt, "outcome": outcome, "seconds": 1.5})


def small(home: Path, trials: int = 3, points: int = 5) -> None:
    """A ledger with a few finished trials."""
    with Ledger.write(home, "test") as ledger:
        plan(ledger, *range(trials))
        for i in range(trials):
            run(ledger, i, [{"dev/error": 1 / (s + i + 1), "train/loss": 2.0 - s / 7} for s in range(points)])


def answers(ledger: Ledger) -> object:
    """Everything a ledger can be asked, in a form that can be compared."""
    curves = {
        (trial.id, metric): [column.tolist() for column in (curve.steps, curve.values)]
        for trial in ledger.trials()
        for metric in ledger.curves.metrics(trial.id)
        if (curve := ledger.curves.curve(trial.id, metric)) is not None
    }
    return ledger.events(), ledger.trials(), ledger.rounds(), ledger.readings(OBJECTIVE), curves
