"""Examples whose data a script fetches: their splits, what they say without the data, and one short trial with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from playnote.projectfile.read import read_project
from playnote.recorder import TrialCard, attempt_log, write_card
from playnote.recorder.lines import decode
from playnote.templates import copy_template

SOURCE = Path(__file__).parents[2] / "src"
PLACES = {"letters": "LETTERS", "mismatch": "MNIST_DIGITS", "transfer": "EFFICIENTNET_LITE"}
STEPS = 20
SHORT = "import torch; torch.set_num_threads(1); import train; from playnote.recorder import current_trial; "


def said(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    known = {key: value for key, value in os.environ.items() if key not in PLACES.values()}
    environment = {**known, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", **more}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PLACES)
def test_splits_are_those_of_the_script_and_share_no_example(name, tmp_path):
    folder = copy_template(name, tmp_path / name)
    before = {path.stem: path.read_text(encoding="utf-8").split() for path in (folder / "splits").iterdir()}
    assert set(before) == {"train", "dev", "test"} | ({"train_dev"} if name == "mismatch" else set())
    assert all(len(set(ids)) == len(ids) for ids in before.values())
    assert all(not set(one) & set(other) for one, other in combinations(before.values(), 2))
    for path in (folder / "splits").iterdir():
        path.unlink()
    assert said(folder, "make_splits.py").returncode == 0
    assert {p.stem: p.read_text(encoding="utf-8").split() for p in (folder / "splits").iterdir()} == before


@pytest.mark.parametrize("name", PLACES)
def test_data_that_is_nowhere_is_asked_for_with_the_command_that_fetches_it(name, tmp_path):
    folder = copy_template(name, tmp_path / name)
    get = "import get_data; getattr(get_data, 'file', None) and get_data.file() or get_data.folder()"
    done = said(folder, "-c", get)
    assert done.returncode == 1
    assert f"{folder / 'get_data.py'}" in done.stderr
    assert f"export {PLACES[name]}=FOLDER" in done.stderr


def test_the_splits_of_the_mismatch_example_tell_its_sources_apart(tmp_path):
    splits = read_project(copy_template("mismatch", tmp_path / "mine")).splits
    assert {name: split.source for name, split in splits.items()} == {
        "train": "mnist",
        "train_dev": "mnist",
        "dev": "line",
        "test": "line",
    }


@pytest.mark.scenarios
@pytest.mark.parametrize("name", PLACES)
def test_a_short_trial_leaves_what_the_playbook_reads(name, tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    folder = copy_template(name, tmp_path / name)
    fetched = said(folder, "get_data.py")
    if fetched.returncode:
        pytest.skip(f"the data cannot be had: {fetched.stderr.strip().splitlines()[0]}")
    trial = tmp_path / "t1"
    baseline = dict(read_project(folder).baseline)
    write_card(trial, TrialCard(id="t1", configuration=baseline))
    done = said(folder, "-c", f"{SHORT}train.train(current_trial(), {STEPS})", PLAYNOTE_TRIAL=str(trial))
    assert done.returncode == 0, done.stderr
    records = decode(attempt_log(trial, 1).read_bytes()).records
    rows = [record["metrics"] for record in records if record["kind"] == "log"]
    names = {metric for row in rows for metric in row}
    wanted = {"train/loss", "lr", "grad_norm", "data_wait", "samples_per_second", "train_eval/error", "dev/error"}
    assert wanted | {"dev/chance"} | ({"train_dev/error"} if name == "mismatch" else set()) <= names
    assert len([row for row in rows if "train/loss" in row]) == STEPS
    assert [record["kind"] for record in records].count("predictions") == 1
    assert not any(metric.startswith("test/") for metric in names), json.dumps(sorted(names))
