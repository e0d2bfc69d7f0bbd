"""From what a user writes ("optuna.db", "sqlite:///optuna.db", "runs.csv") to the connector that reads it."""

from __future__ import annotations

from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.optuna_rdb import read_optuna
from playnote.connectors.table_csv import read_table
from playnote.text import Text

_DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
_TABLES = frozenset({".csv", ".jsonl"})
_KINDS = Text(
    en="Give an Optuna SQLite file (x.db or sqlite:///x.db), or a table (x.csv, x.jsonl).",
    zh="请给 Optuna 的 SQLite 文件（x.db 或 sqlite:///x.db），或者表格（x.csv、x.jsonl）。",
)
_UNKNOWN = Text(en="this kind of source is not known.", zh="不认识这种来源。")
_ABSENT = Text(en="there is no such file.", zh="没有这个文件。")


def read_source(source: str, wanted: Wanted = Wanted()) -> Imported:
    """Trials of a source; `SourceError` with problem and fix for everything that cannot be read."""
    scheme, _, rest = source.rpartition("://")
    if scheme and scheme != "sqlite":
        raise unreadable(source, _UNKNOWN, _KINDS)
    path = Path(rest.removeprefix("/") if scheme else source)
    ending = path.suffix.lower()
    if not scheme and ending not in _DATABASES | _TABLES:
        raise unreadable(source, _UNKNOWN, _KINDS)
    if not path.is_file():
        raise unreadable(source, _ABSENT, _KINDS)
    try:
        return read_table(path, wanted) if not scheme and ending in _TABLES else read_optuna(path, wanted)
    except OSError as error:
        raise unreadable(source, str(error.strerror or error), _KINDS) from None
