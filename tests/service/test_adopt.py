"""Adopting through the service: fresh seeds one by one, stopping when decided, and what is put on record."""

import math

import pytest

from playnote.service.adopt import Adoption, adopt
from playnote.service.rounds import round_new, round_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that adoption runs"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "train:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.001

[budget]
trials = 100
hours = 1
"""
CODE = """
import math, random
import playnote

def train(trial):
    noise = random.Random(trial.seed).gauss(0, {noise})
    trial.log(1, {{"dev/error": 1.0 + {slope} * abs(math.log10(trial.configuration["lr"])) + noise}})
"""


def session(folder, noise, slope):
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(CODE.format(noise=noise, slope=slope), encoding="utf-8")
    opened = open_project(folder)
    for _ in round_run_all(opened):
        pass
    return opened


def round_run_all(opened):
    round_new(opened, "Which lr?", {}, 5)
    yield from round_run(opened)


def last(events):
    found = [event for event in events if isinstance(event, Adoption)]
    assert len(found) == 1
    return found[0]


def test_a_large_gain_stops_before_all_seeds_are_spent_and_becomes_the_baseline(tmp_path):
    opened = session(tmp_path, noise=0.01, slope=0.5)
    found = last(adopt(opened, seeds=8))
    assert found.verdict == "adopted"
    assert len(found.candidate) == len(found.baseline) < 8
    state = opened.state()
    assert state.events("baseline")
    assert math.isclose(state.events("adoption")[0].data["probability"], found.comparison.probability)


def test_no_gain_spends_all_seeds_and_stays_a_candidate_or_is_rejected(tmp_path):
    opened = session(tmp_path, noise=0.3, slope=0.0)
    found = last(adopt(opened, seeds=4))
    assert found.verdict in {"candidate", "rejected"}
    assert not opened.state().events("baseline")
    if found.verdict == "candidate":
        assert len(found.candidate) == 4
        assert found.decision.because.zh


@pytest.mark.parametrize("seeds", [2])
def test_two_seeds_never_decide(tmp_path, seeds):
    opened = session(tmp_path, noise=0.01, slope=0.5)
    assert last(adopt(opened, seeds=seeds)).verdict == "candidate"
