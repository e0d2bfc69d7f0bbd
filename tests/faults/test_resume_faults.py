"""Killed in the middle, a trial whose code can resume goes on from its last checkpoint: its curve is as if undisturbed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from test_execution_faults import run_again_after_their_end, started, workers_of

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.recorder.lines import decode
from playnote.records.round import PlannedTrial

TRIALS, STEPS, EVERY, KILLS = 3, 60, 3, 12
TRAINING = """
import random
import time

import playnote

def train(trial):
    start, state = trial.resume() or (0, {"sum": 0.0})
    for step in range(int(start) + 1, 61):
        time.sleep(0.02)
        state["sum"] += random.Random(1000 * trial.seed + step).random()
        trial.log(step, {"train/loss": 2.0 / step, "dev/error": state["sum"] / step})
        if step % 3 == 0:
            trial.checkpoint(step, state)

if __name__ == "__main__":
    train(playnote.current_trial())
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
        name="resumed",
        objective=Objective(formula="dev/error", direction="minimize"),
        workflow=Workflow({how}, max_train_steps=60, retries=50),
        folder=str(folder),
    )
    with Ledger.write(folder / ".playnote", "runner") as ledger:
        planned = [ledger.planned(trial.id) for trial in ledger.trials()]
        for _ in run_trials(project, ledger, planned, workers=2):
            pass
"""
HOW = {"function": 'function="training:train"', "command": 'command="python training.py"'}


def prepared(folder: Path, how: str) -> Path:
    folder.mkdir()
    (folder / "training.py").write_text(TRAINING)
    (folder / "runner.py").write_text(RUNNER.replace("{how}", HOW[how]))
    planned = [
        PlannedTrial(id=f"t{i}", study="s", round=1, purpose="search", configuration={"lr": 0.1}, seed=i, index=i)
        for i in range(TRIALS)
    ]
    with Ledger.write(folder / ".playnote", "test") as ledger:
        ledger.append("trial-planned", {"trials": [dump_planned(each) for each in planned]})
    return folder


def went_on(folder: Path, killed: set[tuple[str, int]]) -> tuple[str, int] | None:
    """A trial and its attempt that has saved a checkpoint of its own, has not ended, and was not killed yet."""
    for index in (folder / ".playnote" / "trials").glob("*/checkpoints.json"):
        attempt = int(json.loads(index.read_text())[-1]["attempt"])
        key = (index.parent.name, attempt)
        if key not in killed and not (index.parent / f"end-{attempt}.json").exists():
            return key
    return None


def trains(runner: subprocess.Popen[bytes], trial: str, home: Path) -> psutil.Process | None:
    """The process that trains this trial now: it has opened the trial's log."""
    logs = sorted((home / "trials" / trial).glob("attempt-*.jsonl"), key=lambda path: int(path.stem[8:]))
    opened = decode(logs[-1].read_bytes()).records
    try:
        process = psutil.Process(int(str(opened[0]["pid"])))
    except (psutil.Error, IndexError):
        return None
    ours = [worker.pid for worker in workers_of(runner)]
    return process if {process.pid, process.ppid()} & set(ours) else None


def disturbed(folder: Path, rng: random.Random) -> Counter[str]:
    """Run it to the end, with kills of training processes and runners that fall on a trial in its middle."""
    kills, killed = Counter[str](), set[tuple[str, int]]()
    while not all(trial.outcome == "ok" for trial in Ledger.open(folder / ".playnote").trials()):
        runner = started(folder)
        while runner.poll() is None:
            time.sleep(0.005)
            key = went_on(folder, killed) if kills.total() < KILLS else None
            if key is None:
                continue
            time.sleep(rng.uniform(0.0, 0.1))
            victim = trains(runner, key[0], folder / ".playnote")
            killed.add(key)
            if rng.random() < 0.3:
                kills["runner"] += 1
                runner.kill()
                runner.wait()
            elif victim is not None:
                kills["training"] += 1
                victim.send_signal(signal.SIGKILL)
    return kills


def curves(folder: Path) -> dict[str, tuple[list[float], list[float]]]:
    ledger = Ledger.open(folder / ".playnote")
    found = {trial.id: ledger.curves.curve(trial.id, "dev/error") for trial in ledger.trials()}
    return {name: (curve.steps.tolist(), curve.values.tolist()) for name, curve in found.items() if curve is not None}


def attempts_of(folder: Path, trial: str) -> dict[int, list[dict[str, object]]]:
    """What every attempt of a trial put on record, in order."""
    logs = (folder / ".playnote" / "trials" / trial).glob("attempt-*.jsonl")
    return {int(path.stem[8:]): list(decode(path.read_bytes()).records) for path in logs}


def resumptions(folder: Path, trial: str) -> int:
    """How often a trial resumed; each time at the last checkpoint on record, and its first step follows it."""
    last, count = None, 0
    for _, records in sorted(attempts_of(folder, trial).items()):
        resumed = [record for record in records if record["kind"] == "resumed"]
        steps = [record["step"] for record in records if record["kind"] == "log"]
        if resumed:
            count += 1
            assert last is not None
            # A kill may fall between the file and the line about it: then the newer one counts.
            assert resumed[0]["step"] in (last, last + EVERY)
            assert steps[:1] in ([], [resumed[0]["step"] + 1])
            last = resumed[0]["step"]
        saved = [record["step"] for record in records if record["kind"] == "checkpoint"]
        last = saved[-1] if saved else last
    return count


@pytest.mark.faults
@pytest.mark.parametrize("how", HOW)
def test_a_killed_trial_resumes_at_its_last_checkpoint_and_its_curve_has_no_gap_and_no_duplicate(tmp_path, how):
    calm = prepared(tmp_path / "calm", how)
    assert started(calm).wait() == 0
    wild = prepared(tmp_path / "wild", how)
    kills = disturbed(wild, random.Random(20))
    # The sum that every reading holds comes through the checkpoints: a step left out or done twice would show in it.
    assert curves(wild) == curves(calm)
    assert {name: steps for name, (steps, _) in curves(wild).items()} == {
        f"t{i}": [float(step) for step in range(1, STEPS + 1)] for i in range(TRIALS)
    }
    assert run_again_after_their_end(wild) == []
    again = [resumptions(wild, f"t{i}") for i in range(TRIALS)]
    sys.stdout.write(f"{how}: {dict(kills)} killed; resumed {again} times\n")
    assert min(again) >= 1
    assert kills["training"] >= 3
    assert kills["runner"] >= 1
