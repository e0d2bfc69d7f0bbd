"""An Optuna SQLite study: `playnote review` whole, and `optuna.load_study(...).trials` alone, in turns on the same file.

    .venv/bin/python benchmarks/connectors/optuna_review.py [TRIALS] [READINGS] [TURNS]

Each turn is a process of its own; imports are not timed. The file is written row by row into the schema that Optuna
makes, so that a million readings take seconds and not an hour. Printed: versions, the median of each, and the ratio.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MAKE = """
import sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(study_name="net", storage="sqlite:///" + sys.argv[1])
def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    return abs(lr - 1e-3) + trial.suggest_float("decay", 1e-6, 1e-2, log=True)
study.optimize(objective, n_trials=int(sys.argv[2]))
"""
THEIRS = """
import sys, time, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
start = time.perf_counter()
trials = [t for t in optuna.load_study(study_name="net", storage="sqlite:///" + sys.argv[1]).trials]
print(time.perf_counter() - start, len(trials), "optuna", optuna.__version__)
"""
OURS = """
import sys, time
from importlib.metadata import version
from playnote.service.review import review
start = time.perf_counter()
found = review(sys.argv[1])
print(time.perf_counter() - start, len(found.imported.state.trials), "playnote", version("playnote"))
"""


def run(script: str, *arguments: str) -> list[str]:
    """What a script prints, as words."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.split()


def write_readings(path: Path, readings: int) -> None:
    """Falling curves that end at the trial's value."""
    with sqlite3.connect(path) as disk:
        values = disk.execute("select trial_id, value from trial_values").fetchall()
        disk.executemany(
            "insert into trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
            " values (?, ?, ?, 'FINITE')",
            (
                (trial, step, value + 1 / step - 1 / readings)
                for trial, value in values
                for step in range(1, readings + 1)
            ),
        )


def main() -> None:
    """Prints medians and their ratio."""
    trials, readings, turns = (
        int(sys.argv[at]) if len(sys.argv) > at else n for at, n in ((1, 1000), (2, 1000), (3, 3))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.db"
        run(MAKE, str(path), str(trials))
        write_readings(path, readings)
        seconds: dict[str, list[float]] = {}
        for _ in range(turns):
            for script in (OURS, THEIRS):
                took, count, *name = run(script, str(path))
                assert int(count) == trials, f"{name}: {count} of {trials} trials"
                seconds.setdefault(" ".join(name), []).append(float(took))
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    for name, each in seconds.items():
        print(f"{name:20} median {medians[name]:7.2f} s   ({min(each):.2f} to {max(each):.2f}, {turns} turns)")
    ours, theirs = medians.values()
    print(f"{trials} trials x {readings} readings: {theirs / ours:.1f} times as fast")


if __name__ == "__main__":
    main()
