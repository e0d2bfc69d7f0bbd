"""Runner and workers are killed at random moments; every study completes as if nobody had touched it."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.records.round import PlannedTrial

TRAINING = """
import random
import time
from pathlib import Path

def train(trial):
    lr = trial.configuration["lr"]
    for step in range(40):
        time.sleep(0.01)
        # The last two wait until nobody is killed any more, so that a fast machine does not end the round before.
        while step == 20 and trial.seed >= {last} and not Path("enough").exists():
            time.sleep(0.01)
        trial.log(step, {"train/loss": 2.0 / (step + 1), "dev/error": lr + random.random() / (step + 1)})
    if lr > 0.9:
        trial.log(40, {"dev/error": float("nan")})
"""
RUNNER = """
import sys
from pathlib import Path

from playnote.ledger import Ledger
from playnote.procedures.round import run_trials
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    project = Project(
        name="killed",
        objective=Objective(formula="dev/error", direction="minimize"),
        workflow=Workflow(function="training:train", max_train_steps=40),
        folder=str(folder),
    )
    with Ledger.write(folder / ".playnote", "runner") as ledger:
        planned = [ledger.planned(trial.id) for trial in ledger.trials()]
        for progress in run_trials(project, ledger, planned, workers=2):
            print(progress.done, flush=True)
"""
TRIALS, KILLS = 60, 70  # kills for each of three seeds: 210 in all


def planned() -> list[PlannedTrial]:
    return [
        PlannedTrial(
            id=f"t{i:04d}",
            study="s",
            round=1,
            purpose="search",
            configuration={"lr": i / TRIALS},
            seed=i,
            index=i,
        )
        for i in range(TRIALS)
    ]


def prepared(folder: Path) -> Path:
    folder.mkdir()
    (folder / "training.py").write_text(TRAINING.replace("{last}", str(TRIALS - 2)))
    (folder / "runner.py").write_text(RUNNER)
    with Ledger.write(folder / ".playnote", "test") as ledger:
        ledger.append("trial-planned", {"trials": [dump_planned(trial) for trial in planned()]})
    return folder


def started(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "runner.txt").open("ab") as output:
        command = [sys.executable, str(folder / "runner.py"), str(folder)]
        return subprocess.Popen(command, stdout=output, stderr=output)


def workers_of(runner: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return [
            child for child in psutil.Process(runner.pid).children() if "execution.worker" in " ".join(child.cmdline())
        ]
    except psutil.Error:
        return []


def results(folder: Path) -> dict[str, object]:
    """What every trial came to: outcome, configuration, and the whole of its curve."""
    ledger = Ledger.open(folder / ".playnote")
    found: dict[str, object] = {}
    for trial in ledger.trials():
        curve = ledger.curves.curve(trial.id, "dev/error")
        points = None if curve is None else (curve.steps.tolist(), [repr(v) for v in curve.values.tolist()])
        found[trial.id] = (trial.outcome, dict(trial.configuration), trial.seed, points)
    return found


def run_again_after_their_end(folder: Path) -> list[object]:
    """Trials that were started although they had ended, and trials that ended twice."""
    over: Counter[object] = Counter()
    wrong: list[object] = []
    for event in Ledger.open(folder / ".playnote").events("attempt-started", "attempt-ended"):
        trial = event.data["trial"]
        if event.kind == "attempt-started":
            wrong += [trial] if over[trial] else []
        elif not str(event.data["outcome"]).startswith("failed"):
            over[trial] += 1
            wrong += [trial] if over[trial] > 1 else []
    return wrong


def finished(folder: Path) -> bool:
    trials = Ledger.open(folder / ".playnote").trials()
    return all(trial.outcome in ("ok", "nan") for trial in trials)


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> Path:
    """The study that nobody disturbed."""
    folder = prepared(tmp_path_factory.mktemp("undisturbed") / "calm")
    (folder / "enough").touch()
    assert started(folder).wait() == 0
    return folder


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_seventy_kills_change_no_result_and_repeat_no_finished_trial(tmp_path, calm, seed):
    wild, rng, kills, lives = prepared(tmp_path / "wild"), random.Random(seed), Counter[str](), []
    while not finished(wild):
        runner = started(wild)
        lives.append(runner)
        while runner.poll() is None and kills.total() < KILLS:
            time.sleep(rng.uniform(0.05, 1.0))
            victims = workers_of(runner)
            lives += victims
            if victims and rng.random() < 0.7:
                kills["worker"] += 1
                rng.choice(victims).send_signal(signal.SIGKILL)
            elif runner.poll() is None:
                kills["runner"] += 1
                runner.kill()
                runner.wait()
        if kills.total() >= KILLS:
            (wild / "enough").touch()
        runner.wait()
    assert results(wild) == results(calm)
    assert run_again_after_their_end(wild) == []
    sys.stdout.write(f"seed {seed}: {dict(kills)} killed, {kills.total()} in all\n")
    assert kills.total() == KILLS
    assert min(kills["runner"], kills["worker"]) >= 15
    psutil.wait_procs([life for life in lives if isinstance(life, psutil.Process)], timeout=10)
    assert not [life for life in lives if isinstance(life, psutil.Process) and life.is_running()]


@pytest.mark.faults
def test_a_disk_that_fills_up_in_the_middle_stops_the_round_and_room_lets_it_end_as_if_nothing_had_been(tmp_path, calm):
    place = tmp_path / "little"
    place.mkdir()
    size = sum(path.stat().st_blocks * 512 for path in calm.rglob("*") if path.is_file())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={2 * size + 1_000_000}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not permitted here")
    try:
        wild = prepared(place / "wild")
        (wild / "enough").touch()
        runner = started(wild)
        while sum(trial.outcome == "ok" for trial in Ledger.open(wild / ".playnote").trials()) < 5:
            time.sleep(0.05)
        with (place / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(b"x" * 4096)
        assert runner.wait() != 0
        told = Ledger.open(wild / ".playnote").damage()
        assert {Path(fault.file).name for fault in told if fault.kind != "torn"} <= {"ledger.db"}  # a cache: made anew
        (place / "ballast").unlink()
        while not finished(wild):
            assert started(wild).wait() == 0
        assert results(wild) == results(calm)
        assert run_again_after_their_end(wild) == []
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.faults
def test_a_second_runner_is_refused_while_the_first_works_and_disturbs_nothing(tmp_path, calm):
    wild = prepared(tmp_path / "wild")
    first = started(wild)
    while not Ledger.open(wild / ".playnote").events("attempt-started"):
        time.sleep(0.05)
    for _ in range(3):
        assert started(wild).wait() != 0
    assert "LeaseError" in (wild / "runner.txt").read_text()
    (wild / "enough").touch()
    assert first.wait() == 0
    assert results(wild) == results(calm)
    assert run_again_after_their_end(wild) == []
