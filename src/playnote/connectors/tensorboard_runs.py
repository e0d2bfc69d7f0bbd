"""What the event files of one folder tell together, and which folders are parts of a run in another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.connectors.tensorboard_events import EventFile, Points, joined
from playnote.connectors.tensorboard_hparams import Session, session_of

_SPLITS = frozenset({"train", "training", "validation", "val", "dev", "eval", "test"})
_MOMENT = re.compile(r"\d{9,11}(\.\d+)?")  # a folder of `add_hparams`, named by the time of the call


@dataclass
class Told:
    """One folder's files together.

    series  by tag, each step once, in order of step
    twice   whether a later file had steps again that an earlier one has
    closed  files that could not be opened
    """

    series: dict[str, Points] = field(default_factory=dict)
    session: Session = field(default_factory=Session)
    files: list[EventFile] = field(default_factory=list)
    hparams: list[bytes] = field(default_factory=list)
    closed: list[Path] = field(default_factory=list)
    twice: bool = False


def told_by(folder: Path, paths: Sequence[Path]) -> Told:
    """The files of a folder, in the order in which they were begun."""
    told = Told()
    read: list[tuple[EventFile, dict[str, Points]]] = []
    for path in paths:
        file = EventFile(path)
        try:
            read.append((file, file.read()))
        except OSError:
            told.closed.append(path)
    read.sort(key=lambda pair: (pair[0].began, pair[0].path.name))
    for file, series in read:
        told.files.append(file)
        told.hparams += file.hparams
        _restart(told, file.restart)
        summary = session_of(file.hparams).started
        for tag, points in series.items():
            _add(told, tag, points, gives_way=summary and len(points.steps) == 1)
    told.session = session_of(told.hparams)
    told.series = {tag: _once_a_step(points) for tag, points in told.series.items()}
    return told


def absorbed(told: dict[Path, Told], root: Path) -> dict[Path, Told]:
    """The same, with folders that are parts of a run added to it."""
    found = dict(told)
    for folder in sorted(told, key=lambda path: len(path.parts), reverse=True):
        if folder == root:
            continue
        names = _part_of(folder, told)
        if names is None:
            continue
        part, whole = found.pop(folder), found.setdefault(folder.parent, Told())
        for tag, points in part.series.items():
            whole.series.setdefault(names.get(tag, tag), points)
        whole.files += part.files
        whole.closed += part.closed
        whole.twice = whole.twice or part.twice
        whole.hparams += part.hparams
        whole.session = session_of(whole.hparams)
    return found


def name_in_run(folder: str, tag: str) -> str | None:
    """What a series of a folder below a run is called in the run; None where it is no series of its own.

    folder  relative to the run, "." for the run's own
    """
    name = folder.rpartition("/")[2]
    if folder == ".":
        return tag
    if _MOMENT.fullmatch(name):
        return None
    # `add_scalars("loss/all", {"train": ...})` writes the series "loss/all" into the folder "loss_all_train".
    start = tag.replace("/", "_") + "_"
    return f"{tag}/{name[len(start) :]}" if name.startswith(start) else f"{folder}/{tag}"


def _part_of(folder: Path, told: dict[Path, Told]) -> dict[str, str] | None:
    """What the folder's series are called in the run one folder up; None where it is a run of its own."""
    own, above = told[folder], told.get(folder.parent)
    if folder.name in _SPLITS:
        beside = {each.name for each in told if each.parent == folder.parent}
        return {tag: f"{folder.name}/{tag}" for tag in own.series} if beside <= _SPLITS else None
    if above is None:
        return None
    if own.session.started and _MOMENT.fullmatch(folder.name):
        return {}
    names = {tag: name_in_run(folder.name, tag) or tag for tag in own.series}
    return names if names and all(name.startswith(f"{tag}/") for tag, name in names.items()) else None


def _restart(told: Told, step: int | None) -> None:
    """A file that says it goes on from a step: nothing an earlier one has from there on counts (`purge_step`)."""
    if step is None:
        return
    for tag, points in told.series.items():
        kept = points.steps < step
        told.twice = told.twice or not kept.all()
        told.series[tag] = _only(points, kept)
    told.series = {tag: points for tag, points in told.series.items() if len(points.steps)}


def _only(points: Points, chosen: NDArray[Any]) -> Points:
    return Points(points.order[chosen], points.walls[chosen], points.steps[chosen], points.values[chosen])


def _add(told: Told, tag: str, points: Points, *, gives_way: bool) -> None:
    before = told.series.get(tag)
    if before is None:
        told.series[tag] = points
        return
    if gives_way and len(before.steps) > 1:
        # `add_hparams` writes final values as one point at step 0: no restart.
        return
    kept = before.steps < points.steps.min()
    told.twice = told.twice or not kept.all()
    told.series[tag] = joined([_only(before, kept), points])


def _once_a_step(points: Points) -> Points:
    """In order of step; of a step written twice, what was written last."""
    if (np.diff(points.steps) > 0).all():
        return points
    by = np.argsort(points.steps, kind="stable")
    last = by[np.append(np.diff(points.steps[by]) > 0, True)]
    return _only(points, last)
