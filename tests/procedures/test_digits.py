"""The digits example: its file is sound, its splits share no writer, and its trials are what curves can be judged by."""

from __future__ import annotations

from pathlib import Path

import pytest

from playnote.errors import InputError, NotFoundError
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_round
from playnote.procedures.round import run_trials
from playnote.projectfile.read import read_project
from playnote.search.plan import plan_round
from playnote.templates import FIRST_ROUNDS, TEMPLATES, copy_template

FIRST = FIRST_ROUNDS["digits"]


def test_an_example_is_copied_whole_and_reads_as_a_project(tmp_path):
    project = read_project(copy_template("digits", tmp_path / "mine"))
    assert project.objective.min_effect is not None
    assert sum(split.n or 0 for split in project.splits.values()) == 1797
    assert set(project.baseline) == set(project.space.names)
    assert set(TEMPLATES) == set(FIRST_ROUNDS)
    assert project.budget.trials is not None
    assert len(FIRST.scientific["dropout"]) * FIRST.trials_per_value + 3 <= project.budget.trials


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "train.py").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        copy_template("digits", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]
    with pytest.raises(NotFoundError, match="cifar"):
        copy_template("cifar", tmp_path)


def test_the_splits_are_those_that_the_script_makes(tmp_path, monkeypatch):
    folder = copy_template("digits", tmp_path / "mine")
    before = {path.name: path.read_bytes() for path in (folder / "splits").iterdir()}
    monkeypatch.syspath_prepend(str(folder))
    import make_splits

    make_splits.main()
    assert {path.name: path.read_bytes() for path in (folder / "splits").iterdir()} == before
    assert len(before) == 3


def test_the_first_round_pairs_its_trials_by_configuration_and_seed(tmp_path):
    project = read_project(copy_template("digits", tmp_path / "mine"))
    planned = plan_round(project, FIRST.question, FIRST.scientific, FIRST.trials_per_value)
    points = [
        [(each.configuration["lr"], each.configuration["weight_decay"], each.seed) for each in study.planned]
        for study in planned.studies
    ]
    assert points[0] == points[1] == points[2]
    assert len(set(points[0])) == 16


def test_a_trial_leaves_the_curves_and_predictions_that_the_playbook_reads(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    project = read_project(copy_template("digits", tmp_path / "mine"))
    planned = plan_round(project, FIRST.question, FIRST.scientific, 1)
    trial = planned.planned[1].id
    with Ledger.write(Path(project.folder) / ".playnote", "runner") as ledger:
        ledger.append("round-opened", {"round": dump_round(planned)})
        list(run_trials(project, ledger, planned.planned[1:2]))
        assert ledger.trial(trial).outcome == "ok"
        found = {metric: ledger.curves.curve(trial, metric) for metric in ledger.curves.metrics(trial)}
        kept = [path.name for path in ledger.paths.trial(trial).glob("*.predictions.json.gz")]
    assert {"train/loss", "dev/error", "train_eval/error", "lr", "grad_norm"} <= set(found)
    assert (len(found["dev/error"]), len(found["train_eval/error"]), len(found["train/loss"])) == (20, 20, 200)
    assert found["dev/error"].steps[-1] == project.workflow.max_train_steps
    assert len(kept) == 1
