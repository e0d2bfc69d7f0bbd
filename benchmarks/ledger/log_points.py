"""Durable logging: points a second through `trial.log` and through other tools, each in turns in the same run.

    make peers && .venv/bin/python benchmarks/ledger/log_points.py [TURNS]

A point is one value of one metric at one step; each tool logs four metrics a step the way its own documentation does
it, and the clock stops when everything has been handed to the disk (flush, close, finish). Optuna's `report` takes one
value a step. How many points each gets is chosen so that it takes about a second. Each turn is a process of its own;
imports and the making of a run are not timed. Printed: versions, points a second of wall time and of CPU time (the median;
the second is what a busy machine leaves comparable), and how many times as fast `trial.log` is.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[2]
PEERS = HERE / ".venv-peers" / "bin" / "python"
START = "import sys, time, os\nfolder, points = sys.argv[1], int(sys.argv[2])\n"
ROWS = """
rows = [(step, {"train/loss": 1 / (1 + step), "dev/error": 0.5 / (1 + step), "lr": 0.1, "grad_norm": 1.5 + 1e-3 * step})
        for step in range(points // 4)]
begin, cpu = time.perf_counter(), time.process_time()
"""
END = "\nprint(points / (time.perf_counter() - begin), points / (time.process_time() - cpu), "
TOOLS = {
    "playnote": (
        400_000,
        "from pathlib import Path\nfrom playnote.recorder import TrialCard, trial_in, write_card\n"
        "write_card(Path(folder), TrialCard(id='t', watch=('dev/error',)))\n" + ROWS + "\n"
        "with trial_in(Path(folder)) as trial:\n    for step, row in rows:\n        trial.log(step, row)\n" + END + "'')",
    ),
    "tensorboard": (
        20_000,
        "import tensorboard\nfrom torch.utils.tensorboard import SummaryWriter\nwriter = SummaryWriter(folder)\n" + ROWS + "\n"
        "for step, row in rows:\n    for name, value in row.items():\n        writer.add_scalar(name, value, step)\n"
        "writer.close()\n" + END + "tensorboard.__version__)",
    ),
    "trackio": (
        20_000,
        "os.environ['TRACKIO_DIR'] = folder\nimport trackio\n"
        "trackio.init(project='bench', name='run', embed=False)\n" + ROWS + "\n"
        "for step, row in rows:\n    trackio.log(row, step=step)\ntrackio.finish()\n" + END + "trackio.__version__)",
    ),
    "mlflow": (
        120,
        "import mlflow\nmlflow.set_tracking_uri('sqlite:///' + folder + '/mlflow.db')\nmlflow.start_run()\n"
        "mlflow.log_metric('warm', 1.0)\n" + ROWS + "\n"
        "for step, row in rows:\n    for name, value in row.items():\n        mlflow.log_metric(name, value, step=step)\n"
        + END + "mlflow.__version__)",
    ),
    "optuna": (
        120,
        "import optuna\noptuna.logging.set_verbosity(optuna.logging.ERROR)\n"
        "study = optuna.create_study(storage='sqlite:///' + folder + '/optuna.db')\ntrial = study.ask()\n"
        "begin, cpu = time.perf_counter(), time.process_time()\nfor step in range(points):\n    trial.report(1 / (1 + step), step)\n"
        + END + "optuna.__version__)",
    ),
}  # fmt: skip


def turn(tool: str) -> tuple[float, float, str]:
    """Points a second of one tool, of wall time and of CPU time, and its version."""
    points, script = TOOLS[tool]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    environment = {**os.environ, **quiet, "PYTHONPATH": str(HERE / "src")}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(PEERS), "-c", START + script, folder, str(points)],
            env={**environment, "HOME": folder}, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{tool}: {done.stderr[-2000:]}")
    rate, of_cpu, *named = done.stdout.strip().splitlines()[-1].split()
    return float(rate), float(of_cpu), named[0] if named else ""


def main(turns: int = 3) -> None:
    """Every tool in turns; the table."""
    rates: dict[str, list[tuple[float, float]]] = {tool: [] for tool in TOOLS}
    versions = {}
    print(f"python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}, {turns} turns")
    for _ in range(turns):
        for tool in TOOLS:
            *rate, versions[tool] = turn(tool)
            rates[tool].append((rate[0], rate[1]))
    middle = {tool: [statistics.median(each[k] for each in found) for k in (0, 1)] for tool, found in rates.items()}
    print("                          of wall time              of CPU time, all threads")
    for tool, (wall, cpu) in middle.items():
        ours = middle["playnote"]
        print(f"{tool:<12} {versions[tool]:<8} {wall:>10,.0f} points/s {ours[0] / wall:>8,.1f} x "
              f"{cpu:>12,.0f} points/s {ours[1] / cpu:>8,.1f} x")  # fmt: skip
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
