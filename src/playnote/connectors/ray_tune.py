"""A Ray Tune result folder: one folder a trial with params.json, result.json or progress.csv, and error files.

Reported rows are the stable part; of the experiment's state file only the metric's name and each trial's status are
taken. Pickles beside them are never opened. A trial that reported less often than the longest one was stopped by a
scheduler or a stopping rule: it is censored at its last reading.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import flat
from playnote.connectors.left_out import counted, links_left
from playnote.connectors.recognise import files_under
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, moment, number
from playnote.records.curves import Curve
from playnote.records.trial import Outcome
from playnote.text import Text

# What Ray adds to every row.
_BOOKKEEPING = frozenset(
    {"timestamp", "checkpoint_dir_name", "done", "training_iteration", "trial_id", "date", "time_this_iter_s"}
    | {"time_total_s", "pid", "hostname", "node_ip", "config", "time_since_restore", "iterations_since_restore"}
    | {"experiment_tag", "should_checkpoint", "timesteps_total", "episodes_total", "warmup_time", "experiment_id"}
    | {"timesteps_since_restore"}
)
_NAMES = 2_000_000
_DEEP = 8
_TABLE = 1 << 27  # characters of one csv cell
_STATUSES: dict[str, Outcome | None] = {"TERMINATED": "ok", "ERROR": "failed"}
_NO_TRIAL = Text(en="no trial's params.json or result.json is in it.", zh="里面没有试验的 params.json 或 result.json。")
_GIVE = Text(en="Give the experiment's folder, with a folder a trial.", zh="请给实验文件夹（每个试验一个子文件夹）。")
_TORN = Text(en="{n} lines of results are torn and were skipped.", zh="有 {n} 行结果不完整，已跳过。")
_UNSET = Text(
    en="{n} trials have no readable params.json: their settings are those of the reported rows, if any.",
    zh="有 {n} 个试验的 params.json 读不了：设置取自上报的结果（如果有）。",
)
_NO_STATE = Text(
    en="The experiment's state file is absent or damaged: a trial counts as complete where its last row says done.",
    zh="实验的状态文件缺失或损坏：最后一行写着 done 的试验才算跑完。",
)
_STOPPED = Text(
    en="{n} trials reported less often than the longest one ({most} times): taken as stopped early, so censored.",
    zh="有 {n} 个试验的上报次数比最多的（{most} 次）少：当作提前停掉，按截尾处理。",
)


def read_ray_tune(path: Path | str, wanted: Wanted) -> Imported:
    """The trials of an experiment's folder, whether or not its state file is there."""
    root = Path(path)
    root = root if root.is_dir() else root.parent
    links: list[Path] = []
    folders = _folders(root, links)
    if not folders:
        raise unreadable(str(path), _NO_TRIAL, _GIVE)
    metric, statuses, whole = _state(root)
    pairs = [_run(folder, files, root, statuses) for folder, files in folders.items()]
    runs, censored, most = _censored([run for run, _ in pairs])
    torn, unset = sum(torn for _, torn in pairs), sum(_settings(files) is None for files in folders.values())
    notes = [*counted(_TORN, torn), *counted(_UNSET, unset), *counted(_STOPPED, censored, most=most)]
    notes += links_left(links) if whole else [*links_left(links), _NO_STATE]
    known = {name for run in runs for name in run.curves}
    return imported_runs(
        runs,
        wanted,
        origin="ray",
        where=str(path),
        name=root.name,
        metric=metric if metric in known else None,
        left_out=notes,
    )


def _folders(root: Path, links: list[Path]) -> dict[Path, dict[str, Path]]:
    """Files of each trial's folder by name, in order of name."""
    found: dict[Path, dict[str, Path]] = {}
    for file in files_under(root, _NAMES, _DEEP, links):
        if file.name in ("params.json", "result.json", "progress.csv", "error.txt"):
            found.setdefault(file.parent, {})[file.name] = file
    trials = {folder: files for folder, files in found.items() if files.keys() & {"params.json", "result.json"}}
    return dict(sorted(trials.items(), key=lambda each: str(each[0])))


