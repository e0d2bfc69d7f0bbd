"""Starting trials: a warm worker beside a fresh process that imports torch, and 64 one-second trials on two workers.

    make peers && .venv/bin/python benchmarks/execution/start.py [TRIALS] [SECONDS]

The trials sleep, so that the figures say what the executor costs and not what the machine computes. Beside it: joblib
and Optuna's `n_jobs` (threads) in the environment of other tools' libraries, and Ray Tune where it starts there. The
first trial waits for the workers to import the training code (and torch); that is counted, as a user counts it; the
share without it stands beside. Printed: versions, milliseconds, and shares of the ideal.
"""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playnote.execution import Job, LocalExecutor, Started
from playnote.recorder import TrialCard
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial

HERE = Path(__file__).parents[2]
PEERS = HERE / ".venv-peers" / "bin" / "python"
CODE = """
import time
import torch
def train(trial):
    began = time.time()
    time.sleep({seconds})
    trial.log(1, {{"dev/error": 0.5, "began": began}})
"""
OTHERS = {
    "joblib": "import joblib, time\nbegin = time.perf_counter()\n"
    "joblib.Parallel(n_jobs=2)(joblib.delayed(time.sleep)({seconds}) for _ in range({trials}))\n"
    "print(time.perf_counter() - begin, joblib.__version__)",
    "optuna n_jobs": "import optuna, time\noptuna.logging.set_verbosity(optuna.logging.ERROR)\n"
    "def train(trial):\n    time.sleep({seconds})\n    return trial.suggest_float('lr', 0, 1)\n"
    "study = optuna.create_study(storage='sqlite:///o.db')\nbegin = time.perf_counter()\n"
    "study.optimize(train, n_trials={trials}, n_jobs=2)\nprint(time.perf_counter() - begin, optuna.__version__)",
    "ray tune": "import ray, time\nfrom ray import tune\n"
    "ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False, object_store_memory=80_000_000)\n"
    "def train(config):\n    time.sleep({seconds})\n    return {{'loss': config['lr']}}\n"
    "begin = time.perf_counter()\n"
    "tune.Tuner(train, param_space={{'lr': tune.uniform(0, 1)}}, tune_config=tune.TuneConfig(num_samples={trials}, reuse_actors=True),\n"
    "           run_config=tune.RunConfig(storage_path=__import__('os').getcwd(), verbose=0)).fit()\n"
    "print(time.perf_counter() - begin, ray.__version__)",
}


def jobs(folder: Path, count: int) -> list[Job]:
    """So many trials."""
    return [
        Job(
            trial=PlannedTrial(
                id=f"t{i}", study="s", round=0, purpose="search", configuration={"lr": 0.1}, seed=i, index=i
            ),
            card=TrialCard(id=f"t{i}", configuration={"lr": 0.1}, seed=i),
            folder=folder / f"t{i}",
        )
        for i in range(count)
    ]


def ours(trials: int, seconds: float, workers: int) -> tuple[float, float, list[float]]:
    """Seconds in all, seconds from the first start on, and the milliseconds between a trial's end and the next one's begin.

    The last only means something with one worker.
    """
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        (folder / "bench_training.py").write_text(CODE.format(seconds=seconds), encoding="utf-8")
        executor = LocalExecutor(workers)
        workflow = Workflow(function="bench_training:train", folder=str(folder))
        begin = time.perf_counter()
        first = None
        for event in executor.run(iter(jobs(folder, trials)), workflow):
            if isinstance(event, Started):
                first = first or time.perf_counter()
        end = time.perf_counter()
        executor.close()
        rows = [decode((folder / f"t{i}" / "attempt-1.jsonl").read_bytes()).records for i in range(trials)]
    began = [next(r["metrics"]["began"] for r in each if r.get("kind") == "log") for each in rows]  # type: ignore[index]
    gaps = [1000 * (later - earlier - seconds) for earlier, later in itertools.pairwise(began)]
    return end - begin, end - (first or begin), gaps


def other(name: str, trials: int, seconds: float) -> tuple[float, str] | None:
    """Seconds of another tool, and its version; None where it does not start here."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(PEERS), "-c", OTHERS[name].format(trials=trials, seconds=seconds)],
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "HOME": folder}, cwd=folder,
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
    words = (done.stdout.strip().splitlines() or [""])[-1].split()
    return (float(words[0]), words[1]) if done.returncode == 0 and len(words) == 2 else None


def main(trials: int = 64, seconds: float = 1.0) -> None:
    """Both measurements."""
    print(f"python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    fresh = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        fresh.append(1000 * (time.perf_counter() - begin))
    _, _, gaps = ours(20, 0.01, 1)
    warm = statistics.median(gaps)
    print(f"a warm worker begins a trial after {warm:.1f} ms, a fresh process that imports torch after "
          f"{statistics.median(fresh):,.0f} ms: {statistics.median(fresh) / warm:,.0f} x")  # fmt: skip
    ideal = trials * seconds / 2
    whole, ready, _ = ours(trials, seconds, 2)
    print(
        f"playnote, 2 workers    {whole:6.1f} s: {ideal / whole:.0%} of the ideal; {ideal / ready:.0%} once torch is in"
    )
    for name in OTHERS:
        found = other(name, trials, seconds)
        print(f"{name:<14} {found[1]:<7} {found[0]:6.1f} s: {ideal / found[0]:.0%}" if found else f"{name}: not here")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*(int(each) if at == 0 else float(each) for at, each in enumerate(sys.argv[1:])))
