"""Reading curves back: points a second from the ledger and from other tools' stores, in turns in the same run.

    make peers && .venv/bin/python benchmarks/ledger/read_back.py [TRIALS] [TURNS]

TRIALS trials (default 1,000) x 1,000 points for everyone. Each store is written by its own library in the largest
pieces that it takes; Optuna's, which takes a second a trial so, by SQL into the schema that it makes, after a check that
the rows are those that its library writes. Writing takes minutes: the other tools' stores are kept in the folder for
temporary files and used again while their versions stay. Each turn is a process of its own; imports are not timed,
opening the store is. Of MLflow's full store every tenth run is read, for it takes minutes: each run is one query.
Printed: versions, points a second (median, lowest and highest of the turns), how many times as
fast the ledger is as the fastest of the others, and bytes a point of the ledger's cache and of its bundled logs.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[2]
PEERS = HERE / ".venv-peers" / "bin" / "python"
POINTS = 1_000
READ_OF = {"mlflow": 10}  # one run in so many is read back
START = "import sys, time, os\nfolder, trials, points = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])\n"
TIMED = "\nbegin = time.perf_counter()\n"
END = "\nprint(seen / (time.perf_counter() - begin), seen, "
OPEN = "from pathlib import Path\nfrom playnote.ledger import Ledger\nhome = Path(folder) / '.playnote'\n"
WRITE = {
    "playnote": OPEN
    + """
from playnote.testing.ledgers import plan, planned
from playnote.recorder.lines import encode, encode_metrics
rows = [b"".join(encode_metrics(s, 1.7e9 + s, {"dev/error": 1 / (s + k + 1.37)}) for s in range(points)) for k in range(20)]
with Ledger.write(home, "bench") as ledger:
    plan(ledger, *range(trials))
    for i in range(trials):
        trial = planned(i).id
        place = ledger.paths.attempt(trial, 1)
        place.parent.mkdir(parents=True)
        place.write_bytes(encode({"kind": "opened", "format": 1, "trial": trial, "attempt": 1}) + rows[i % 20])
        ledger.append("attempt-started", {"trial": trial, "attempt": 1})
        ledger.append("attempt-ended", {"trial": trial, "attempt": 1, "outcome": "ok", "seconds": 1.0})
    ledger.rebuild()
with Ledger.write(home, "bench") as ledger:  # closed and opened again: nothing waits in SQLite's log
    cache = (home / "ledger.db").stat().st_size
    ledger.append("round-closed", {"round": 0, "decision": "bench"})
    ledger.bundle(0)
print(cache / (trials * points), sum(p.stat().st_size for p in (home / "bundles").glob("*")) / (trials * points))
""",
    "tensorboard": """
from torch.utils.tensorboard import SummaryWriter
for i in range(trials):
    with SummaryWriter(f"{folder}/{i}") as writer:
        for step in range(points):
            writer.add_scalar("dev/error", 1 / (step + 1.37), step)
""",
    "trackio": """
os.environ["TRACKIO_DIR"] = folder
from trackio.sqlite_storage import SQLiteStorage
for i in range(trials):
    rows = [{"dev/error": 1 / (step + 1.37)} for step in range(points)]
    SQLiteStorage.bulk_log("bench", f"run{i}", rows, list(range(points)))
""",
    "mlflow": """
import mlflow
from mlflow.entities import Metric
client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow.db")
experiment = client.create_experiment("bench")
runs = [client.create_run(experiment).info.run_id for _ in range(trials)]
for run in runs:
    client.log_batch(run, metrics=[Metric("dev/error", 1 / (step + 1.37), step, step) for step in range(points)])
open(f"{folder}/runs", "w").write(" ".join(runs))
""",
    "optuna": """
import optuna, sqlite3
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(study_name="bench", storage=f"sqlite:///{folder}/optuna.db")
readings = {step: 1 / (step + 1.37) for step in range(points)}
lr = {"lr": optuna.distributions.FloatDistribution(0, 1)}
study.add_trial(optuna.trial.create_trial(value=0.1, params={"lr": 0.1}, distributions=lr, intermediate_values=readings))
study.add_trials([
    optuna.trial.create_trial(value=0.1, params={"lr": 0.1}, distributions=lr) for _ in range(trials - 1)
])
disk = sqlite3.connect(f"{folder}/optuna.db")
first, *others = [number for (number,) in disk.execute("select trial_id from trials order by trial_id")]
put = ("insert into trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
       " values (?, ?, ?, 'FINITE')")
disk.executemany(put, ((trial, step, value) for trial in others for step, value in readings.items()))
rows = [disk.execute("select step, intermediate_value, intermediate_value_type from trial_intermediate_values"
                     " where trial_id = ? order by step", (trial,)).fetchall() for trial in (first, others[-1])]