def _state(root: Path) -> tuple[str | None, dict[str, str], bool]:
    """The tuned metric's name, each trial's status by folder, and whether the newest state file could be read."""
    files = sorted(root.glob("experiment_state-*.json"))
    if not files:
        return None, {}, False
    state = _json(files[-1].read_text(encoding="utf-8", errors="replace"))
    runner = state.get("runner_data")
    metric = runner.get("_metric") if isinstance(runner, dict) else None
    statuses = {}
    for pair in state.get("trial_data") or ():
        trial = _json(pair[0]) if isinstance(pair, list) and pair and isinstance(pair[0], str) else {}
        statuses[str(trial.get("relative_logdir"))] = str(trial.get("status"))
    return metric if isinstance(metric, str) else None, statuses, bool(state)


def _run(folder: Path, files: Mapping[str, Path], root: Path, statuses: Mapping[str, str]) -> tuple[Run, int]:
    rows, torn = _rows(files)
    reported = rows[-1].get("config") if rows else None
    settings = _settings(files) or (reported if isinstance(reported, dict) else {})
    curves = gathered(_reports(rows))
    status = statuses.get(folder.relative_to(root).as_posix(), statuses.get(folder.name))
    last = rows[-1] if rows else {}
    name = str(last.get("trial_id") or folder.name)
    ended = number(last.get("timestamp"))
    return (
        Run(
            name=name,
            configuration=flat(settings),
            curves=curves,
            outcome=_outcome(files, status, rows),
            seconds=number(last.get("time_total_s")),
            ended=moment(ended),
            facts={"folder": folder.name},
        ),
        torn,
    )


def _outcome(files: Mapping[str, Path], status: str | None, rows: Sequence[Mapping[str, Any]]) -> Outcome | None:
    if "error.txt" in files:
        return "failed"
    if status is not None:
        return _STATUSES.get(status)
    # Without the state file only a last row marked as done tells a finished trial from one that was cut off.
    return "ok" if rows and rows[-1].get("done") in (True, "True") else None


def _rows(files: Mapping[str, Path]) -> tuple[list[dict[str, Any]], int]:
    """Reported rows, and how many lines could not be read."""
    if "result.json" in files and files["result.json"].stat().st_size:
        text = files["result.json"].read_text(encoding="utf-8", errors="replace")
        lines = [line for line in text.split("\n") if line.strip()]
        rows = [row for row in map(_json, lines) if row]
        return rows, len(lines) - len(rows)
    if "progress.csv" in files:
        csv.field_size_limit(_TABLE)
        with files["progress.csv"].open(encoding="utf-8", errors="replace", newline="") as table:
            try:
                return [{str(k): v for k, v in row.items()} for row in csv.DictReader(table)], 0
            except csv.Error:
                return [], 1
    return [], 0


def _settings(files: Mapping[str, Path]) -> dict[str, Any] | None:
    """What was set; None where the file is damaged or absent."""
    if "params.json" not in files:
        return None
    text = files["params.json"].read_text(encoding="utf-8", errors="replace")
    return _json(text) or ({} if text.strip() == "{}" else None)


def _reports(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, Mapping[str, object]]]:
    for at, row in enumerate(rows):
        step = number(row.get("training_iteration"))
        inside = {key: value for key, value in row.items() if key not in _BOOKKEEPING}
        yield float(at + 1) if step is None else step, _joined(inside)


def _joined(row: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """Nested results under one name each, joined by "/" as Ray names them."""
    found: dict[str, object] = {}
    for key, value in row.items():
        found |= _joined(value, f"{above}{key}/") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def _censored(runs: Sequence[Run]) -> tuple[list[Run], int, int]:
    """Complete trials that reported less often than the longest one become pruned."""
    lengths = [_length(run.curves) for run in runs]
    most = max((n for n, run in zip(lengths, runs, strict=True) if run.outcome == "ok"), default=0)
    short = [run.outcome == "ok" and n < most for n, run in zip(lengths, runs, strict=True)]
    found = [replace(run, outcome="pruned") if cut else run for run, cut in zip(runs, short, strict=True)]
    return found, sum(short), most


def _length(curves: Mapping[str, Curve]) -> int:
    return max((int(curve.steps[-1]) for curve in curves.values() if len(curve)), default=0)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


__all__ = ["read_ray_tune"]
