"""Data sets as users have them: a table (CSV, JSON lines), arrays (NPZ), or a folder with one file an example.

What is content and what only says where an example comes from (id, group, time, source, label) is told by column
names; everything else is content: columns of numbers, short words as 0 or 1 for each, long ones as text.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.imported import unreadable
from playnote.records.examples import Examples, Words, key_of
from playnote.text import Text

_TEXT = 30  # mean length from which a column of words is text
_LEVELS = 50  # different words of a column that are told apart one by one
_TEXTS = frozenset({".txt", ".md", ".eml", ".html", ".htm", ".csv", ".json", ""})
_FIELD = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns that are no content; the row's number is the id where none is named."""

    id: str | None = None
    group: str | None = None
    time: str | None = None
    source: str | None = None
    label: str | None = None
    ignore: tuple[str, ...] = ()

    @property
    def about(self) -> dict[str, str]:
        """Those that are named."""
        each = {"id": self.id, "group": self.group, "time": self.time, "source": self.source, "label": self.label}
        return {name: column for name, column in each.items() if column is not None}


def read_examples(path: Path, columns: Columns) -> Examples:
    """The examples at a path. Raises SourceError where there are none, a named column is missing or an id stands twice."""
    try:
        if path.is_dir():
            found = _folder(path)
        elif path.suffix.lower() == ".npz":
            found = _arrays(path, columns)
        else:
            found = _table(path, read_rows(path), columns)
    except OSError as error:
        raise unreadable(str(path), error.strerror or str(error), _GIVE) from error
    if not len(found):
        raise unreadable(str(path), Text(en="it holds no examples.", zh="里面没有样本。"), _GIVE)
    unfit = next((name for name in found.ids if not name or name != name.strip() or "\n" in name), None)
    if unfit is not None:
        raise unreadable(str(path), _UNFIT.fill(id=repr(unfit)), _UNIQUE)
    if len(set(found.ids)) < len(found):
        twice = next(name for name in found.ids if found.ids.count(name) > 1)
        raise unreadable(str(path), _TWICE.fill(id=repr(twice)), _UNIQUE)
    return found


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table as words; empty cells are "". Raises SourceError for what is no table."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(str(path), _NO_TEXT, _GIVE) from error
    except OSError as error:
        raise unreadable(str(path), error.strerror or str(error), _GIVE) from error
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_rows(path, text)
    csv.field_size_limit(_FIELD)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]


def _json_rows(path: Path, text: str) -> list[dict[str, str]]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if not isinstance(row, dict):
            raise unreadable(str(path), _NO_OBJECT.fill(line=number), _GIVE)
        rows.append({str(key): _word(value) for key, value in row.items()})
    return rows


