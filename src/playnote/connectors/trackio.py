"""trackio's store: one SQLite file a project, or the Parquet files it exports beside it.

Of a run whose steps begin again the later values count. How a run ended is not recorded: a run that wrote its last
line counts as complete, which a note says.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import flat
from playnote.connectors.parquet import read_parquet
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, number
from playnote.connectors.sqlite_copy import in_memory
from playnote.text import Text

_DAMAGED = Text(en="its tables are damaged or of another version ({why}).", zh="表已损坏，或版本不同（{why}）。")
_COPY = Text(en="Make a new copy while nothing logs to it.", zh="在没有程序写它的时候重新拷贝一份。")
_OWN = frozenset({"id", "run_id", "run_name", "timestamp", "step", "log_id", "space_id", "created_at"})
_NOT_TOLD = Text(
    en="The tool does not record how a run ended: every run counts as complete unless its score ends in NaN.",
    zh="这个工具不记录训练怎么结束：除非分数以 NaN 结尾，一律按跑完算。",
)
_TORN = Text(en="{n} rows are no JSON object and were skipped.", zh="有 {n} 行不是 JSON 对象，已跳过。")
Row = Mapping[str, object]


def read_trackio(path: Path | str, wanted: Wanted) -> Imported:
    """The runs of one project: `{project}.db`, or `{project}.parquet` with `{project}_configs.parquet` beside it."""
    place = Path(path)
    metrics, configs = _parquet(place) if place.suffix.lower() == ".parquet" else _database(place)
    torn = sum("metrics" in row for row in metrics)
    settings = {_key(row): {k: v for k, v in row.items() if k not in _OWN and k[:1] != "_"} for row in configs}
    started = {_key(row): str(row.get("_Created") or row.get("created_at")) for row in configs}
    rows: dict[str, list[Row]] = {}
    names: dict[str, str] = {}
    for row in (*configs, *metrics):
        names.setdefault(_key(row), str(row.get("run_name") or _key(row)))
    for row in metrics:
        rows.setdefault(_key(row), []).append(row)
    runs = [
        Run(
            name=name,
            configuration=flat(settings.get(key, {})),
            curves=gathered(_steps(rows.get(key, []))),
            outcome="ok" if key in rows else "failed",
            started=started.get(key),
            facts={"run_id": key},
        )
        for key, name in names.items()
    ]
    notes = (_NOT_TOLD, _TORN.fill(n=torn)) if torn else (_NOT_TOLD,)
    return imported_runs(runs, wanted, origin="trackio", where=str(path), name=place.stem, left_out=notes)


def _database(path: Path) -> tuple[list[Row], list[Row]]:
    memory = in_memory(path)
    memory.row_factory = sqlite3.Row
    try:
        metrics = [_opened(row, "metrics") for row in memory.execute("select * from metrics order by id")]
        configs = [_opened(row, "config") for row in memory.execute("select * from configs order by rowid")]
    except sqlite3.DatabaseError as error:
        raise unreadable(str(path), _DAMAGED.fill(why=error), _COPY) from None
    finally:
        memory.close()
    return metrics, configs


def _opened(row: sqlite3.Row, column: str) -> Row:
    """The row with its JSON column laid open; one that cannot be read keeps the column, and is counted."""
    rest = {key: row[key] for key in row.keys() if key != column}  # noqa: SIM118  # a Row iterates over values
    try:
        inside = json.loads(row[column])
    except (ValueError, TypeError, RecursionError):
        inside = None
    return {**inside, **rest} if isinstance(inside, dict) else {**rest, column: None}


def _parquet(path: Path) -> tuple[list[Row], list[Row]]:
    beside = path.with_name(f"{path.stem}_configs.parquet")
    return _rows(path), _rows(beside) if beside.is_file() else []


def _rows(path: Path) -> list[Row]:
    columns = read_parquet(path)
    names = list(columns)
    every = zip(*columns.values(), strict=True)
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in every]


def _key(row: Row) -> str:
    # Before runs had an id, the name was it.
    return str(row.get("run_id") or row.get("run_name"))


def _steps(rows: list[Row]) -> Iterator[tuple[float, Row]]:
    for at, row in enumerate(rows):
        step = number(row.get("step"))
        yield float(at) if step is None else step, {k: v for k, v in row.items() if k not in _OWN}


__all__ = ["read_trackio"]
