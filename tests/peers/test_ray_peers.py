"""Trials on a Ray cluster of two nodes that asks for a token; one of the nodes is killed while it trains."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from peers_environment import HERE, OFFLINE, PEERS, PYTHON

import playnote


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    folder = tmp_path_factory.mktemp("ray")
    environment = {**os.environ, **OFFLINE, "PYTHONPATH": str(Path(playnote.__file__).parents[1])}
    done = subprocess.run(
        [str(PYTHON), str(HERE / "ray_trials.py"), str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_the_ray_executor_keeps_every_promise(told: dict[str, Any]) -> None:
    assert told["broken"] == []


def test_a_node_killed_during_trials_costs_no_trial_and_counts_none_twice(told: dict[str, Any]) -> None:
    calm, wild = told["calm"], told["wild"]
    assert told["killed"] == 1
    assert set(wild["outcomes"].values()) == {"ok"}
    # The same numbers as where nothing was killed, also of those that were begun twice.
    assert (wild["sums"], wild["last"]) == (calm["sums"], calm["last"])
    results = Counter(trial for trial, _, outcome, _ in wild["ends"] if not outcome.startswith("failed"))
    assert results == dict.fromkeys(wild["outcomes"], 1)


def test_what_a_killed_node_took_with_it_is_an_infrastructure_failure_and_is_tried_again(told: dict[str, Any]) -> None:
    failed = [end for end in told["wild"]["ends"] if end[2].startswith("failed")]
    assert [end[2] for end in failed] == ["failed:infra"]
    assert "Error" in failed[0][3]
    assert {name: count for name, count in told["wild"]["attempts"].items() if count > 1} == {failed[0][0]: 2}
    assert told["wild"]["damage"] == []


def test_checkpoints_come_back_without_a_shared_disk_and_the_next_attempt_goes_on_from_them(
    told: dict[str, Any],
) -> None:
    failed = [end[0] for end in told["wild"]["ends"] if end[2].startswith("failed")]
    assert told["wild"]["resumed"] == failed
    assert told["calm"]["resumed"] == []
    # The best three and the last, which may be one of them; dropped ones are dropped at home as well.
    assert set(told["calm"]["checkpoints"].values()) <= {3, 4}


def test_nothing_that_a_trial_started_outlives_it(told: dict[str, Any]) -> None:
    assert told["started"] >= 20
    assert told["alive"] == []


def test_the_command_line_runs_a_round_on_nodes_that_do_not_see_its_folder_and_one_of_them_dies(
    told: dict[str, Any],
) -> None:
    asked = told["asked"]
    assert (asked["code"], asked["killed"]) == (0, 1), asked["said"]
    answer = json.loads(asked["answer"])["data"]
    assert answer["done"] == answer["total"] == len(asked["outcomes"])
    assert set(asked["outcomes"].values()) == {"ok"}
    if asked["hidden"]:
        assert not asked["visible_from_here"]  # code went out, lines and files came back: no disk in common
    # What was lost is a failure of the machine, was tried again, and every trial counts once.
    lost = [end for end in asked["ends"] if end[2] != "ok"]
    assert [end[2] for end in lost] == ["failed:infra"]
    assert Counter(end[0] for end in asked["ends"] if end[2] == "ok") == dict.fromkeys(asked["outcomes"], 1)
    assert all(steps == [float(step) for step in range(12)] for steps in asked["steps"].values())
    assert asked["damage"] == []