def _word(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(path: Path, rows: Sequence[Mapping[str, str]], columns: Columns) -> Examples:
    names = list(dict.fromkeys(name for row in rows for name in row))
    about: dict[str, Any] = {name: _column(path, rows, column, names) for name, column in columns.about.items()}
    texts, numbers = _content(rows, [n for n in names if n not in {*columns.about.values(), *columns.ignore}])
    matrix = np.array(list(numbers.values()), dtype=np.float64).T if numbers else None
    joined = [tuple(column[at] for column in texts) for at in range(len(rows))]
    return Examples(
        ids=about.pop("id", None) or tuple(str(at) for at in range(len(rows))),
        keys=tuple(key_of(joined[at], () if matrix is None else matrix[at].tolist()) for at in range(len(rows))),
        texts=tuple("\n".join(each) for each in joined) if texts else None,
        numbers=matrix,
        names=tuple(numbers),
        **about,
    )


def _column(path: Path, rows: Sequence[Mapping[str, str]], column: str, names: Sequence[str]) -> Words:
    if column not in names:
        raise unreadable(str(path), _NO_COLUMN.fill(column=repr(column)), _HAS.fill(columns=", ".join(names[:20])))
    return tuple(row.get(column, "").strip() for row in rows)


def _content(rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> tuple[list[Words], dict[str, list[float]]]:
    """Columns of text, and columns of numbers by name."""
    texts: list[Words] = []
    numbers: dict[str, list[float]] = {}
    for name in names:
        cells = tuple(row.get(name, "") for row in rows)
        values = [_number(cell) for cell in cells]
        if all(value is not None for value in values):
            numbers[name] = [math.nan if value is None else value for value in values]
        elif sum(map(len, cells)) >= _TEXT * len(cells) or len(set(cells)) > _LEVELS:
            texts.append(cells)
        else:
            numbers |= {f"{name}={level}": [float(cell == level) for cell in cells] for level in sorted(set(cells))}
    return texts, numbers


def _number(cell: str) -> float | None:
    """NaN for an empty cell, None for a word."""
    try:
        return float(cell) if cell.strip() else math.nan
    except ValueError:
        return None


def _arrays(path: Path, columns: Columns) -> Examples:
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
    except (ValueError, EOFError, OSError) as error:
        raise unreadable(str(path), str(error), _GIVE) from error
    wide = [name for name, each in held.items() if each.ndim > 1 and each.dtype.kind in "buif"]
    if len(wide) != 1:
        raise unreadable(str(path), _ONE_ARRAY.fill(n=len(wide)), _GIVE)
    content = held.pop(wide[0])
    n = len(content)
    rows = {name: each for name, each in held.items() if each.ndim == 1 and len(each) == n}
    for column in columns.about.values():
        if column not in rows:
            raise unreadable(str(path), _NO_COLUMN.fill(column=repr(column)), _HAS.fill(columns=", ".join(rows)))
    about: dict[str, Any] = {name: tuple(map(str, rows[column])) for name, column in columns.about.items()}
    ids = about.pop("id", None) or tuple(str(at) for at in range(n))
    keys = tuple(key_of(data=np.ascontiguousarray(each).tobytes()) for each in content)
    if content.ndim == 2:
        names = tuple(f"{wide[0]}[{at}]" for at in range(content.shape[1]))
        return Examples(ids=ids, keys=keys, numbers=content.astype(np.float64), names=names, **about)
    images = content if content.ndim in (3, 4) else content.reshape(n, content.shape[1], -1)
    return Examples(ids=ids, keys=keys, images=images, **about)


def _folder(path: Path) -> Examples:
    """One file an example; the folder it lies in is its source."""
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    data = [file.read_bytes() for file in files]
    texts = None
    if files and all(file.suffix.lower() in _TEXTS for file in files):
        texts = tuple(each.decode("utf-8", "replace") for each in data)
    keys = tuple(key_of((texts[at],)) if texts else key_of(data=each) for at, each in enumerate(data))
    ids = tuple(file.relative_to(path).as_posix() for file in files)
    return Examples(ids=ids, keys=keys, texts=texts, source=tuple(name.rpartition("/")[0] for name in ids))


_GIVE = Text(
    en="Give a CSV, TSV or JSON-lines table, an NPZ with one array of examples, or a folder with one file an example.",
    zh="请给 CSV、TSV 或 JSON lines 表格，或含一个样本数组的 NPZ，或每个样本一个文件的文件夹。",
)
_NO_TEXT = Text(en="it is not text in UTF-8.", zh="不是 UTF-8 文本。")
_NO_OBJECT = Text(en="line {line} is no JSON object.", zh="第 {line} 行不是 JSON 对象。")
_NO_COLUMN = Text(en="it has no column {column}.", zh="没有 {column} 这一列。")
_HAS = Text(en="Name one of its columns: {columns}.", zh="现有的列：{columns}。")
_ONE_ARRAY = Text(en="it holds {n} arrays of examples, not one.", zh="里面有 {n} 个样本数组，应该正好一个。")
_TWICE = Text(en="the id {id} stands there twice.", zh="id {id} 出现了两次。")
_UNFIT = Text(en="the id {id} cannot stand on a line of its own.", zh="id {id} 没法单独占一行。")
_UNIQUE = Text(en="Give every example an id of its own.", zh="每个样本要有自己的 id。")