assert rows[0] == rows[1] and len(rows[0]) == points, "SQL writes other rows than the library"
disk.commit()
""",
}
READ = {
    "playnote": OPEN
    + TIMED
    + "ledger = Ledger.open(home)\nseen = sum(len(ledger.curves.curve(t.id, 'dev/error')) for t in ledger.trials())"
    + END
    + "'')",
    "tensorboard": "import tensorboard\nfrom tensorboard.backend.event_processing.event_accumulator import "
    "EventAccumulator\n" + TIMED + "seen = 0\nfor i in range(trials):\n"
    "    reader = EventAccumulator(f'{folder}/{i}', size_guidance={'scalars': 0})\n    reader.Reload()\n"
    "    seen += len(reader.Scalars('dev/error'))" + END + "tensorboard.__version__)",
    # By the runs' own ids: asked by name, it looks through the whole table for each.
    "trackio": "os.environ['TRACKIO_DIR'] = folder\nimport trackio\nfrom trackio.sqlite_storage import SQLiteStorage\n"
    + TIMED + "runs = SQLiteStorage.get_run_records('bench')\n"
    "seen = sum(len(SQLiteStorage.get_logs('bench', run['name'], run_id=run['id'])) for run in runs)" + END
    + "trackio.__version__)",
    "mlflow": "import mlflow\nruns = open(f'{folder}/runs').read().split()[::10]\n" + TIMED
    + "client = mlflow.MlflowClient(tracking_uri=f'sqlite:///{folder}/mlflow.db')\n"
    "seen = sum(len(client.get_metric_history(run, 'dev/error')) for run in runs)" + END + "mlflow.__version__)",
    "optuna": "import optuna\noptuna.logging.set_verbosity(optuna.logging.ERROR)\n" + TIMED
    + "study = optuna.load_study(study_name='bench', storage=f'sqlite:///{folder}/optuna.db')\n"
    "seen = sum(len(t.intermediate_values) for t in study.get_trials(deepcopy=False))" + END + "optuna.__version__)",
}  # fmt: skip


def run(script: str, folder: str, trials: int) -> list[str]:
    """What a script prints last, as words."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [str(PEERS), "-c", START + script, folder, str(trials), str(POINTS)],
        env={**os.environ, **quiet, "PYTHONPATH": str(HERE / "src"), "HOME": folder},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return (done.stdout.strip().splitlines() or [""])[-1].split()


def installed() -> dict[str, str]:
    """Versions of the other tools, without importing them."""
    names = [tool for tool in READ if tool != "playnote"]
    asked = (
        f"import json\nfrom importlib.metadata import version\nprint(json.dumps({{n: version(n) for n in {names}}}))"
    )
    done = subprocess.run([str(PEERS), "-c", asked], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def written(tool: str, version: str, place: Path, trials: int) -> list[str]:
    """Write a store; one that is there from the same version of the same script is left. What its script said."""
    marker, sign = place / "written.json", [version, WRITE[tool], trials, POINTS]
    if tool != "playnote" and marker.exists() and json.loads(marker.read_text()) == sign:
        return []
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    begin = time.perf_counter()
    said = run(WRITE[tool], str(place), trials)
    marker.write_text(json.dumps(sign))
    print(f"{tool:<12} written in {time.perf_counter() - begin:.0f} s", flush=True)
    return said


def main(trials: int = 1_000, turns: int = 3) -> None:
    """Write every store once, read each in turns; the table."""
    print(
        f"python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}, {turns} turns, {trials} x {POINTS} points each"
    )
    rates: dict[str, list[float]] = {tool: [] for tool in READ}
    versions = {"playnote": "", **installed()}
    base = Path(tempfile.gettempdir(), f"playnote-read-back-{trials}")
    print(f"the other tools' stores stay in {base}; it may be deleted")
    for tool in READ:
        said = written(tool, versions[tool], base / tool, trials)
        if tool == "playnote":
            print(f"bytes a point: cache {float(said[0]):.2f}, bundled logs {float(said[1]):.2f}")
    for _ in range(turns):
        for tool in READ:
            rate, seen, *_ = run(READ[tool], str(base / tool), trials)
            if int(seen) != len(range(0, trials, READ_OF.get(tool, 1))) * POINTS:
                raise SystemExit(f"{tool} gave back {seen} points")
            rates[tool].append(float(rate))
    middle = {tool: statistics.median(found) for tool, found in rates.items()}
    for tool, found in rates.items():
        print(f"{tool:<12} {versions[tool]:<8} {middle[tool]:>12,.0f} points/s ({min(found):,.0f} to {max(found):,.0f})"
              f"   {middle['playnote'] / middle[tool]:>8,.1f} x")  # fmt: skip
    fastest = max((tool for tool in rates if tool != "playnote"), key=lambda tool: middle[tool])
    ratio = middle["playnote"] / middle[fastest]
    print(f"against the fastest of them ({fastest}): {ratio:.1f} x; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
