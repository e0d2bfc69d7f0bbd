"""Drawings as a page holds them: every column of every table once, whichever picture, language or metric uses it.

A picture's rows are told column by column; equal columns of different pictures stand once in a pool, so a round of a
thousand trials does not carry its scores once for each axis and language. The page's script puts the rows together again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]


class Drawn(Protocol):
    """What a picture must have to be packed: its place in the page, and a drawing for each language."""

    @property
    def id(self) -> str:
        """Its place in the page."""
        ...

    @property
    def drawing(self) -> Mapping[Any, Json]:
        """A Vega-Lite spec or uPlot data for each language."""
        ...


@dataclass(slots=True)
class _Pool:
    columns: list[object] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def place(self, column: list[object]) -> int:
        """Where a column stands; strings that repeat are told once."""
        packed = _by_word(column)
        key = json.dumps(packed, ensure_ascii=False, allow_nan=False)
        if key not in self.known:
            self.known[key] = len(self.columns)
            self.columns.append(packed)
        return self.known[key]


def packed(figures: Iterable[Drawn]) -> Json:
    """`columns`, and `figures` by id and language, in which tables and lines name their columns by number."""
    pool = _Pool()
    return {
        "figures": {
            figure.id: {language: _drawing(drawing, pool) for language, drawing in figure.drawing.items()}
            for figure in figures
        },
        "columns": pool.columns,
    }


def _drawing(drawing: Json, pool: _Pool) -> Json:
    """The drawing with its rows (Vega-Lite) or its lines' numbers (uPlot) in the pool."""
    held: Json = dict(drawing)
    rows = drawing.get("data", {}).get("values")
    if rows:
        names = list(dict.fromkeys(name for row in rows for name in row))
        table = {name: pool.place([row.get(name) for row in rows]) for name in names}
        held["data"] = {"table": table}
    if "lines" in drawing:
        held["lines"] = [{**line, "x": pool.place(line["x"]), "y": pool.place(line["y"])} for line in drawing["lines"]]
    if drawing.get("cloud"):
        held["cloud"] = pool.place([drawing["cloud"]])
    return held


def _by_word(column: list[object]) -> object:
    """A column of strings as its words and their places, where that is shorter; another as it is."""
    words = list(dict.fromkeys(each for each in column if isinstance(each, str)))
    if not words or len(words) * 2 > len(column) or not all(isinstance(each, str) for each in column):
        return column
    at = {word: place for place, word in enumerate(words)}
    return {"words": words, "at": [at[str(each)] for each in column]}


def unpacked(held: Json) -> dict[str, dict[str, Json]]:
    """The drawings by id and language as they were; what the page's script does, for tests and other readers."""
    columns = [_spread(column) for column in held["columns"]]
    return {
        name: {language: _whole(drawing, columns) for language, drawing in each.items()}
        for name, each in held["figures"].items()
    }


def _spread(column: Any) -> list[object]:
    return [column["words"][at] for at in column["at"]] if isinstance(column, dict) else column


def _whole(drawing: Json, columns: list[list[object]]) -> Json:
    whole: Json = dict(drawing)
    table = drawing.get("data", {}).get("table")
    if table:
        rows = zip(*(columns[at] for at in table.values()), strict=True)
        whole["data"] = {"values": [dict(zip(table, row, strict=True)) for row in rows]}
    if "lines" in drawing:
        whole["lines"] = [{**line, "x": columns[line["x"]], "y": columns[line["y"]]} for line in drawing["lines"]]
    if drawing.get("cloud") is not None:
        whole["cloud"] = columns[drawing["cloud"]][0]
    return whole
