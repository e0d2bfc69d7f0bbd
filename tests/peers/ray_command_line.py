"""A round through the real command line, on a cluster whose nodes do not see the project's folder; a node is killed.

The folder lies on a small file system that only the command's own mount namespace has, where that is permitted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from playnote.ledger import Ledger
from playnote.service.rounds import baseline_run, round_new
from playnote.service.session import open_project

PROJECT = """
[project]
name = "cluster"
goal = "Show that a round runs on a cluster by its name alone"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "training:train"
max_train_steps = 12
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.1

[budget]
trials = 40
hours = 1
"""
TRIALS = 6
# The mount ends with the namespace; what the command wrote is copied out before.
INSIDE = """
mkdir -p "$SEEN"
if [ "$HOW" = hidden ]; then mount -t tmpfs -o size=200m tmpfs "$SEEN" || exit 9; fi
mkdir -p "$SEEN/project" && cp -r "$MADE/." "$SEEN/project"
"$PYTHON" -c 'from playnote.interfaces.cli.app import main; main()' \\
  round run --project "$SEEN/project" --workers 2 --on ray --json > "$OUT/said.json"
code=$?
cp -r "$SEEN/project" "$OUT/back"
exit $code
"""


def made(folder: Path, training: str) -> Path:
    """A project with a baseline and an open round."""
    folder.mkdir(parents=True)
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "training.py").write_text(training, encoding="utf-8")
    session = open_project(folder)
    noise = iter((0.50, 0.51, 0.52))
    for _ in baseline_run(session, train=lambda trial: trial.log(12, {"dev/error": next(noise)})):
        pass
    round_new(session, "Where is lr good?", {}, TRIALS)
    return folder


def through_the_command_line(
    folder: Path, training: str, kill: Callable[[], object], begun: Callable[[], int]
) -> dict[str, object]:
    """`playnote round run --on ray`; `kill` is called once four of its trials have begun, of which two still train."""
    project = made(folder / "made", training)
    hidden = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    seen, killed, over = folder / "seen", [], threading.Event()

    def kill_in_the_middle() -> None:
        before = begun()
        while not over.is_set() and not killed:
            time.sleep(0.05)
            if begun() - before >= 4:
                time.sleep(1.0)
                killed.append(1)
                kill()

    killer = threading.Thread(target=kill_in_the_middle, daemon=True)
    killer.start()
    words = [*(["unshare", "-m"] if hidden else []), "sh", "-c", INSIDE]
    given = {"SEEN": seen, "MADE": project, "OUT": folder, "HOW": "hidden" if hidden else "", "PYTHON": sys.executable}
    environment = {**os.environ, **{name: str(value) for name, value in given.items()}}
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300, env=environment)
    over.set()
    killer.join(10)
    told = {"code": done.returncode, "said": done.stderr[-2000:], "hidden": hidden, "killed": len(killed)}
    back = folder / "back" / ".playnote"
    if not back.exists():
        return told
    ledger = Ledger.open(back)
    ours = {trial.id for trial in ledger.trials() if trial.round == 1}
    ends = [event.data for event in ledger.events("attempt-ended") if event.data["trial"] in ours]
    curves = {name: ledger.curves.curve(name, "dev/error") for name in ours}
    return {
        **told,
        "answer": (folder / "said.json").read_text(),
        "visible_from_here": (seen / "project" / "playnote.toml").exists(),
        "outcomes": {trial.id: trial.outcome for trial in ledger.trials() if trial.id in ours},
        "ends": [[each["trial"], each["attempt"], each["outcome"]] for each in ends],
        "steps": {name: [] if curve is None else curve.steps.tolist() for name, curve in curves.items()},
        "damage": [str(each) for each in ledger.damage()],
    }
