"""W&B runs on disk: `.wandb` files, and `config.yaml` with `wandb-summary.json` where only those are left.

A run that was resumed has several folders with one id: from its first step a later one goes first. A run whose file
has no end was killed or still runs, which cannot be told apart from outside: it counts as running.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.inferred import flat
from playnote.connectors.plain_yaml import read_settings
from playnote.connectors.recognise import files_under
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, listed, moment, number
from playnote.connectors.wandb_log import LogFile
from playnote.connectors.wandb_records import RunLog, numbers_of, settings_of
from playnote.records.curves import Curve
from playnote.records.objective import Direction
from playnote.records.trial import Outcome
from playnote.text import Text

_MOST, _DEEP = 1_000_000, 12  # names looked at, folders below the one given
_LATEST = "latest-run"  # W&B's own link to a folder beside it
_CONFIG, _SUMMARY = "config.yaml", "wandb-summary.json"
_CUT = Text(
    en="{n} files end inside a record, as after a kill or while training still writes; all before it was read: {names}.",
    zh="有 {n} 个文件停在半条记录上（训练被杀掉，或者还在写）；之前的都读了：{names}。",
)
_DAMAGED = Text(
    en="{n} files are damaged; what follows the damage was not read: {names}.",
    zh="有 {n} 个文件损坏，损坏处之后的内容没有读：{names}。",
)
_CLOSED = Text(en="{n} files could not be read: {names}.", zh="有 {n} 个文件读不了：{names}。")
_LINKS = Text(en="{n} links were not followed: {names}.", zh="有 {n} 个链接没有跟进去：{names}。")
_OPEN = Text(
    en="{n} runs have no end (killed, or still running) and are left out of comparisons: {names}.",
    zh="有 {n} 次训练没有结束记录（被杀掉，或者还在跑），不参加比较：{names}。",
)
_RESUMED = Text(
    en="{n} runs were resumed and wrote some steps twice; the later values are used: {names}.",
    zh="有 {n} 次训练续跑过，有些步数写了两遍，用后面的值：{names}。",
)
_FINAL = Text(
    en="{n} runs left only their last values, no curve and no end: {names}.",
    zh="有 {n} 次训练只留下最后的数值，没有曲线，也没有结束记录：{names}。",
)
_BROKEN = Text(en="{n} records could not be read and were passed over.", zh="有 {n} 条记录读不出来，已跳过。")


def read_wandb(path: Path, wanted: Wanted) -> Imported:
    """The runs below a folder, or of one file. Raises `SourceError` where there is none."""
    links: list[Path] = []
    found = [path] if path.is_file() else list(files_under(path, _MOST, _DEEP, links))
    files = [LogFile(each) for each in found if each.suffix == ".wandb" or path.is_file()]
    notes = list[Text]()
    logs = _logs(files, notes)
    runs = [_run(run_id, parts, notes) for run_id, parts in logs.items()]
    logged = {file.path.parent for file in files if file.offset}
    left = {each.parent for each in found if each.name in (_CONFIG, _SUMMARY) and each.parent.parent not in logged}
    runs += [run for folder in sorted(left) if (run := _final(folder, notes)) is not None]
    goals = {name: goal for parts in logs.values() for log in parts for name, goal in log.goals.items()}
    metric = wanted.metric or (next(iter(goals)) if len(goals) == 1 else None)
    return imported_runs(
        runs,
        wanted,
        origin="wandb",
        where=str(path),
        name=path.resolve().name,
        metric=metric,
        direction=_way(goals, metric, runs),
        left_out=(
            *notes,
            *_said(_LINKS, [link.name for link in links if link.name != _LATEST]),
            *_said(_CUT, [file.path.name for file in files if file.damage == "cut"]),
            *_said(_DAMAGED, [file.path.name for file in files if file.damage == "damaged"]),
            *_said(_OPEN, [run.name for run in runs if run.outcome is None]),
        ),
    )


def _logs(files: Sequence[LogFile], notes: list[Text]) -> dict[str, list[RunLog]]:
    """Every file's records, by the id of the run; files of one run in the order of their folders' names, a time."""
    found: dict[str, list[RunLog]] = {}
    closed: list[str] = []
    broken = 0
    for file in sorted(files, key=lambda each: each.path.parent.name.removeprefix("offline-")):
        log = RunLog()
        try:
            for record in file.read():
                log.take(record)
        except OSError:
            closed.append(file.path.name)
            continue
        broken += log.broken
        if log.id or log.rows or log.config:
            found.setdefault(log.id or file.path.stem, []).append(log)
    notes += _said(_CLOSED, closed)
    if broken:
        notes.append(_BROKEN.fill(n=broken))
    return found


def _run(run_id: str, parts: Sequence[RunLog], notes: list[Text]) -> Run:
    curves: dict[str, Curve] = {}
    twice = False
    config: dict[str, object] = {}
    for part in parts:
        config |= part.config
        for name, later in gathered(part.rows).items():
            before = curves.get(name)
            kept = np.zeros(0, dtype=bool) if before is None else before.steps < later.steps[0]
            twice = twice or not kept.all()
            curves[name] = later if before is None else _joined(before, kept, later)
    last = parts[-1]
    name = last.name or run_id
    if twice:
        notes += _said(_RESUMED, [name])
    ended = None if last.exit is None or last.started is None else last.started + (last.seconds or 0.0)
    summary = {key: found for key, value in numbers_of(last.summary).items() if (found := number(value)) is not None}
    return Run(
        name=name,
        configuration=flat(settings_of(config)),
        curves=curves,
        summary={key: value for key, value in summary.items() if key not in curves},
        outcome=_outcome(last.exit),
        seconds=last.seconds,
        started=moment(parts[0].started),
        ended=moment(ended),
    )


def _joined(before: Curve, kept: np.ndarray[tuple[int], np.dtype[np.bool_]], later: Curve) -> Curve:
    return Curve(np.concatenate([before.steps[kept], later.steps]), np.concatenate([before.values[kept], later.values]))


def _outcome(code: int | None) -> Outcome | None:
    return None if code is None else "ok" if code == 0 else "failed"


def _final(folder: Path, notes: list[Text]) -> Run | None:
    """A run of which only settings and last values are left."""
    config = {name: each for name, each in _read(folder / _CONFIG, notes).items() if name != "wandb_version"}
    summary = _read(folder / _SUMMARY, notes)
    if not config and not summary:
        return None
    settings = {name: each.get("value") if isinstance(each, Mapping) else each for name, each in config.items()}
    name = folder.parent.name.rpartition("-")[2] or folder.parent.name
    notes += _said(_FINAL, [name])
    values = {key: found for key, value in numbers_of(summary).items() if (found := number(value)) is not None}
    return Run(name=name, configuration=flat(settings_of(settings)), summary=values)


def _read(path: Path, notes: list[Text]) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if path.suffix == ".json" else read_settings(text)
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not found:
        notes += _said(_CLOSED, [f"{path.parent.parent.name}/{path.name}"])
        return {}
    return found


def _way(goals: Mapping[str, Direction], metric: str | None, runs: Sequence[Run]) -> Direction | None:
    """The goal that was defined for the score."""
    names = {name for run in runs for name in (*run.curves, *run.summary)}
    return goals.get(metric if metric is not None else next(iter(names)) if len(names) == 1 else "")


def _said(text: Text, names: Sequence[str]) -> list[Text]:
    return [text.fill(n=len(names), names=listed(names))] if names else []
