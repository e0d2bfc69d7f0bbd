"""A search by results is killed at random moments: it ends with the trials it would have chosen undisturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from playnote.ledger import Ledger
from playnote.service.rounds import baseline_run, round_new, round_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "searched"
goal = "Show that a killed search goes on as if nothing had been"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
chance = 10.0

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "searched_training:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.0, high = 1.0, group = "optimizer" }
decay = { low = 0.0, high = 1.0, group = "regularization" }

[baseline]
lr = 0.3
decay = 0.5

[budget]
trials = 400
hours = 1
"""
CODE = """
import math, random, time

def train(trial):
    c = trial.configuration
    time.sleep(0.05)
    if c["lr"] > 0.6:
        trial.log(1, {"dev/error": math.nan})
        return
    error = 0.1 + 0.3 * (0.6 - c["lr"]) + (c["decay"] - 0.4) ** 2
    trial.log(1, {"dev/error": error + random.Random(trial.seed).gauss(0, 0.002)})
"""
TRIALS, KILLS = 12, 8


@pytest.fixture(scope="module")
def explored(tmp_path_factory) -> Path:
    """A project whose exploration has ended and whose search by results is opened, of which nothing has run."""
    folder = tmp_path_factory.mktemp("searched") / "explored"
    folder.mkdir()
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "searched_training.py").write_text(CODE, encoding="utf-8")
    session = open_project(folder)
    deque(baseline_run(session), maxlen=0)
    round_new(session, "Where is it good?", {}, 12)
    deque(round_run(session, on="inline"), maxlen=0)
    with session.writing() as ledger:
        ledger.append("round-closed", {"round": 1, "decision": "explored"})
        ledger.append("waiver", {"rule": "E0-exploit-gate", "because": "made up"})
    round_new(session, "How far does it go?", {}, TRIALS, sampler="bayes")
    return folder


def started(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", "round", "run"]
    with (folder / "runner.txt").open("ab") as output:
        return subprocess.Popen(
            [*command, "--project", str(folder)], stdout=output, stderr=output, start_new_session=True
        )


def searched(folder: Path) -> list[tuple[object, ...]]:
    """Every trial of the search in the order it was chosen: its point, its seed, how it ended, every digit of its score."""
    session = open_project(folder)
    state = session.state()
    ended = {trial.id: trial for trial in state.of_round(2)}
    return [
        (dict(each.configuration), each.seed, ended[each.id].outcome, repr(state.readings[each.id].score))
        for each in state.rounds[-1].planned
    ]


def ended_before(runner: subprocess.Popen[bytes], folder: Path, more: int) -> bool:
    """Whether it ended by itself before the record grew by so many events."""
    before = len(Ledger.open(folder / ".playnote").events())
    while runner.poll() is None:
        if len(Ledger.open(folder / ".playnote").events()) >= before + more:
            return False
        time.sleep(0.005)
    return True


@pytest.mark.faults
def test_a_killed_search_ends_with_the_trials_an_undisturbed_one_chose(explored, tmp_path):
    calm, killed = (Path(shutil.copytree(explored, tmp_path / name)) for name in ("calm", "killed"))
    assert started(calm).wait() == 0

    made = random.Random(11)
    kills = 0
    while kills < KILLS:
        runner = started(killed)
        if ended_before(runner, killed, made.randint(1, 6)):
            break
        time.sleep(made.uniform(0.0, 0.1))
        os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
        kills += 1
    assert started(killed).wait() == 0

    assert kills == KILLS
    assert searched(killed) == searched(calm)
    events = Ledger.open(killed / ".playnote").events("attempt-ended")
    over = [event.data["trial"] for event in events if not str(event.data["outcome"]).startswith("failed")]
    assert len(over) == len(set(over))
