"""Numbers from files: one a line, a column of a CSV or TSV file, a JSON list, or JSON lines.

Every fault of a file is kept with its place, what was found and what to do, so that all of them are told at once. A run that
gave no number (NaN, infinity, null, "diverged", "failed") is a failure of its arm and reads as NaN.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playnote.errors import Detail
from playnote.text import Text

FAILED = frozenset(
    {"nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "-infinity", "null", "none", "diverged", "failed"}
)
_MOST_FAULTS = 20


@dataclass(slots=True)
class NumberFile:
    """What a file gave: its numbers (NaN for a failed run) and its faults."""

    name: str
    numbers: list[float] = field(default_factory=list)
    faults: list[Detail] = field(default_factory=list)

    def fault(self, place: str, found: str, allowed: Text, fix: Text) -> None:
        """Keep a fault, up to 20 a file."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Detail(place, found, allowed, fix))

    def take(self, place: str, value: object) -> None:
        """One number, one failed run, or a fault."""
        number = as_number(value)
        if number is None:
            self.fault(place, _shown(value), A_NUMBER, _fix_of(value))
        else:
            self.numbers.append(number)


def as_number(value: object) -> float | None:
    """A float, NaN for a failed run, None for what is neither."""
    if value is None:
        return math.nan
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _finite(value)
    if not isinstance(value, str):
        return _finite_like(value)
    word = value.strip()
    if word.lower() in FAILED:
        return math.nan
    try:
        return None if "_" in word else _finite(float(word))
    except ValueError:
        return None


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _finite_like(value: object) -> float | None:
    """NumPy scalars and zero-dimensional tensors know how to become a float; containers do not."""
    if not hasattr(value, "__float__") or (hasattr(value, "__len__") and getattr(value, "shape", None) != ()):
        return None
    try:
        return _finite(float(value))
    except (TypeError, ValueError):
        return None


def read_numbers(spec: str) -> NumberFile:
    """Read `file`, or `file:column` for a named column or field."""
    path, column = _split(spec)
    found = NumberFile(str(path))
    text = _text(path, found)
    if text is None:
        return found
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        _csv(text, "\t" if suffix == ".tsv" else ",", column, found)
    elif suffix == ".json":
        _json(text, column, found)
    elif suffix in (".jsonl", ".ndjson"):
        _json_lines(text, column, found)
    elif column is not None:
        found.fault(
            str(path),
            f":{column}",
            Text(en="a column of a .csv, .tsv or .jsonl file", zh=".csv、.tsv 或 .jsonl 文件的列"),
            Text(en="Leave the column out: this file holds one number a line.", zh="去掉列名：这个文件是一行一个数。"),
        )
    else:
        _lines(text, found)
    if not found.numbers and not found.faults:
        found.fault(str(path), Text(en="no numbers", zh="没有数字").en, SOME_NUMBERS, ADD_RUNS)
    return found


def _split(spec: str) -> tuple[Path, str | None]:
    """A file that exists under the whole name goes before a column."""
    if ":" not in spec or Path(spec).exists():
        return Path(spec), None
    name, _, column = spec.rpartition(":")
    if len(name) <= 1 or "/" in column or "\\" in column:
        return Path(spec), None
    return Path(name), column


def _text(path: Path, found: NumberFile) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        what, fix = "not UTF-8", Text(en="Save it as UTF-8 text.", zh="另存为 UTF-8 文本。")
    except FileNotFoundError:
        what, fix = "no such file", Text(en="Check the name and the folder.", zh="检查文件名和所在目录。")
    except IsADirectoryError:
        what, fix = "a folder", Text(en="Name a file in it.", zh="请给出其中的一个文件。")
    except (OSError, ValueError) as error:
        what, fix = str(error) or "unreadable", Text(en="Make the file readable.", zh="让这个文件可读。")
    found.fault(str(path), what, Text(en="a readable text file", zh="可读的文本文件"), fix)
    return None


def _lines(text: str, found: NumberFile) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.split("#", 1)[0].strip()
        if word:
            found.take(f"{found.name}:{number}", word)


