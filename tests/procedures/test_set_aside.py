"""A trial that its own code fails again and again waits to be asked for, until the code changes."""

from __future__ import annotations

import subprocess

import pytest

FAILS_AT_TWO = """
def train(trial):
    if trial.configuration["lr"] == 0.2:
        raise ValueError("no")
    trial.log(1, {"dev/error": 0.5})
"""


def tries(made, **options):
    made.run(on="inline", **options)
    return made.attempts()["t0002"]


def test_it_is_tried_twice_then_only_when_asked_and_it_is_said(make):
    made = make(FAILS_AT_TWO, trials=3)
    assert [tries(made), tries(made), tries(made)] == [1, 2, 2]
    last = made.run(on="inline")[-1]
    assert (last.done, last.failed, last.aside) == (2, 1, ("t0002",))
    assert tries(made, again=True) == 3
    assert made.outcomes() == ["ok", "failed:code", "ok"]
    assert len(made.ledger().events("run-started")) == 3  # a run that begins nothing writes nothing


def git(folder, *words):
    identity = ("-c", "user.name=made", "-c", "user.email=made@localhost")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("committed", [True, False])
def test_a_change_of_the_code_is_reason_enough_to_try_again(make, tmp_path, committed):
    made = make(FAILS_AT_TWO, trials=3)
    git(tmp_path, "init")
    git(tmp_path, "add", "model.py")
    git(tmp_path, "commit", "-m", "first")
    assert [tries(made), tries(made), tries(made)] == [1, 2, 2]
    (tmp_path / "model.py").write_text(FAILS_AT_TWO.replace("0.2", "0.9"))
    if committed:
        git(tmp_path, "commit", "-am", "second")
    assert tries(made) == 3


def test_what_the_machine_ended_is_never_set_aside(make):
    made = make("def train(trial):\n    raise ConnectionError\n", trials=1, function="model:train", retries=0)
    for _ in range(4):
        made.run(on="inline")
    assert made.attempts()["t0001"] == 4
