"""Tables in files: CSV, tab-separated text, JSON lines, Parquet. What a row means is told by `table.py`.

In the tables that Playnote writes a text that would read as a number is in JSON's quotes, so that every value comes
back as what it was.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.parquet import read_parquet
from playnote.connectors.recognise_tables import delimiter_of
from playnote.connectors.series import value_of_text
from playnote.connectors.table import MIXED, imported_columns
from playnote.connectors.trial_lines import imported_lines, is_header
from playnote.text import Text

_CELL = 1 << 27
_OWN = "configuration."
_TORN = Text(en="{n} lines are no JSON object and were skipped.", zh="有 {n} 行不是 JSON 对象，已跳过。")
_RAGGED = Text(en="{n} rows have too few or too many cells.", zh="有 {n} 行的格子数不对。")
_CUT = Text(en="The last line has no end: the file may be cut short.", zh="最后一行没有换行：文件可能被截断。")
_NO_TEXT = Text(
    en="it is not text in UTF-8 (saved by a spreadsheet in another encoding, such as GBK?).",
    zh="不是 UTF-8 文本（是不是表格软件按 GBK 之类的编码存的？）。",
)
_UTF8 = Text(
    en="Save it as UTF-8, for example: iconv -f GBK -t UTF-8 {name} > utf8.csv",
    zh="另存为 UTF-8，例如：iconv -f GBK -t UTF-8 {name} > utf8.csv",
)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # marked by their first two bytes
_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")


def read_table(path: Path | str, wanted: Wanted) -> Imported:
    """The trials of a table; metric and direction must be given where the table does not hold them."""
    place = Path(path)
    if place.suffix.lower() == ".parquet":
        stored = read_parquet(place)
        opened = {name: _opened(values) if name.startswith(MIXED) else values for name, values in stored.items()}
        return imported_columns(opened, wanted, where=str(path), name=place.stem)
    try:
        raw = place.read_bytes()
        text = raw.decode(_WIDE.get(raw[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        raise unreadable(str(path), _NO_TEXT, _UTF8.fill(name=place.name)) from None
    notes: list[Text] = [] if not text or text.endswith("\n") else [_CUT]
    if place.suffix.lower() == ".jsonl":
        rows, torn = _objects(text)
        if rows and is_header(rows[0]):
            return imported_lines(rows, wanted, where=str(path), name=place.stem, torn=torn)
        odd, note = torn, _TORN
    else:
        rows, odd = _cells(text)
        note = _RAGGED
    notes += [note.fill(n=odd)] if odd else []
    columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}
    got = imported_columns(columns, wanted, where=str(path), name=place.stem)
    return Imported(got.study, got.metric, got.said, got.sampler, got.state, (*got.left_out, *notes))


def _opened(values: list[object]) -> list[object]:
    """JSON cells as values; one that is none stays as it is."""
    found = list(values)
    for at, value in enumerate(values):
        if isinstance(value, str):
            try:
                found[at] = json.loads(value)
            except (ValueError, RecursionError):
                continue
    return found


def _objects(text: str) -> tuple[list[Mapping[str, object]], int]:
    """JSON objects, one a line; how many lines are none."""
    rows: list[Mapping[str, object]] = []
    torn = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows.append(row)
        else:
            torn += 1
    return rows, torn


def _cells(text: str) -> tuple[list[Mapping[str, object]], int]:
    """Rows of a delimited table with values for cells, None where a cell is empty; how many rows are ragged."""
    csv.field_size_limit(_CELL)
    delimiter = delimiter_of(text.partition("\n")[0])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Mapping[str, object]] = []
    head: list[str] = []
    odd = 0
    for cells in _safe(lines):
        if not head:
            head = cells
            continue
        odd += len(cells) != len(head)
        quoted = any(name.startswith(_OWN) for name in head)
        if delimiter == ";":  # then a comma inside a number is its decimal point
            cells = [cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell for cell in cells]
        rows.append({name: _value(cell, quoted) for name, cell in zip(head, cells, strict=False) if name})
    return rows, odd


def _safe(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error:
            # A broken row is a ragged one.
            yield [""]
            continue
        if row:
            yield row


def _value(cell: str, quoted: bool) -> object:
    if not cell:
        return None
    if quoted and cell.startswith('"') and cell.endswith('"') and len(cell) > 1:
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return value_of_text(cell)


__all__ = ["read_table"]
