"""A ledger of 10,000 trials x 1,000 points: how long `check` and `report` take, and how much memory.

    .venv/bin/python benchmarks/ledger/large.py [TRIALS] [POINTS] [FOLDER]

The logs are written from 50 patterns, as bytes, so that making ten million points takes a minute and not an hour; the
cache is built once by `rebuild`, as a round would have built it while it ran. Each command is a process of its own.
About 1 GB of disk, removed at the end. Printed: seconds, peak of resident memory, and the load of the machine.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_objective, dump_planned, dump_round
from playnote.projectfile.read import read_project
from playnote.recorder.lines import encode, encode_metrics
from playnote.records.round import PlannedTrial, Round, Study

PROJECT = """
[project]
name = "large"
goal = "Show that a large record answers"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.002

[splits]
train = { source = "made" }
dev = { source = "made" }

[workflow]
function = "train:train"
max_train_steps = 1000
evaluate_every = 1

[hyperparameters]
lr = { low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }
dropout = { low = 0.0, high = 0.6, natural_low = 0.0, group = "regularization" }

[baseline]
lr = 0.1
dropout = 0.0
"""
PATTERNS = 50


def planned_of(count: int) -> list[PlannedTrial]:
    """Two studies of the same points, and three runs of the baseline."""
    import numpy as np

    rng = np.random.default_rng(7)
    lr = 10 ** rng.uniform(-4, 0, count // 2)
    trials = [
        PlannedTrial(
            id=f"t{i:05d}",
            study=f"s{i % 2}",
            round=1,
            purpose="search",
            configuration={"lr": float(lr[i // 2 % len(lr)]), "dropout": 0.2 * (i % 2)},
            seed=i,
            index=i // 2,
        )
        for i in range(count)
    ]
    base = [
        PlannedTrial(
            id=f"b{i}",
            study="baseline",
            round=0,
            purpose="baseline",
            configuration={"lr": 0.1, "dropout": 0.0},
            seed=i,
            index=i,
        )
        for i in range(3)
    ]
    return [*base, *trials]


def pattern(number: int, points: int) -> bytes:
    """The rows of one log: a falling curve with noise."""
    import numpy as np

    rng = np.random.default_rng(number)
    steps = np.arange(1, points + 1)
    values = 0.1 + 0.01 * number / PATTERNS + 0.5 / steps + 0.003 * rng.standard_normal(points)
    rows = zip(steps.tolist(), values.tolist(), strict=True)
    return b"".join(encode_metrics(step, 1.7e9 + step, {"dev/error": value}) for step, value in rows)


def write(folder: Path, count: int, points: int) -> None:
    """The project and its ledger, every trial ended well."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text("def train(trial): ...\n", encoding="utf-8")
    project = read_project(folder / "playnote.toml")
    planned = planned_of(count)
    patterns = [pattern(number, points) for number in range(PATTERNS)]
    studies = tuple(
        Study(name=f"s{k}", scientific={"dropout": 0.2 * k}, planned=tuple(p for p in planned if p.study == f"s{k}"))
        for k in (0, 1)
    )
    round_ = Round(
        number=1, question="Does dropout help?", roles={"lr": "nuisance", "dropout": "scientific"},
        scientific={"dropout": (0.0, 0.2)}, space=project.space.only(("lr",)), fixed={}, studies=studies,
        sampler="quasi-random", seed=7, base=project.baseline,
    )  # fmt: skip
    with Ledger.write(folder / ".playnote", "bench") as ledger:
        ledger.append("objective", {"objective": dump_objective(project.objective)})
        ledger.append("trial-planned", {"trials": [dump_planned(p) for p in planned if p.round == 0]})
        ledger.append("round-opened", {"round": dump_round(round_)})
        for i, trial in enumerate(planned):
            place = ledger.paths.attempt(trial.id, 1)
            place.parent.mkdir(parents=True)
            opening = {"kind": "opened", "format": 1, "trial": trial.id, "attempt": 1, "pid": 1, "host": "bench"}
            place.write_bytes(encode(opening) + patterns[i % PATTERNS] + encode({"kind": "closed"}))
        for trial in planned:
            ledger.append("attempt-started", {"trial": trial.id, "attempt": 1})
            ledger.append(
                "attempt-ended", {"trial": trial.id, "attempt": 1, "outcome": "ok", "seconds": 60.0, "retry": False}
            )


def timed(folder: Path, *words: str) -> str:
    """One command in a process of its own: seconds, peak memory in GiB, exit code."""
    before = time.perf_counter()
    done = subprocess.Popen(
        [str(Path(sys.executable).parent / "playnote"), *words, "--project", str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, status, usage = os.wait4(done.pid, 0)
    said = done.stderr.read().decode()[-300:] if done.stderr else ""
    seconds = time.perf_counter() - before
    cpu = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    wrong = f"  {said}" if code not in (0, 3) else ""
    return f"{seconds:6.1f} s ({cpu:.1f} s of CPU), peak {usage.ru_maxrss / 2**20:.2f} GiB, exit {code}{wrong}"


def size(folder: Path) -> float:
    """MB on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main(trials: int = 10_000, points: int = 1_000, folder: str | None = None) -> None:
    """Make it, ask it, remove it."""
    place = Path(folder or tempfile.mkdtemp()) / "large"
    print(f"playnote {version('playnote')}, {trials} trials x {points} points, load {os.getloadavg()[0]:.1f}")
    try:
        begun = time.perf_counter()
        write(place, trials, points)
        print(f"written      {time.perf_counter() - begun:6.1f} s, {size(place):.0f} MB")
        print(f"rebuild      {timed(place, 'rebuild')}")
        print(
            f"cache        {(place / '.playnote' / 'ledger.db').stat().st_size / (trials * points):.1f} bytes a point"
        )
        for words in (("check",), ("report", "--round", "1")):
            print(f"{words[0]:<12} {timed(place, *words)}")
        print(f"load {os.getloadavg()[0]:.1f}; this process peaked at "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")  # fmt: skip
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(int(each) for each in given[:2]), *given[2:])
