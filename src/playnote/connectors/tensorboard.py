"""TensorBoard folders: every folder that holds event files is a run, named by its path from the one given.

Several files of a run are one story, told in the order they were begun: from the first step a later file has of a
series, its values go before those of earlier files, as after a restart from a checkpoint. Folders that a writer makes
beside a run for itself (one a series of `add_scalars`, one a call of `add_hparams`, Keras's `train` and `validation`)
belong to that run. TensorBoard records no direction and no end of a run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.inferred import inferred, whole_numbers
from playnote.connectors.recognise import files_under
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import listed, moment, series
from playnote.connectors.tensorboard_runs import Told, absorbed, told_by
from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.text import Text

EVENTS = "tfevents"
_MOST, _DEEP = 1_000_000, 12  # names looked at, folders below the one given
_LATEST = 4e9  # seconds since 1970: a later time is no time
_CUT = Text(
    en="{n} files end inside a record, as after a kill or while training still writes; all before it was read: {names}.",
    zh="有 {n} 个文件停在半条记录上（训练被杀掉，或者还在写）；之前的都读了：{names}。",
)
_DAMAGED = Text(
    en="{n} files are damaged; what follows the damaged record was not read: {names}.",
    zh="有 {n} 个文件损坏，坏记录之后的内容没有读：{names}。",
)
_CLOSED = Text(en="{n} files could not be opened: {names}.", zh="有 {n} 个文件打不开：{names}。")
_LINKS = Text(en="{n} links were not followed: {names}.", zh="有 {n} 个链接没有跟进去：{names}。")
_TWICE = Text(
    en="{n} runs were restarted and wrote some steps twice; the later file's values are used: {names}.",
    zh="有 {n} 次训练重启过，有些步数写了两遍，用的是后面那个文件的值：{names}。",
)
_EMPTY = Text(
    en="{n} folders hold event files without a scalar and are no runs: {names}.",
    zh="有 {n} 个文件夹里的事件文件没有任何标量，不算训练：{names}。",
)
_BROKEN = Text(en="{n} records are no events and were passed over.", zh="有 {n} 条记录不是事件，已跳过。")
_SHORT = Text(
    en="TensorBoard does not record how a run ended, so each counts as complete; {n} stop before the longest one does.",
    zh="TensorBoard 不记录训练怎么结束，这里都按跑完算；其中 {n} 次比最长的那次停得早。",
)
_BARE = Text(
    en="{n} runs record no hyperparameters: their scores can be compared, not explained. `add_hparams` records them.",
    zh="有 {n} 次训练没有记录超参：分数能比，原因说不清。用 `add_hparams` 可以记下来。",
)


def read_tensorboard(path: Path, wanted: Wanted) -> Imported:
    """The runs below a folder, or of one event file. Raises `SourceError` where there is no run with a scalar."""
    links: list[Path] = []
    found = [path] if path.is_file() else [p for p in files_under(path, _MOST, _DEEP, links) if EVENTS in p.name]
    folders: dict[Path, list[Path]] = {}
    for each in found:
        folders.setdefault(each.parent, []).append(each)
    root = path.parent if path.is_file() else path
    told = absorbed({folder: told_by(folder, files) for folder, files in folders.items()}, root)
    kept = {folder: each for folder, each in told.items() if each.series or each.session.started}
    names = {folder: _name(folder, root) for folder in kept}
    configurations = [dict(each.session.values) for each in kept.values()]
    whole_numbers(configurations)
    runs = [_run(names[f], each, own) for (f, each), own in zip(kept.items(), configurations, strict=True)]
    logged = {tag for each in kept.values() for tag in each.series}
    metrics = {tag for each in told.values() for tag in each.session.metrics} & logged
    return imported_runs(
        runs,
        wanted,
        origin="tensorboard",
        where=str(path),
        name=root.resolve().name,
        metric=metrics.pop() if len(metrics) == 1 else None,
        recorded=_recorded(told.values(), configurations),
        left_out=(*_notes(told, names, root, links), *_about(runs)),
    )


def _name(folder: Path, root: Path) -> str:
    return folder.resolve().name if folder == root else folder.relative_to(root).as_posix()


def _run(name: str, told: Told, configuration: Mapping[str, Value]) -> Run:
    walls = [float(wall) for points in told.series.values() for wall in (points.walls.min(), points.walls.max())]
    times = [wall for wall in walls if math.isfinite(wall) and 0 < wall < _LATEST]
    return Run(
        name=name,
        configuration=configuration,
        curves={tag: series(points.steps, points.values) for tag, points in told.series.items()},
        outcome=told.session.outcome,
        seconds=max(times) - min(times) if times else None,
        started=moment(min(times)) if times else None,
        ended=moment(max(times)) if times else None,
    )


def _recorded(told: Iterable[Told], configurations: Sequence[Mapping[str, Value]]) -> dict[str, Hyperparameter]:
    """Declared ranges and choices; numbers among choices are an order, which the range of the values tried keeps."""
    found: dict[str, Hyperparameter] = {}
    for session in (each.session for each in told):
        for name, choices in session.choices.items():
            if any(isinstance(each, str | bool) for each in choices):
                found[name] = Categorical(name=name, choices=choices)
        for name, ends in session.intervals.items():
            tried = [each[name] for each in configurations if name in each]
            whole = all(isinstance(each, int) for each in tried) and all(end.is_integer() for end in ends)
            declared = inferred(name, [int(end) if whole else end for end in ends])
            if declared is not None:
                found[name] = declared
    return found


def _notes(told: Mapping[Path, Told], names: Mapping[Path, str], root: Path, links: Sequence[Path]) -> list[Text]:
    files = [file for each in told.values() for file in each.files]
    return [
        *_listed(_CUT, [_file(file.path) for file in files if file.file.damage == "cut"]),
        *_listed(_DAMAGED, [_file(file.path) for file in files if file.file.damage == "damaged"]),
        *_listed(_CLOSED, [_file(path) for each in told.values() for path in each.closed]),
        *_listed(_LINKS, [link.name for link in links]),
        *_listed(_EMPTY, [_name(f, root) for f, each in told.items() if f not in names and not each.hparams]),
        *_listed(_TWICE, [names[folder] for folder, each in told.items() if each.twice and folder in names]),
        *_counted(_BROKEN, sum(file.broken for file in files) + sum(each.session.broken for each in told.values())),
    ]


def _about(runs: Sequence[Run]) -> list[Text]:
    last = [max((float(curve.steps[-1]) for curve in run.curves.values()), default=0.0) for run in runs]
    longest = max(last, default=0.0)
    return [
        *_counted(_SHORT, sum(each < longest for each in last)),
        *_counted(_BARE, sum(not run.configuration for run in runs)),
    ]


def _file(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _listed(text: Text, names: Sequence[str]) -> list[Text]:
    return [text.fill(n=len(names), names=listed(names))] if names else []


def _counted(text: Text, n: int) -> list[Text]:
    return [text.fill(n=n)] if n else []
