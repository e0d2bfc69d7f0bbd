"""The cache: `ledger.db`, digests and packed curves of the attempts that have ended.

Everything in it can be had from the journal and the attempts' logs; a cache that is missing, damaged, of
another format, or older than a log is read around, and the next writer builds it anew. Only the holder of
the lease writes, which also keeps clear of the race between writers in SQLite's WAL mode before 3.51.3.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final
from urllib.parse import quote

from playnote.ledger.attempts import AttemptReader, Digest
from playnote.ledger.columns import pack, unpack
from playnote.ledger.trouble import bad_cache
from playnote.records.curves import Curve

CACHE_FORMAT = 1
_SCHEMA = """
CREATE TABLE attempt(key INTEGER PRIMARY KEY AUTOINCREMENT, trial TEXT, number INTEGER, size INTEGER, digest TEXT,
                     UNIQUE(trial, number));
CREATE TABLE metric(key INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE curve(attempt INTEGER, metric INTEGER, data BLOB, UNIQUE(attempt, metric));
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cache holds of one attempt: its row, how many bytes of the log it stands for, and the digest's JSON."""

    key: int
    size: int
    digest: str

    def read(self) -> Digest:
        """The digest."""
        form = json.loads(self.digest)
        return Digest(**{**form, "resumed": tuple(form["resumed"]) if form["resumed"] else None})


@final
class Cache:
    """An open cache. Every method raises CacheError where the file is damaged."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        try:
            self._db = _connect_to_write(path) if write else _connect_to_read(path)
            self._metrics = dict(self._db.execute("SELECT name, key FROM metric"))
        except sqlite3.Error as error:
            raise bad_cache(self._path, error) from error

    def entries(self) -> dict[tuple[str, int], Entry]:
        """Every attempt it holds, by trial and number."""
        rows = self._run("SELECT trial, number, key, size, digest FROM attempt")
        return {(trial, number): Entry(key, size, digest) for trial, number, key, size, digest in rows}

    def metrics(self, key: int) -> tuple[str, ...]:
        """Names of an attempt's series, in order of appearance."""
        rows = self._run(
            "SELECT name FROM curve JOIN metric ON metric.key = metric WHERE attempt = ? ORDER BY curve.rowid", (key,)
        )
        return tuple(name for (name,) in rows)

    def curve(self, key: int, metric: str) -> Curve | None:
        """One series of an attempt."""
        number = self._metrics.get(metric)
        rows = self._run("SELECT data FROM curve WHERE attempt = ? AND metric = ?", (key, number))
        curve = unpack(rows[0][0]) if rows else None
        if rows and curve is None:
            raise bad_cache(self._path, "a curve does not fit its checksum")
        return curve

    def store(self, trial: str, attempt: int, reader: AttemptReader) -> Entry:
        """Put an attempt in, in place of what was there. `commit` makes it visible."""
        digest = json.dumps(asdict(reader.digest()), separators=(",", ":"))
        old = self._run("SELECT key FROM attempt WHERE trial = ? AND number = ?", (trial, attempt))
        for (key,) in old:
            self._run("DELETE FROM curve WHERE attempt = ?", (key,))
            self._run("DELETE FROM attempt WHERE key = ?", (key,))
        try:
            row = self._db.execute(
                "INSERT INTO attempt(trial, number, size, digest) VALUES(?, ?, ?, ?)",
                (trial, attempt, reader.size, digest),
            )
            key = int(row.lastrowid or 0)
            chunks = ((key, self._metric(m), pack(curve)) for m in reader.metrics if (curve := reader.curve(m)))
            self._db.executemany("INSERT INTO curve(attempt, metric, data) VALUES(?, ?, ?)", chunks)
        except sqlite3.Error as error:
            raise bad_cache(self._path, error) from error
        return Entry(key, reader.size, digest)

    def commit(self) -> None:
        """Make what was stored visible to readers."""
        try:
            self._db.commit()
        except sqlite3.Error as error:
            raise bad_cache(self._path, error) from error

    def close(self) -> None:
        """Let the file go."""
        with suppress(sqlite3.Error):
            self._db.close()

    def _metric(self, name: str) -> int:
        if name not in self._metrics:
            row = self._db.execute("INSERT INTO metric(name) VALUES(?)", (name,))
            self._metrics[name] = int(row.lastrowid or 0)
        return int(self._metrics[name])

    def _run(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise bad_cache(self._path, error) from error


def remove_cache(path: Path) -> None:
    """Delete the cache with its side files. Only for the holder of the lease."""
    for ending in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + ending).unlink()


def _connect_to_write(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")  # a cache: losing it costs a rebuild
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {CACHE_FORMAT}; COMMIT;")
    elif found != CACHE_FORMAT:
        db.close()
        raise sqlite3.DatabaseError(f"format {found}")
    return db


def _connect_to_read(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise sqlite3.OperationalError("no cache")
    log = path.with_name(path.name + "-wal")
    # In a folder that cannot be written SQLite needs the promise that nobody writes; without a log it is kept.
    still = not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable={int(still)}", uri=True, check_same_thread=False)
    try:
        found = db.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error:
        db.close()
        raise
    if found != CACHE_FORMAT:
        db.close()
        raise sqlite3.DatabaseError(f"format {found}")
    return db
