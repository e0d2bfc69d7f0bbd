"""What a worker is given of the machine, and that one which a trial poisoned is not used again."""

from __future__ import annotations

import pytest
from test_executors import ends, job, logged, workflow_in

from playnote.execution import LocalExecutor


@pytest.fixture
def two():
    executor = LocalExecutor(2)
    yield executor
    executor.close()


SEES = """
import os
import time
from pathlib import Path

def train(trial):
    Path(f"{os.getpid()}.here").touch()
    while len(list(Path().glob("*.here"))) < 2:  # until both workers have a trial: one alone could do all eight
        time.sleep(0.005)
    devices = os.environ.get("CUDA_VISIBLE_DEVICES")
    trial.facts["devices"] = devices
    trial.log(1, {"device": -1 if devices is None else int(devices), "pid": os.getpid()})
"""


@pytest.mark.parametrize(("visible", "expected"), [("3,5", {3.0, 5.0}), ("6", {6.0})])
def test_workers_share_out_the_devices_that_their_runner_may_use(tmp_path, monkeypatch, two, visible, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    list(two.run((job(tmp_path, n) for n in range(1, 9)), workflow_in(tmp_path, SEES)))
    rows = [(logged(tmp_path, n, "device")[0][1], logged(tmp_path, n, "pid")[0][1]) for n in range(1, 9)]
    assert {device for device, _ in rows} == expected
    # A worker keeps its device: one pair for each process.
    assert len(set(rows)) == len({pid for _, pid in rows})


@pytest.mark.parametrize(
    ("does", "outcome"),
    [("raise MemoryError", "oom"), ("raise KeyError('x')", "failed:code"), ("raise ConnectionError", "failed:infra")],
)
def test_a_worker_is_not_used_again_after_an_end_that_may_have_poisoned_it(tmp_path, two, does, outcome):
    code = f"""
import os
def train(trial):
    trial.log(1, {{"dev/error": 0.5, "pid": os.getpid()}})
    trial.flush()
    if trial.configuration["lr"] < 0.25:
        {does}
"""
    found = ends(list(two.run((job(tmp_path, n) for n in range(1, 7)), workflow_in(tmp_path, code))))
    assert [found[f"t{n:04d}"].outcome for n in range(1, 7)] == [outcome] * 2 + ["ok"] * 4
    pids = [logged(tmp_path, n, "pid")[0][1] for n in range(1, 7)]
    assert not {pids[0], pids[1]} & set(pids[2:])


def test_the_memory_limit_counts_what_children_hold_and_not_what_was_only_reserved(tmp_path, two):
    code = """
import mmap, subprocess, sys, time
HOLD = "x = bytearray(600_000_000); import time; time.sleep(60)"
def train(trial):
    trial.log(1, {"dev/error": 0.5})
    if trial.configuration["lr"] == 0.1:
        reserved = mmap.mmap(-1, 4_000_000_000)  # address space alone: no page of it is touched
        time.sleep(0.6)
    else:
        subprocess.run([sys.executable, "-c", HOLD])
"""
    found = ends(list(two.run((job(tmp_path, n) for n in (1, 2)), workflow_in(tmp_path, code, memory_mb=400))))
    assert (found["t0001"].outcome, found["t0002"].outcome) == ("ok", "oom")
    assert "memory_mb" in found["t0002"].error
