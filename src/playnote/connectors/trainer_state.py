"""What the Hugging Face Trainer saves: `trainer_state.json`, in a run's folder or in its checkpoints.

Of a run's several states the newest counts. Series are named as the Trainer names them for TensorBoard: `eval_loss` is
eval/loss, `loss` is train/loss. Which way is better shows where every run's recorded best is the largest (or the
smallest) of one evaluated series and not also the other; the saved arguments are a pickle and stay closed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import RUN, flat
from playnote.connectors.left_out import counted, links_left
from playnote.connectors.recognise import files_under
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, number
from playnote.records.curves import Curve
from playnote.records.objective import Direction
from playnote.text import Text

NAME = "trainer_state.json"
_NAMES = 2_000_000
_SETTINGS = ("train_batch_size", "num_train_epochs", "max_steps")
_NO_STATE = Text(en="no trainer_state.json in it can be read.", zh="里面没有能读的 trainer_state.json。")
_GIVE = Text(
    en="Give the output folder of a run, or a folder of such folders.",
    zh="请给训练的输出文件夹，或者它们的上级文件夹。",
)
_DAMAGED = Text(en="{n} state files are damaged and were skipped.", zh="有 {n} 个状态文件已损坏，已跳过。")
_ARGUMENTS = Text(
    en="The training arguments are saved as a pickle, which is never opened: settings are those of the search, if any.",
    zh="训练参数存成了 pickle，这种文件从不打开：能看到的设置只有超参搜索记下的那些。",
)


def read_trainer_state(path: Path | str, wanted: Wanted) -> Imported:
    """One run a folder; a file, a run's folder or a folder of runs."""
    place = Path(path)
    links: list[Path] = []
    states, damaged = _states(place, links)
    if not states:
        raise unreadable(str(path), _NO_STATE, _GIVE)
    root = place if place.is_dir() else place.parent
    runs = [_run(_called(folder, root), state) for folder, state in states.items()]
    metric, direction = _best(runs, states.values())
    notes = [_ARGUMENTS, *counted(_DAMAGED, damaged), *links_left(links)]
    asked = wanted.metric
    known = {name for run in runs for name in run.curves}
    if asked is not None and asked not in known and renamed(asked) in known:
        wanted = replace(wanted, metric=renamed(asked))
    recorded = direction if wanted.metric in (None, metric) else None
    return imported_runs(
        runs,
        wanted,
        origin="transformers",
        where=str(path),
        name=root.resolve().name,
        metric=metric,
        direction=recorded,
        left_out=notes,
    )


def renamed(name: str) -> str:
    """A key of the log as the Trainer's own TensorBoard callback names it."""
    for start, split in (("eval_", "eval"), ("test_", "test"), ("predict_", "predict")):
        if name.startswith(start):
            return f"{split}/{name.removeprefix(start)}"
    return f"train/{name}"


def _states(place: Path, links: list[Path]) -> tuple[dict[Path, dict[str, Any]], int]:
    """The newest state of each run, by the run's folder, and how many files could not be read."""
    files = [place] if place.is_file() else [f for f in files_under(place, _NAMES, 8, links) if f.name == NAME]
    found: dict[Path, dict[str, Any]] = {}
    damaged = 0
    for file in files:
        state = _read(file)
        if state is None:
            damaged += 1
            continue
        folder = file.parent.parent if file.parent.name.startswith("checkpoint-") else file.parent
        if folder not in found or _age(state) >= _age(found[folder]):
            found[folder] = state
    return dict(sorted(found.items(), key=lambda each: str(each[0]))), damaged


def _read(file: Path) -> dict[str, Any] | None:
    try:
        state = json.loads(file.read_text(encoding="utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None
    held = isinstance(state, dict) and isinstance(state.get("log_history"), list)
    return state if held else None


def _age(state: Mapping[str, Any]) -> tuple[float, int]:
    """Later in training, then longer log: the state saved at the end also holds the summary."""
    return number(state.get("global_step")) or 0.0, len(state["log_history"])


def _called(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder != root and root in folder.parents else folder.resolve().name


def _run(name: str, state: Mapping[str, Any]) -> Run:
    searched = state.get("trial_params")
    settings = flat(searched) if isinstance(searched, dict) else {}
    recorded = {key: value for key in _SETTINGS if isinstance(value := state.get(key), int | float)}
    done = (number(state.get("global_step")) or 0.0) >= (number(state.get("max_steps")) or math.inf)
    seconds = [number(row.get("train_runtime")) for row in state["log_history"] if isinstance(row, dict)]
    trial = state.get("trial_name")
    return Run(
        name=str(trial) if trial else name,
        configuration=settings or {**recorded, RUN: name},
        curves=gathered(_rows(state["log_history"]), renamed),
        outcome="ok" if done or any(seconds) else None,
        seconds=next((each for each in reversed(seconds) if each), None),
    )


def _rows(history: Iterable[object]) -> Iterator[tuple[float, Mapping[str, object]]]:
    for row in history:
        step = number(row.get("step")) if isinstance(row, dict) else None
        if step is not None and isinstance(row, dict):
            yield step, {key: value for key, value in row.items() if key != "step"}


def _best(runs: Iterable[Run], states: Iterable[Mapping[str, Any]]) -> tuple[str | None, Direction | None]:
    """The evaluated series whose best every run recorded, and which end of it that is; None where that is not told."""
    pairs = [(run, number(state.get("best_metric"))) for run, state in zip(runs, states, strict=True)]
    pairs = [(run, best) for run, best in pairs if best is not None]
    if not pairs:
        return None, None
    names = dict.fromkeys(name for run, _ in pairs for name in run.curves if name.startswith("eval/"))
    ends: dict[str, Direction | None] = {}
    for name in names:
        low = all(_is(run.curves.get(name), best, np.min) for run, best in pairs)
        high = all(_is(run.curves.get(name), best, np.max) for run, best in pairs)
        if low or high:
            ends[name] = None if low and high else "minimize" if low else "maximize"
    return next(iter(ends.items())) if len(ends) == 1 else (None, None)


def _is(curve: Curve | None, best: float | None, end: Any) -> bool:
    values = np.empty(0) if curve is None else curve.values[np.isfinite(curve.values)]
    return bool(len(values)) and float(end(values)) == best


__all__ = ["NAME", "read_trainer_state", "renamed"]
