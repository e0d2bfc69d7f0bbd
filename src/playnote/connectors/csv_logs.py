"""Training logs as CSV, one file a run: Lightning's CSVLogger (metrics.csv, hparams.yaml) and Keras' CSVLogger.

Rows are sparse: a cell without a value (Keras writes NA) is no reading. A folder holds as many runs as it has such
files. How a run ended is not recorded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import flat
from playnote.connectors.plain_yaml import read_settings
from playnote.connectors.recognise import files_under
from playnote.connectors.recognise_tables import LIGHTNING_LOG, LOG_AXES, delimiter_of, training_log
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, number
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
_AGAIN = Text(
    en="In {n} runs steps begin again; the later rows count.", zh="有 {n} 次训练的步数从头又来过，以后写的为准。"
)


def read_csv_logs(path: Path | str, wanted: Wanted) -> Imported:
    """One run a file."""
    place = Path(path)
    files = [place] if place.is_file() else [f for f in files_under(place, _NAMES, 8) if f.suffix.lower() == ".csv"]
    logs = [file for file in files if training_log(file)]
    root = place if place.is_dir() else place.parent
    lone = len(logs) == 1 and place.is_file()
    runs, again = [], 0
    for file in logs:
        name = file.stem if lone and file.name != LIGHTNING_LOG else _called(file, root)
        rows = _rows(file)
        steps = [step for step, _ in rows]
        again += any(after < before for before, after in pairwise(steps))
        runs.append(Run(name=name, configuration=_settings(file), curves=gathered(rows)))
    if not runs:
        raise unreadable(str(path), _NO_LOG, _GIVE)
    notes = [_NOT_TOLD, *([_AGAIN.fill(n=again)] if again else [])]
    if len(logs) < len(files):
        notes.append(_SKIPPED.fill(n=len(files) - len(logs)))
    return imported_runs(runs, wanted, origin="csv-log", where=str(path), name=place.resolve().stem, left_out=notes)


def _called(file: Path, root: Path) -> str:
    inside = file.relative_to(root)
    named = inside.parent if file.name == LIGHTNING_LOG and inside.parent.parts else inside.with_suffix("")
    return named.as_posix() if named.parts and named.name != "metrics" else root.resolve().name


def _settings(file: Path) -> Mapping[str, str | bool | int | float]:
    beside = file.with_name(_SETTINGS)
    if file.name != LIGHTNING_LOG or not beside.is_file():
        return {}
    return flat(read_settings(beside.read_text(encoding="utf-8", errors="replace")))


def _rows(file: Path) -> list[tuple[float, dict[str, object]]]:
    """(step, values) of every row; the step where there is one, else the epoch, else the row's number."""
    csv.field_size_limit(_CELL)
    text = file.read_text(encoding="utf-8-sig", errors="replace")
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
