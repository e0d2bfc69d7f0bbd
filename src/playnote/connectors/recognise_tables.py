"""What a table is from outside: a training log, a results file, one of a pair; a few lines are looked at."""

from __future__ import annotations

import csv
from pathlib import Path

from playnote.connectors.recognise import files_under

LOG_AXES = ("step", "epoch")
LIGHTNING_LOG = "metrics.csv"
RESULTS_HEAD = ("commit", "val_bpb", "memory_gb", "status")
_HEAD = 1 << 16  # bytes looked at
_STARTS = ("0", "1", "0.0", "1.0")


def training_log(path: Path) -> bool:
    """A CSV whose rows count steps or epochs from the start; a folder of such files, or of Lightning's metrics.csv.

    A table of trials may have an epoch column too: there it is not the first, or does not count.
    """
    if path.is_dir():
        files = [file for file in files_under(path) if file.suffix.lower() == ".csv"]
        return any(file.name == LIGHTNING_LOG for file in files) or (bool(files) and all(map(training_log, files)))
    if not path.is_file() or path.suffix.lower() not in (".csv", ".log"):
        return False
    lines = _first(path).splitlines()[:3]
    rows = list(csv.reader(lines, delimiter=delimiter_of(lines[0]))) if lines and "\0" not in "".join(lines) else []
    if len(rows) < 2 or len(rows[0]) < 2 or not all(rows):
        return False
    if path.name == LIGHTNING_LOG:
        return any(axis in rows[0] for axis in LOG_AXES)
    return rows[0][0].strip() in LOG_AXES and rows[1][0].strip() in _STARTS and (len(rows) < 3 or _next(rows))


def results_file(path: Path) -> bool:
    """A tab-separated file with autoresearch's columns."""
    if not path.is_file() or path.suffix.lower() not in (".tsv", ".txt", ".csv"):
        return False
    head = _first(path).partition("\n")[0]
    return tuple(name.strip() for name in head.split("\t"))[: len(RESULTS_HEAD)] == RESULTS_HEAD


def paired_parquet(path: Path) -> bool:
    """A Parquet file of logged rows with the settings in a file beside it, as trackio exports them."""
    return path.is_file() and path.suffix == ".parquet" and path.with_name(f"{path.stem}_configs.parquet").is_file()


def delimiter_of(head: str) -> str:
    """The separator of a table, from its first line: a name may hold another one, the first to come is between names."""
    found = [(head.index(each), each) for each in (",", ";", "\t") if each in head]
    return min(found)[1] if found else ","


def _first(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_HEAD).decode("utf-8-sig", "replace")


def _next(rows: list[list[str]]) -> bool:
    try:
        return float(rows[2][0]) - float(rows[1][0]) in (0.0, 1.0)
    except ValueError:
        return False


__all__ = [
    "LIGHTNING_LOG",
    "LOG_AXES",
    "RESULTS_HEAD",
    "delimiter_of",
    "paired_parquet",
    "results_file",
    "training_log",
]
