"""After a run: which of a trial's checkpoints is best by the objective as it is now, and how to load it."""

from __future__ import annotations

import json
import math

import pytest

from playnote.errors import InputError, NotFoundError
from playnote.service.checkpoints import checkpoints
from playnote.service.rounds import baseline_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that a checkpoint can be chosen afterwards"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05

[splits]
dev = { source = "made", logged_as = "val" }

[workflow]
function = "train_kept:train"
max_train_steps = 6

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.1
"""
CODE = """
import torch

ERRORS = (0.5, 0.2, 0.4, 0.21, 0.3, 0.6)

def train(trial):
    for step, error in enumerate(ERRORS, 1):
        trial.log(step, {"val/error": error, "val/f1": step / 10})
        trial.checkpoint(step, {"weight": torch.full((2,), float(step))})
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train_kept.py").write_text(CODE, encoding="utf-8")
    opened = open_project(tmp_path)
    list(baseline_run(opened, seeds=1))
    return opened


def name_of(opened) -> str:
    return opened.state().of_purpose("baseline")[0].id


def test_the_best_by_the_objective_and_the_last_are_named_with_their_scores(small):
    found = checkpoints(small, name_of(small))
    assert [(each.step, each.score) for each in found.kept] == [(2, 0.2), (4, 0.21), (5, 0.3), (6, 0.6)]
    assert (found.best.step, found.last.step) == (2, 6)


def test_of_those_that_tie_the_latest_is_chosen(small):
    assert checkpoints(small, name_of(small), within=0.02).best.step == 4


def test_the_python_that_is_named_reads_the_weights_and_nothing_else(small):
    torch = pytest.importorskip("torch")
    (code,) = {
        each["load"] for each in checkpoints(small, name_of(small)).as_json()["checkpoints"] if each["step"] == 2
    }
    assert "weights_only=True" in code
    state = eval(code, {"torch": torch})  # the sentence is meant to be run as it stands
    assert state["weight"].tolist() == [2.0, 2.0]


def test_an_objective_that_was_changed_since_chooses_by_the_new_one_also_from_a_bundled_log(small, tmp_path):
    changed = PROJECT.replace('"dev/error"', '"dev/f1"').replace("minimize", "maximize")
    (tmp_path / "playnote.toml").write_text(changed, encoding="utf-8")
    again = open_project(tmp_path)
    name = name_of(again)
    before = checkpoints(again, name)
    assert (before.best.step, before.best.score) == (6, 0.6)
    with again.writing() as ledger:
        ledger.bundle(0)
        assert not ledger.paths.attempt(name, 1).exists()
    assert checkpoints(again, name) == before


def test_where_the_objective_was_not_logged_none_is_the_best(small, tmp_path):
    changed = PROJECT.replace('"dev/error"', '"dev/loss"')
    (tmp_path / "playnote.toml").write_text(changed, encoding="utf-8")
    found = checkpoints(open_project(tmp_path), name_of(small))
    assert found.best is None
    assert [each.score for each in found.kept] == [None] * 4
    json.dumps(found.as_json(), allow_nan=False)


def test_a_trial_that_is_not_there_and_a_difference_below_nothing_are_refused(small):
    with pytest.raises(NotFoundError, match="no trial t9999"):
        checkpoints(small, "t9999")
    for within in (-0.1, math.nan):
        with pytest.raises(InputError):
            checkpoints(small, name_of(small), within=within)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("best", "last", "no code is run")), ("zh", ("最好", "最后", "不执行代码"))]
)
def test_the_command_line_says_the_same_in_both_languages(small, lang, words):
    from typer.testing import CliRunner

    from playnote.interfaces.cli.app import app

    at = [name_of(small), "--project", str(small.home.parent)]
    said = CliRunner().invoke(app, ["checkpoints", *at, "--lang", lang])
    assert said.exit_code == 0
    assert [word for word in words if word not in said.output] == []
    told = json.loads(CliRunner().invoke(app, ["checkpoints", *at, "--json"]).output)["data"]
    assert (told["best"]["step"], told["best"]["score"], told["last"]["step"]) == (2, 0.2, 6)
    assert told["best"]["path"] in said.output


def test_a_trial_without_checkpoints_says_how_to_keep_some(small, tmp_path):
    (tmp_path / "train_kept.py").write_text(
        "def train(trial):\n    trial.log(1, {'val/error': 0.5})\n", encoding="utf-8"
    )
    opened = open_project(tmp_path)
    list(baseline_run(opened, seeds=2))
    name = opened.state().of_purpose("baseline")[-1].id
    assert checkpoints(opened, name).kept == ()
