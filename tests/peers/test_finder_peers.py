"""Playnote's finders beside Lightning's: the same answer or a better one, and nothing left behind."""

import json
import os
import statistics
import subprocess
from pathlib import Path

import pytest
from peers_environment import OFFLINE, PEERS, PYTHON

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    folder = tmp_path_factory.mktemp("finders")
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "benchmarks" / "training" / "finders.py"), "--json"],
        env={**os.environ, **OFFLINE, "HOME": str(folder), "PYTHONPATH": str(ROOT / "src")},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_learning_rate_found_trains_as_well_or_better(found):
    ours, theirs = (statistics.fmean(found["lr"][name]["losses"]) for name in ("playnote", "lightning"))
    assert ours <= theirs + 0.01, (ours, theirs)  # what the project calls a difference that matters
    stable, unstable = found["lr"]["bracket"]
    assert stable < unstable <= 1.25 * stable


def test_the_batch_size_found_is_the_largest_that_lasts_where_a_late_end_of_memory_is_missed_elsewhere(found):
    assert found["batch"]["playnote"]["size"] == 256
    assert found["batch"]["playnote"]["lasts"]
    assert not found["batch"]["lightning power"]["lasts"]
    assert not found["batch"]["lightning binsearch"]["lasts"]


def test_training_afterwards_is_what_it_is_without_a_finder(found):
    for name in ("playnote lr", "playnote batch-size"):
        assert not any(found["leaks"][name].values()), found["leaks"][name]
    # Why it is worth looking: after Lightning's batch size finder the same seed trains another network.
    assert found["leaks"]["lightning scale_batch_size"]["training afterwards"]
