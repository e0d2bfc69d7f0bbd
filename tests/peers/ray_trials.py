"""A Ray cluster of two nodes behind a token: the executor kit, then a round during which one node is killed.

Runs in the environment of other tools' libraries, with Playnote importable; the last line printed is JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = "0123456789abcdef" * 2

import psutil
import ray
from ray.cluster_utils import Cluster
from ray_command_line import through_the_command_line

from playnote.execution.ray_cluster import RayExecutor
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.procedures.round import run_trials
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial
from playnote.testing.executor_kit import check_executor

TRAINING = """
import random, subprocess, time
from pathlib import Path

def train(trial):
    child = subprocess.Popen(["sleep", "600"])
    Path("{pids}", str(child.pid)).write_text(trial.id)
    start, state = trial.resume() or (-1, {{"sum": 0.0}})
    for step in range(int(start) + 1, 12):
        time.sleep(0.2)
        noise = random.Random(1000 * trial.seed + step).random()
        state["sum"] += noise
        trial.log(step, {{"train/loss": 2.0 / (step + 1), "dev/error": trial.configuration["lr"] + noise}})
        trial.checkpoint(step, state)
    trial.facts["sum"] = state["sum"]
    child.kill()
    child.wait()
"""
TRIALS = 10
MEMORY = 80_000_000


def planned() -> list[PlannedTrial]:
    return [
        PlannedTrial(
            id=f"t{i}", study="s", round=1, purpose="search", configuration={"lr": i / TRIALS}, seed=i, index=i
        )
        for i in range(TRIALS)
    ]


def study(folder: Path, pids: Path) -> dict[str, object]:
    """Run the round; what came of it."""
    folder.mkdir()
    (folder / "training.py").write_text(TRAINING.format(pids=pids))
    project = Project(
        name="cluster",
        objective=Objective(formula="dev/error", direction="minimize"),
        workflow=Workflow(function="training:train", max_train_steps=12),
        folder=str(folder),
    )
    with Ledger.write(folder / ".playnote", "runner") as ledger:
        ledger.append("trial-planned", {"trials": [dump_planned(trial) for trial in planned()]})
        for _ in run_trials(project, ledger, planned(), workers=2, on="ray"):
            pass
        curves = {t.id: ledger.curves.curve(t.id, "dev/error") for t in ledger.trials()}
        return {
            "outcomes": {t.id: t.outcome for t in ledger.trials()},
            "attempts": {t.id: t.attempts for t in ledger.trials()},
            "sums": {t.id: t.facts.get("sum") for t in ledger.trials()},
            "ends": [
                [e.data["trial"], e.data["attempt"], e.data["outcome"], e.data["error"]]
                for e in ledger.events("attempt-ended")
            ],
            "last": {name: None if curve is None else float(curve.values[-1]) for name, curve in curves.items()},
            "resumed": sorted(
                path.parent.name
                for path in (folder / ".playnote" / "trials").glob("*/attempt-*.jsonl")
                if b'"kind":"resumed"' in path.read_bytes()
            ),
            "damage": [str(each) for each in ledger.damage()],
            "checkpoints": {
                path.parent.name: len(list(path.parent.glob("attempt-*-step-*")))
                for path in (folder / ".playnote" / "trials").glob("*/checkpoints.json")
            },
        }


def lives(pid: int) -> bool:
    """Whether a `sleep` that a trial started is still there; one that has ended and waits to be noted is not."""
    try:
        process = psutil.Process(pid)
        return process.name() == "sleep" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main(folder: Path) -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": MEMORY})
    second = cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
    os.environ["RAY_ADDRESS"] = cluster.address
    kit = folder / "kit"
    kit.mkdir()
    broken = check_executor(lambda: RayExecutor(1), kit)
    pids = folder / "pids"
    pids.mkdir()
    calm = study(folder / "calm", pids)

    killed: list[int] = []

    def kill_in_the_middle() -> None:
        """Once two trials have ended and two others have sent a checkpoint home."""
        trials = folder / "wild" / ".playnote" / "trials"
        while not killed:
            time.sleep(0.05)
            ended = {path.parent for path in trials.glob("*/end-1.json")}
            midway = {path.parent for path in trials.glob("*/checkpoints.json")} - ended
            if len(ended) >= 2 and len(midway) >= 2:
                killed.append(1)
                cluster.remove_node(second, allow_graceful=False)

    killer = threading.Thread(target=kill_in_the_middle, daemon=True)
    killer.start()
    wild = study(folder / "wild", pids)
    killer.join(10)
    ray.shutdown()
    third = cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
    cluster.wait_for_nodes()
    asked = through_the_command_line(
        folder / "asked",
        TRAINING.format(pids=pids),
        kill=lambda: cluster.remove_node(third, allow_graceful=False),
        begun=lambda: len(list(pids.iterdir())),
    )
    sleepers = [int(path.name) for path in pids.iterdir()]
    alive = [pid for pid in sleepers if lives(pid)]
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    cluster.shutdown()
    told = {
        "asked": asked,
        "broken": broken,
        "calm": calm,
        "wild": wild,
        "killed": len(killed),
        "alive": [(pids / str(pid)).read_text() for pid in alive],
    }
    sys.stdout.write(json.dumps({**told, "started": len(sleepers)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