def _csv(text: str, delimiter: str, column: str | None, found: NumberFile) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        found.fault(f"{found.name}:{reader.line_num}", str(error), Text(en="a table", zh="表格"), WHOLE_FILE)
        return
    if not rows:
        return
    head = [cell.strip() for cell in rows[0][1]]
    if column is None:
        at, body = _only_column(head, rows, found)
    else:
        at, body = _named_column(head, column, found), rows[1:]
    if at is None:
        return
    for line, row in body:
        found.take(f"{found.name}:{line}", row[at] if at < len(row) and row[at].strip() else None)


def _only_column(
    head: list[str], rows: list[tuple[int, list[str]]], found: NumberFile
) -> tuple[int | None, list[tuple[int, list[str]]]]:
    if len(head) > 1:
        _which_column(", ".join(head), head, found)
        return None, []
    return 0, rows if as_number(head[0]) is not None else rows[1:]


def _named_column(head: list[str], column: str, found: NumberFile) -> int | None:
    if head.count(column) == 1:
        return head.index(column)
    if column in head:
        found.fault(
            f"{found.name}:1",
            column,
            Text(en="a name that stands once in the first line", zh="在首行只出现一次的列名"),
            Text(en="Rename one of the columns.", zh="给其中一列改名。"),
        )
        return None
    _which_column(column, head, found)
    return None


def _which_column(what: str, head: list[str], found: NumberFile) -> None:
    names = ", ".join(head)
    found.fault(
        f"{found.name}:1",
        what,
        Text(en="one of the columns {names}", zh="这些列之一：{names}").fill(names=names),
        Text(en="Name one: {file}:{first}.", zh="写明一列：{file}:{first}。").fill(file=found.name, first=head[-1]),
    )


def _json(text: str, column: str | None, found: NumberFile) -> None:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        found.fault(f"{found.name}:{line}", getattr(error, "msg", "too deep"), Text(en="JSON", zh="JSON"), WHOLE_FILE)
        return
    if isinstance(value, dict) and column is not None and isinstance(value.get(column), list):
        value, column = value[column], None
    if not isinstance(value, list):
        found.fault(
            found.name,
            _shown(value),
            Text(en="a list of numbers", zh="数字列表"),
            Text(en="Write [0.081, 0.079, ...].", zh="写成 [0.081, 0.079, ...]。"),
        )
        return
    _items(((f"{found.name}[{index}]", item) for index, item in enumerate(value)), column, found)


def _json_lines(text: str, column: str | None, found: NumberFile) -> None:
    items: list[tuple[str, object]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{found.name}:{number}"
        try:
            items.append((place, json.loads(line)))
        except (json.JSONDecodeError, RecursionError):
            found.fault(place, _shown(line), Text(en="one JSON value a line", zh="一行一个 JSON 值"), WHOLE_FILE)
    _items(items, column, found)


def _items(items: Iterable[tuple[str, object]], column: str | None, found: NumberFile) -> None:
    for place, item in items:
        if not isinstance(item, dict):
            found.take(place, item)
        elif column is not None and column in item:
            found.take(place, item[column])
        else:
            _which_column(column or "{...}", [str(name) for name in item] or ["?"], found)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fix_of(value: object) -> Text:
    if isinstance(value, str) and "," in value and as_number(value.replace(",", ".", 1)) is not None:
        return Text(en="Write the decimal point as a point: {good}.", zh="小数点请写成点：{good}。").fill(
            good=value.strip().replace(",", ".", 1)
        )
    if isinstance(value, str) and value.strip().endswith("%"):
        return Text(en="Leave the % sign out, in both files alike.", zh="去掉百分号，两个文件都要去掉。")
    return Text(en="Write one number, or nan for a run that failed.", zh="写一个数；训练失败的写 nan。")


A_NUMBER = Text(en="a number, or nan for a failed run", zh="数字；失败的训练写 nan")
SOME_NUMBERS = Text(en="at least one number", zh="至少一个数字")
ADD_RUNS = Text(en="Put the result of each run on a line of its own.", zh="每次训练的结果各写一行。")
WHOLE_FILE = Text(en="Mend this line, or save the file again.", zh="改正这一行，或重新保存文件。")
