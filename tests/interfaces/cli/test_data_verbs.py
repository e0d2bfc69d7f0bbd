"""data, milestone, errors and labels on the command line: a walk in both languages, and refusals with problem and fix."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from playnote.interfaces.cli.app import app

PROJECT = """
[project]
name = "small"
goal = "Show that data, errors and labels are looked at"
task = { type = "classification", supervision = "labels" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
chance = 0.5

[workflow]
command = "sh train.sh {lr} {seed}"
metrics = "stdout"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.1
"""
SCRIPT = """
printf '{"step": 1, "dev/error": 0.2}\\n'
if [ -n "$PLAYNOTE_MILESTONE" ]; then printf '{"step": 1, "test/error": 0.25}\\n'; fi
"""


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.sh").write_text(SCRIPT, encoding="utf-8")
    rng = np.random.default_rng(0)
    rows = [(f"e{at}", f"p{at // 3}", at % 2, *rng.normal(size=5).round(4)) for at in range(300)]
    write(tmp_path / "data.csv", ("id", "who", "label", *"vwxyz"), rows)
    return tmp_path


def run(project, *words, code=0, lang="en"):
    found = CliRunner().invoke(app, [*words, "--project", str(project), "--lang", lang])
    assert found.exit_code == code, (found.output, found.stderr)
    return found.stdout if code == 0 else found.stderr


def data(project, *words):
    return json.loads(run(project, *words, "--json"))["data"]


def cut(project):
    return data(project, "data", "make", str(project / "data.csv"), "--id", "id", "--group", "who", "--label", "label")


@pytest.mark.parametrize(("lang", "word"), [("en", "no copies across splits"), ("zh", "划分之间没有重复")])
def test_splits_are_made_and_audited(project, lang, word):
    assert set(cut(project)["splits"]) >= {"train", "dev", "test"}
    said = run(project, "data", "audit", lang=lang)
    assert word in said
    assert "{" not in said


def test_a_command_reads_test_once_at_a_milestone_and_a_second_time_is_refused(project):
    cut(project)
    run(project, "baseline", "--seeds", "1")
    assert "has not been read" in run(project, "milestone")
    assert "--because" in run(project, "milestone", "paper", "--trial", "1", code=2)
    found = data(project, "milestone", "paper", "--because", "table 2", "--trial", "1")
    assert found["values"] == {"test/error": 0.25}
    assert "new milestone" in run(project, "milestone", "paper", "--because", "again", "--trial", "1", code=2)
    assert "table 2" in run(project, "milestone", lang="zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_errors_are_drawn_tagged_and_shown(project, lang):
    cut(project)
    ids = (project / "splits/dev.txt").read_text().split()
    said = write(project / "said.csv", ("id", "label", "prediction"), [(one, 0, at % 2) for at, one in enumerate(ids)])
    sample = data(project, "errors", "sample", said, "--n", "10")
    run(project, "errors", "tag", sample["ids"][0], "blurry", "mislabelled", lang=lang)
    write(project / "tags.csv", ("id", "tags"), [(one, "dark") for one in sample["ids"][1:]])
    shown = run(project, "errors", "import", str(project / "tags.csv"), lang=lang)
    assert "dark" in shown
    run(project, "errors", "fixable", "dark", "0.5", lang=lang)
    assert "dark" in run(project, "errors", "focus", "dark", "--because", "cheap", lang=lang)
    assert run(project, "errors", "show", lang=lang)
    assert "nothing" in run(project, "errors", "tag", "nothing", "dark", code=2)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_labels_are_drawn_checked_and_shown(project, lang):
    cut(project)
    words = ("--data", str(project / "data.csv"), "--id", "id", "--label", "label", "--group", "who")
    sample = data(project, "labels", "sample", "train", *words, "--random", "20")
    checked = [(one, "1") for one in sample["random"]]
    write(project / "checked.csv", ("id", "corrected"), checked)
    shown = run(project, "labels", "import", str(project / "checked.csv"), lang=lang)
    assert "train" in shown
    assert "{" not in shown
    run(project, "labels", "mark", sample["random"][0], "?", lang=lang)
    run(project, "labels", "relabelled", "train", "3", "--how", "two people", lang=lang)
    assert run(project, "labels", "show", lang=lang)
    assert "train" in run(project, "labels", "sample", "moon", code=2)
