"""A round declared in Python: run through the gates, kept, and reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playnote.errors import LedgerError
from playnote.interfaces.python.declare import project_of
from playnote.records.objective import Objective
from playnote.records.project import Budget, Project
from playnote.records.round import Round
from playnote.service.plans import plan_round
from playnote.service.report import report, run_round
from playnote.service.session import Session
from playnote.space.hyperparameter import Float


def train(trial: Any) -> None:
    """Learns at once; the best rate is 0.03 and dropout 0.2 helps by 0.01."""
    import math

    lr, dropout = trial.configuration["lr"], trial.configuration["dropout"]
    for step in range(1, 5):
        error = 0.05 + 0.05 * abs(dropout - 0.2) + 0.02 * (math.log10(lr) + 1.5) ** 2 + 0.5 / 4**step
        trial.log(step, {"dev/error": error})


def declared(folder: Path) -> tuple[Project, Round]:
    project = project_of(
        name="made-up",
        objective=Objective(formula="dev/error", direction="minimize", min_effect=0.002),
        scientific={"dropout": (0.0, 0.2)},
        nuisance={"lr": Float(low=1e-3, high=1.0, scale="log")},
        fixed={},
        budget=Budget(),
        settings={},
        folder=folder,
    )
    return project, plan_round(project, "Does dropout help?", {"dropout": (0.0, 0.2)}, 4).round


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYNOTE_HOME", raising=False)


def test_a_round_is_stored_run_and_reported_and_not_run_twice(tmp_path: Path) -> None:
    project, planned = declared(tmp_path)
    state = run_round(project, planned, train, workers=1)
    assert [trial.outcome for trial in state.of_round(planned.number)] == ["ok"] * 8
    assert state.events("round-opened")
    assert [event.data["operation"] for event in state.events("gate")] == ["round new", "round run"]
    again = run_round(project, planned, train, workers=1)
    assert len(again.events("attempt-started")) == 8
    place = report(Session(project))
    assert place == tmp_path / "playnote-report.html"
    assert "Does dropout help?" in place.read_text(encoding="utf-8")
    assert not [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")]


def test_other_points_under_the_same_number_are_refused(tmp_path: Path) -> None:
    project, planned = declared(tmp_path)
    run_round(project, planned, train, workers=1)
    study = replace(planned.studies[0], planned=planned.studies[0].planned[:1])
    with pytest.raises(LedgerError, match="other points"):
        run_round(project, replace(planned, studies=(study,)), train, workers=1)
