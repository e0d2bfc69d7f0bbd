"""Edits keep every comment, are checked before they count, and replace the file in one step."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import ProjectFileError
from playnote.projectfile.edit import changed, edit
from playnote.projectfile.read import parse_project
from playnote.projectfile.starter import starter

CONTENT = """# our project
[objective]
optimize = "dev/error"   # the one number
direction = "minimize"

[hyperparameters]        # what varies
lr   = { low = 1e-4, high = 1.0, scale = "log" }  # wide on purpose
"adam.lr" = { low = 1e-4, high = 1.0 }
"""


def project(folder: Path) -> Path:
    file = folder / "playnote.toml"
    file.write_text(CONTENT)
    return file


def test_only_the_asked_value_changes(tmp_path):
    file = project(tmp_path)
    edited = edit(tmp_path, {"hyperparameters.lr.high": 3.0})
    assert edited.space["lr"].high == 3.0
    assert file.read_text() == CONTENT.replace("high = 1.0, scale", "high = 3.0, scale")


def test_sections_and_keys_are_added_and_removed(tmp_path):
    file = project(tmp_path)
    edit(file, {"objective.min_effect": 0.002, "budget.trials": 20, ("hyperparameters", "adam.lr", "low"): 1e-5})
    edited = edit(file, {"budget.hours": 2, "budget.trials": None, "settings.plan_power": None})
    assert edited.objective.min_effect == 0.002
    assert edited.budget.trials is None
    assert edited.budget.hours == 2
    assert edited.space["adam.lr"].low == 1e-5
    assert re.findall("#.*", file.read_text()) == re.findall("#.*", CONTENT)


def test_a_faulty_edit_is_refused_and_nothing_is_written(tmp_path):
    file = project(tmp_path)
    with pytest.raises(ProjectFileError) as caught:
        edit(file, {"hyperparameters.lr.high": 1e-9, "objective.min_effect": -1.0})
    assert {each.path for each in caught.value.details} == {"hyperparameters.lr.low", "objective.min_effect"}
    assert file.read_text() == CONTENT
    assert [each.name for each in tmp_path.iterdir()] == ["playnote.toml"]


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    file = project(tmp_path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        edit(file, {"hyperparameters.lr.high": 3.0})
    assert file.read_text() == CONTENT
    assert [each.name for each in tmp_path.iterdir()] == ["playnote.toml"]


def test_the_file_keeps_its_mode(tmp_path):
    file = project(tmp_path)
    file.chmod(0o600)
    edit(file, {"hyperparameters.lr.high": 3.0})
    assert file.stat().st_mode & 0o777 == 0o600


@given(st.floats(1e-3, 1e3), st.integers(1, 1000), st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_what_is_put_in_is_read_back(high, trials, goal):
    made = changed(CONTENT.encode(), {"hyperparameters.lr.high": high, "budget.trials": trials, "project.goal": goal})
    raw = tomllib.loads(made.decode())
    assert raw["hyperparameters"]["lr"]["high"] == high
    assert raw["budget"]["trials"] == trials
    assert raw["project"]["goal"] == goal


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("run", "key"), [("train:train", "function"), ("node train.js --lr {seed}", "command")])
def test_three_answers_give_a_file_that_can_be_read(tmp_path, language, run, key):
    made = starter(name='my "digits"', run=run, optimize="dev/error", direction="minimize", language=language)
    read = parse_project(made.encode(), tmp_path)
    assert read.name == 'my "digits"'
    assert read.workflow is not None
    assert getattr(read.workflow, key) == run
    assert read.objective.min_effect is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_todo_of_the_starter_is_right_once_it_is_uncommented(tmp_path, language):
    (tmp_path / "splits").mkdir()
    for name in ("train", "dev", "test"):
        (tmp_path / "splits" / f"{name}.txt").write_text(f"{name}-1\n")
    made = starter(name="digits", run="train:train", optimize="dev/error", direction="minimize", language=language)
    open_questions = re.sub(r"^# (?=\[|\w+ = )", "", made, flags=re.MULTILINE)
    read = parse_project(open_questions.encode(), tmp_path)
    assert read.space.names == ("lr", "weight_decay")
    assert read.objective.min_effect == 0.002
    assert read.budget.trials == 200
    assert set(read.splits) == {"train", "dev", "test"}
