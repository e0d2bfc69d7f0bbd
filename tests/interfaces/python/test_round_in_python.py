"""A round declared in Python: the plan is that of the record, and running goes through the service."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import playnote as pn
from playnote.errors import InputError
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_round
from playnote.records.project import Budget
from playnote.records.state import ProjectState


def dropout_round(folder: Path, **changes) -> pn.Round:
    given = {
        "question": "Does dropout help once everything else is tuned?",
        "objective": pn.minimize("dev/error", min_effect=0.002),
        "scientific": {"dropout": [0.0, 0.2, 0.4]},
        "nuisance": {"lr": pn.log_uniform(1e-4, 1), "weight_decay": pn.log_uniform(1e-6, 1e-2)},
        "folder": folder,
    }
    return pn.Round(**{**given, **changes})


def test_a_plan_says_cost_and_coverage_and_writes_nothing(tmp_path):
    plan = dropout_round(tmp_path, fixed={"batch_size": 128}).plan(trials_per_value=16)
    assert plan.trials == 48
    assert plan.round.roles == {
        "dropout": "scientific",
        "lr": "nuisance",
        "weight_decay": "nuisance",
        "batch_size": "fixed",
    }
    assert all(trial.configuration["batch_size"] == 128 for trial in plan.round.planned)
    text = str(plan)
    assert "48 trials: 3 x 16" in text
    assert "81%" in text
    assert "batch_size = 128" in text
    assert list(tmp_path.iterdir()) == []


def test_the_same_declaration_gives_the_same_points(tmp_path):
    assert dropout_round(tmp_path).plan(8).round == dropout_round(tmp_path).plan(8).round
    assert dropout_round(tmp_path).plan(8).round != dropout_round(tmp_path, seed=1).plan(8).round


def test_a_budget_bounds_the_plan(tmp_path):
    small = dropout_round(tmp_path, budget=Budget(trials=30))
    assert small.plan().trials == 30
    with pytest.raises(InputError):
        small.plan(16)


def test_running_and_reporting_go_through_the_service(tmp_path, monkeypatch):
    calls = []

    def run_round(project, planned, train, *, workers):
        calls.append((project.name, len(planned.planned), train, workers))
        return ProjectState(project=project)

    def write_report(state, number, path):
        calls.append((number, path))
        return path

    service = SimpleNamespace(run_round=run_round, write_report=write_report)
    monkeypatch.setitem(sys.modules, "playnote.service.operations", service)

    def train(trial):
        trial.log(0, {"dev/error": 0.1})

    result = dropout_round(tmp_path).run(train, 4, workers=2)
    assert result.report(tmp_path / "report.html") == tmp_path / "report.html"
    assert calls == [(tmp_path.name, 12, train, 2), (1, tmp_path / "report.html")]


def test_a_wrong_declaration_is_refused_with_its_problems(tmp_path):
    with pytest.raises(InputError) as caught:
        dropout_round(tmp_path, nuisance={"lr": pn.log_uniform(0, 1), "wd": pn.log_uniform(1, 0.1)})
    assert {each.path for each in caught.value.details} == {"lr.low", "wd.low"}


def test_a_script_that_is_run_again_goes_on_with_its_open_round(tmp_path):
    budget = Budget(trials=24)
    first = dropout_round(tmp_path, budget=budget).plan(8).round
    with Ledger.write(tmp_path / ".playnote", "test") as ledger:
        ledger.append("round-opened", {"round": dump_round(first)})
    assert dropout_round(tmp_path, budget=budget).plan(8).round.planned == first.planned
    with pytest.raises(InputError):
        dropout_round(tmp_path, budget=budget, question="And now?").plan(8)
    other = dropout_round(tmp_path, question="And now?").plan(8).round
    assert other.number == 2
    assert other.planned[0].id == "t0025"
