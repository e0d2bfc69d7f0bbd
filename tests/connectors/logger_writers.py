"""Known trials in the formats of loggers and trackers, written by the formats alone."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from playnote.testing.known_trials import METRIC, KnownTrial

MLFLOW_TABLES = """
create table experiments (experiment_id integer primary key, name text, lifecycle_stage text);
create table runs (run_uuid text primary key, name text, status text, start_time integer, end_time integer,
                   lifecycle_stage text, experiment_id integer);
create table params (key text, value text, run_uuid text);
create table tags (key text, value text, run_uuid text);
create table metrics (key text, value real, timestamp integer, run_uuid text, step integer, is_nan boolean);
create table latest_metrics (key text, value real, timestamp integer, step integer, is_nan boolean, run_uuid text);
"""
TRACKIO_TABLES = """
create table metrics (id integer primary key autoincrement, run_id text not null, timestamp text not null,
                      run_name text not null, step integer not null, metrics text not null);
create table configs (id integer primary key autoincrement, run_id text not null, run_name text not null,
                      config text not null, created_at text not null, unique(run_id));
"""
LARGEST = 1.7976931348623157e308


def rows(trial: KnownTrial) -> list[tuple[int, dict[str, float]]]:
    """The readings step by step."""
    steps: dict[int, dict[str, float]] = {}
    for metric, series in trial.series.items():
        for step, value in series:
            steps.setdefault(step, {})[metric] = value
    return sorted(steps.items())


def mlflow_db(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "mlflow.db"
    base = sqlite3.connect(path)
    base.executescript(MLFLOW_TABLES)
    base.execute("insert into experiments values (0, 'Default', 'active'), (1, 'known', 'active')")
    for at, trial in enumerate(trials):
        run = f"{at:032x}"
        status = "FAILED" if trial.ends == "failed" else "FINISHED"
        base.execute("insert into runs values (?, ?, ?, ?, ?, 'active', 1)", (run, "", status, at * 10, at * 10 + 5))
        settings = {**trial.configuration, "seed": trial.seed}
        base.executemany("insert into params values (?, ?, ?)", [(k, str(v), run) for k, v in settings.items()])
        base.execute("insert into tags values ('mlflow.runName', ?, ?)", (trial.name, run))
        for metric, series in trial.series.items():
            kept = [(metric, *_kept(value), step, run) for step, value in series]
            base.executemany(
                "insert into metrics (key, value, is_nan, step, run_uuid, timestamp) values (?, ?, ?, ?, ?, 1)", kept
            )
            base.execute(
                "insert into latest_metrics (key, value, is_nan, step, run_uuid) values (?, ?, ?, ?, ?)", kept[-1]
            )
    base.commit()
    base.close()
    return path


def _kept(value: float) -> tuple[float, bool]:
    if math.isnan(value):
        return 0.0, True
    return (math.copysign(LARGEST, value) if math.isinf(value) else value), False


def mlflow_folder(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    experiment = folder / "mlruns" / "123"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text("experiment_id: '123'\nlifecycle_stage: active\nname: known\n")
    for at, trial in enumerate(trials):
        run = experiment / f"{at:032x}"
        for part in ("params", "metrics", "tags"):
            (run / part).mkdir(parents=True)
        status = 4 if trial.ends == "failed" else 3
        (run / "meta.yaml").write_text(
            f"end_time: {at * 10 + 5}\nlifecycle_stage: active\nrun_id: {run.name}\nrun_name: {trial.name}\n"
            f"start_time: {at * 10}\nstatus: {status}\ntags: []\nuser_id: root\n"
        )
        (run / "tags" / "mlflow.user").write_text("root")
        for name, value in {**trial.configuration, "seed": trial.seed}.items():
            place = run / "params" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(str(value), encoding="utf-8")
        for metric, series in trial.series.items():
            place = run / "metrics" / metric
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("".join(f"17 {value!r} {step}\n" for step, value in series), encoding="utf-8")
    return folder / "mlruns"


def trackio_db(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "known.db"
    base = sqlite3.connect(path)
    base.executescript(TRACKIO_TABLES)
    for at, trial in enumerate(trials):
        run = f"{at:032x}"
        config = json.dumps({**trial.configuration, "seed": trial.seed, "_Created": "2026-01-01", "_Group": None})
        base.execute(
            "insert into configs (run_id, run_name, config, created_at) values (?, ?, ?, '2026-01-01')",
            (run, trial.name, config.encode()),
        )
        for step, values in rows(trial):
            words = {metric: _word(value) for metric, value in values.items()}
            base.execute(
                "insert into metrics (run_id, timestamp, run_name, step, metrics) values (?, '2026', ?, ?, ?)",
                (run, trial.name, step, json.dumps(words).encode()),
            )
    base.commit()
    base.close()
    return path


def _word(value: float) -> float | str:
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def ray_folder(folder: Path, trials: Sequence[KnownTrial], *, table: bool = False) -> Path:
    root = folder / "exp"
    told = []
    for at, trial in enumerate(trials):
        place = root / f"train_{at:05d}_lr"
        place.mkdir(parents=True)
        settings = {**trial.configuration, "seed": trial.seed}
        (place / "params.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
        lines = [
            {
                **values,
                "training_iteration": step,
                "trial_id": trial.name,
                "done": step == 5,
                "pid": 1,
                "config": settings,
            }
            for step, values in rows(trial)
        ]
        (place / "result.json").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        if trial.ends == "failed":
            (place / "error.txt").write_text("Traceback: ValueError")
        status = "ERROR" if trial.ends == "failed" else "TERMINATED"
        told.append([json.dumps({"status": status, "relative_logdir": place.name, "trial_id": trial.name}), "{}"])
        (place / "params.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    state = {"trial_data": told, "runner_data": {"_metric": METRIC}, "stats": {}}
    (root / "experiment_state-2026-01-01_00-00-00.json").write_text(json.dumps(state))
    return root


def trainer_folder(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    root = folder / "out"
    for trial in trials:
        history = [
            {**{_key(metric): value for metric, value in values.items()}, "step": step} for step, values in rows(trial)
        ]
        last = history[-1]["step"]
        state = {
            "global_step": last,
            "max_steps": last,
            "best_metric": None,
            "log_history": history,
            "trial_name": trial.name,
            "trial_params": {**trial.configuration, "seed": trial.seed},
        }
        for step in (0, last):
            place = root / trial.name / f"checkpoint-{step}"
            place.mkdir(parents=True, exist_ok=True)
            kept = history if step == last else history[:1]
            form = {**state, "global_step": step, "log_history": kept}
            (place / "trainer_state.json").write_text(json.dumps(form, indent=2), encoding="utf-8")
    return root


def _key(metric: str) -> str:
    return "eval_error" if metric == METRIC else metric.removeprefix("train/")


def lightning_folder(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    root = folder / "logs"
    for at, trial in enumerate(trials):
        place = root / "known" / f"version_{at}"
        place.mkdir(parents=True)
        names = list(trial.series)
        with (place / "metrics.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["epoch", *names, "step"])
            table.writeheader()
            for step, values in rows(trial):
                # Every series is logged on a row of its own, as Lightning does between hooks.
                table.writerows(
                    {"epoch": step // 2, "step": step, name: values[name]} for name in names if name in values
                )
        settings = {**trial.configuration, "seed": trial.seed}
        lines = [f"{_quoted(name)}: {_yaml(value)}\n" for name, value in settings.items()]
        (place / "hparams.yaml").write_text("".join(lines), encoding="utf-8")
    return root


def _quoted(text: str) -> str:
    return json.dumps(text)


def _yaml(value: object) -> str:
    return json.dumps(value) if isinstance(value, str | bool) else repr(value)


def keras_folder(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    root = folder / "keras"
    root.mkdir()
    for trial in trials:
        names = list(trial.series)
        with (root / f"{trial.name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["epoch", *names])
            table.writerows([step, *(values.get(name, "NA") for name in names)] for step, values in rows(trial))
    return root


def wide_table(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "trials.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["trial", "state", METRIC, "seed", *trials[0].configuration])
        for trial in trials:
            score = (
                ""
                if trial.ends == "failed"
                else trial.score
                if trial.score is not None
                else trial.series[METRIC][-1][1]
            )
            state = "FAIL" if trial.ends == "failed" else "COMPLETE"
            table.writerow([trial.name, state, score, trial.seed, *trial.configuration.values()])
    return path


def readings_table(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "readings.jsonl"
    lines = [
        {"trial": trial.name, "state": trial.ends, "step": step, **values, "seed": trial.seed, **trial.configuration}
        for trial in trials
        for step, values in rows(trial)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def long_table(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "long.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["run", "step", "metric", "value", "status", "seed", *trials[0].configuration])
        for trial in trials:
            more = [trial.ends, trial.seed, *trial.configuration.values()]
            table.writerows(
                [trial.name, step, metric, repr(value), *more]
                for metric, series in trial.series.items()
                for step, value in series
            )
    return path
