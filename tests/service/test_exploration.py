"""Exploration is the same whatever happens: killed and resumed, in any order of completion, with one worker or eight."""

from __future__ import annotations

from collections import deque

import pytest
from test_exploit import CODE, PROJECT

from playnote.service.rounds import baseline_run, round_new, round_run
from playnote.service.session import open_project

# Short and long trials mixed, so that eight workers do not end them in the order they began.
UNEVEN = CODE.replace(
    "    c = trial", "    import time\n    time.sleep(0.2 * random.Random(trial.seed).random())\n    c = trial"
)


def opened(folder):
    folder.mkdir()
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(UNEVEN, encoding="utf-8")
    session = open_project(folder)
    deque(baseline_run(session), maxlen=1)
    round_new(session, "Where is it good?", {"width": [1, 2]}, 5, nuisance=["lr", "decay"])
    return session


def what_ran(session):
    """Configuration, seed and result of every trial of the round, by name."""
    state = session.state()
    return {
        trial.id: (dict(trial.configuration), trial.seed, trial.outcome, state.readings[trial.id].score)
        for trial in state.of_round(1)
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    session = opened(tmp_path_factory.mktemp("alone") / "project")
    deque(round_run(session, on="inline"), maxlen=1)
    return session


def test_a_round_cut_short_and_resumed_is_the_round_run_at_once(alone, tmp_path):
    session = opened(tmp_path / "project")
    for stop in (2, 3):
        steps = round_run(session, on="inline")
        for _ in range(stop):
            next(steps)
        steps.close()
    deque(round_run(session, on="inline"), maxlen=1)
    assert what_ran(session) == what_ran(alone)


@pytest.mark.faults
def test_eight_workers_run_what_one_runs(alone, tmp_path):
    session = opened(tmp_path / "project")
    deque(round_run(session, workers=8), maxlen=1)
    assert what_ran(session) == what_ran(alone)
