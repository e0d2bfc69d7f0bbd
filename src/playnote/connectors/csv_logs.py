"""Training logs as CSV, one file a run: Lightning's CSVLogger (metrics.csv, hparams.yaml) and Keras' CSVLogger.

Rows are sparse: a cell without a value (Keras writes NA) is no reading. A folder holds as many runs as it has such
files. How a run ended is not recorded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import flat
from playnote.connectors.left_out import counted, links_left
from playnote.connectors.plain_yaml import read_settings
from playnote.connectors.recognise import files_under
from playnote.connectors.recognise_tables import LIGHTNING_LOG, LOG_AXES, delimiter_of, training_log
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, number, whole_lines
from playnote.space.hyperparameter import Value
from playnote.text import Text

_SETTINGS = "hparams.yaml"
_NAMES = 2_000_000
_CELL = 1 << 27
_NO_LOG = Text(en="no training log is in it.", zh="里面没有训练日志。")
_GIVE = Text(
    en="Give a CSV whose rows are steps or epochs, or a folder with one such file a run.",
    zh="请给每行一步（或一个 epoch）的 CSV，或者每次训练一个这种文件的文件夹。",
)
_NOT_TOLD = Text(
    en="A CSV log does not say how a run ended: every run counts as complete unless its score ends in NaN.",
    zh="CSV 日志不记录训练怎么结束：除非分数以 NaN 结尾，一律按跑完算。",
)
_SKIPPED = Text(en="{n} files are no training logs and were skipped.", zh="有 {n} 个文件不是训练日志，已跳过。")
_TORN = Text(
    en="{n} logs or settings end in the middle of a line, which was skipped.",
    zh="有 {n} 个日志或设置文件最后一行不完整，已跳过。",
)
_AGAIN = Text(
    en="In {n} runs steps begin again; the later rows count.", zh="有 {n} 次训练的步数从头又来过，以后写的为准。"
)


def read_csv_logs(path: Path | str, wanted: Wanted) -> Imported:
    """One run a file."""
    place = Path(path)
    links: list[Path] = []
    under = [place] if place.is_file() else files_under(place, _NAMES, 8, links)
    files = [file for file in under if place.is_file() or file.suffix.lower() == ".csv"]
    logs = [_log(file, place) for file in files if training_log(file)]
    if not logs:
        raise unreadable(str(path), _NO_LOG, _GIVE)
    notes = [
        _NOT_TOLD,
        *counted(_AGAIN, sum(log.again for log in logs)),
        *counted(_TORN, sum(log.torn for log in logs)),
        *counted(_SKIPPED, len(files) - len(logs)),
        *links_left(links),
    ]
    runs = [log.run for log in logs]
    return imported_runs(runs, wanted, origin="csv-log", where=str(path), name=place.resolve().stem, left_out=notes)


@dataclass(frozen=True, slots=True)
class _Log:
    """A run, whether its steps begin again, and whether a file of it ends in the middle of a line."""

    run: Run
    again: bool
    torn: bool


def _log(file: Path, place: Path) -> _Log:
    alone = place.is_file() and file.name != LIGHTNING_LOG
    name = file.stem if alone else _called(file, place if place.is_dir() else place.parent)
    data, torn = whole_lines(file.read_bytes())
    rows = _rows(data.decode("utf-8-sig", "replace"))
    steps = [step for step, _ in rows]
    settings, cut = _settings(file)
    run = Run(name=name, configuration=settings, curves=gathered(rows))
    return _Log(run, any(after < before for before, after in pairwise(steps)), torn or cut)


def _called(file: Path, root: Path) -> str:
    inside = file.relative_to(root)
    named = inside.parent if file.name == LIGHTNING_LOG and inside.parent.parts else inside.with_suffix("")
    return named.as_posix() if named.parts and named.name != "metrics" else root.resolve().name


def _settings(file: Path) -> tuple[Mapping[str, Value], bool]:
    """Lightning's settings beside the log, and whether their file was cut short."""
    beside = file.with_name(_SETTINGS)
    if file.name != LIGHTNING_LOG or not beside.is_file():
        return {}, False
    data, torn = whole_lines(beside.read_bytes())
    return flat(read_settings(data.decode("utf-8", "replace"))), torn


def _rows(text: str) -> list[tuple[float, dict[str, object]]]:
    """(step, values) of every row; the step where there is one, else the epoch, else the row's number."""
    csv.field_size_limit(_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text.partition("\n")[0]))
    return list(_steps(reader))


def _steps(reader: csv.DictReader[str]) -> Iterator[tuple[float, dict[str, object]]]:
    names: Sequence[str] = reader.fieldnames or ()
    axis = next((name for name in LOG_AXES if name in names), None)
    at = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        step = number(row.get(axis)) if axis else float(at)
        at += 1
        if step is not None:
            yield step, {key: value for key, value in row.items() if key and key != axis and value}


__all__ = ["read_csv_logs"]
