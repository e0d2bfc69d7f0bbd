"""One open question at a time: a second round is refused while the first waits for its decision, unless it is asked for."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from playnote.errors import InputError
from playnote.interfaces.cli.app import app
from playnote.service.rounds import baseline_run, round_close, round_new, round_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that one question is asked at a time"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "train_open:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
width = { choices = [1, 2], group = "architecture" }

[baseline]
lr = 0.1
width = 1

[budget]
trials = 400
hours = 1
"""
CODE = """
import random

def train(trial):
    made = random.Random(trial.seed)
    trial.log(1, {"dev/error": 1.0 + trial.configuration["lr"] + made.gauss(0, 0.01)})
"""


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train_open.py").write_text(CODE, encoding="utf-8")
    session = open_project(tmp_path)
    list(baseline_run(session, seeds=3))
    round_new(session, "Does width help?", {"width": [1, 2]}, 4)
    list(round_run(session))
    return session


def numbers(session) -> list[int]:
    return [each.number for each in session.state().rounds]


def test_a_second_round_is_refused_while_the_first_is_open_and_names_both_ways_on(opened):
    with pytest.raises(InputError, match="Round 1 is still open: Does width help") as caught:
        round_new(opened, "Is the lr range right?", {}, 4)
    assert "playnote round close" in caught.value.fix.en
    assert "--also" in caught.value.fix.en
    assert numbers(opened) == [1]


def test_the_same_question_again_is_the_same_round_and_a_plan_alone_is_always_allowed(opened):
    assert round_new(opened, "Does width help?", {"width": [1, 2]}, 4).round.number == 1
    assert round_new(opened, "Is the lr range right?", {}, 4, dry=True).round.number == 2
    assert numbers(opened) == [1]


def test_a_round_of_which_nothing_has_run_stands_in_nobodys_way(opened):
    round_close(opened, "decided", 1)
    round_new(opened, "Is the lr range right?", {}, 4)
    assert round_new(opened, "And further down?", {}, 5).round.number == 3


def test_asked_for_or_after_the_decision_it_is_opened(opened):
    assert round_new(opened, "Is the lr range right?", {}, 4, also=True).round.number == 2
    for number in (2, 1):
        round_close(opened, "decided", number)
    assert round_new(opened, "And further down?", {}, 5).round.number == 3


def test_the_command_line_refuses_and_takes_also(opened):
    words = ["round", "new", "Is the lr range right?", "--trials", "4", "--project", str(opened.home.parent), "--json"]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "第 1 轮还没结束" in json.loads(refused.output)["error"]["problem"]["zh"]
    taken = CliRunner().invoke(app, [*words, "--also"])
    assert taken.exit_code == 0
    assert json.loads(taken.output)["data"]["round"] == 2
