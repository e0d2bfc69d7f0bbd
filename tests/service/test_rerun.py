"""Any trial can be repeated from what is recorded of it, and the record says whether it comes out the same."""

from __future__ import annotations

import subprocess

import pytest

from playnote.errors import InputError, NotFoundError
from playnote.execution.provenance import without_secrets
from playnote.service.rerun import Rerun, rerun
from playnote.service.rounds import baseline_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that a trial can be repeated"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05

[splits]
dev = { source = "made" }

[workflow]
command = "python train.py {lr} {seed}"
metrics = "stdout"
max_train_steps = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.1
"""
CODE = """
import json, random, sys
lr, seed = float(sys.argv[1]), int(sys.argv[2])
print(json.dumps({"step": 1, "dev/error": lr + random.Random(seed).random() + SHIFT}))
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    write(tmp_path, shift=0)
    opened = open_project(tmp_path)
    list(baseline_run(opened, seeds=2))
    return opened


def write(folder, shift):
    (folder / "train.py").write_text(CODE.replace("SHIFT", str(shift)), encoding="utf-8")


def again(opened, name=None) -> Rerun:
    *_, found = rerun(opened, name)
    assert isinstance(found, Rerun)
    return found


def git(folder, *words):
    identity = ("-c", "user.name=made", "-c", "user.email=made@localhost")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_the_same_code_gives_the_same_number_and_the_measurement_is_on_record(small):
    first = small.state().of_purpose("baseline")[-1]
    found = again(small)
    assert (found.trial, found.agrees, found.equal, found.recorded) == (first.id, True, True, found.score)
    (measured,) = small.state().events("measurement")
    assert (measured.data["name"], measured.data["result"]["agrees"]) == ("rerun", True)
    repeated = next(each for each in small.state().trials if each.id == found.again)
    assert (repeated.seed, repeated.configuration, repeated.purpose) == (first.seed, first.configuration, "probe")


@pytest.mark.parametrize(("shift", "agrees"), [(0.04, True), (0.06, False)])
def test_a_difference_below_what_matters_agrees_and_one_above_does_not(small, tmp_path, shift, agrees):
    write(tmp_path, shift)
    found = again(small)
    assert (found.agrees, found.equal) == (agrees, False)
    assert found.score - found.recorded == pytest.approx(shift)


def test_a_repetition_that_fails_says_nothing(small, tmp_path):
    (tmp_path / "train.py").write_text("raise SystemExit(3)", encoding="utf-8")
    assert again(small).agrees is None


def test_a_workflow_that_was_changed_since_is_run_as_recorded_and_told(small, tmp_path):
    (tmp_path / "other.py").write_text("raise SystemExit(3)", encoding="utf-8")
    changed = PROJECT.replace("train.py {lr}", "other.py {lr}").replace("max_train_steps = 1", "max_train_steps = 9")
    (tmp_path / "playnote.toml").write_text(changed, encoding="utf-8")
    found = again(open_project(tmp_path))
    assert found.equal
    assert "command = python train.py {lr} {seed}, max_train_steps = 1" in found.notes[0].en


def test_another_commit_and_other_changes_are_told(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    write(tmp_path, shift=0)
    git(tmp_path, "init")
    git(tmp_path, "add", "train.py", "playnote.toml")
    git(tmp_path, "commit", "-m", "first")
    opened = open_project(tmp_path)
    list(baseline_run(opened, seeds=1))
    assert again(opened).notes == ()
    write(tmp_path, shift=0.5)
    assert ["not committed differ" in note.en for note in again(opened).notes] == [True]
    git(tmp_path, "commit", "-am", "second")
    (note,) = again(opened).notes
    assert "git checkout" in note.en


def test_only_a_trial_with_a_result_can_be_repeated(small, tmp_path):
    with pytest.raises(NotFoundError, match="no trial t9999"):
        again(small, "t9999")
    (tmp_path / "train.py").write_text("raise SystemExit(3)", encoding="utf-8")
    failed = again(small).again
    with pytest.raises(InputError, match="no result to compare"):
        again(small, failed)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("python train.py --lr {lr}", "python train.py --lr {lr}"),
        ("train --api-key abc --lr {lr}", "train --api-key *** --lr {lr}"),
        ("env HF_TOKEN=abc train", "env HF_TOKEN=*** train"),
        ("train --store postgres://me:abc@host/db", "train --store postgres://me:***@host/db"),
    ],
)
def test_a_recorded_command_holds_no_secret(command, shown):
    assert without_secrets(command) == shown
