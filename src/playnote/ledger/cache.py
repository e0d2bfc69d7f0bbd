"""The cache: `ledger.db`, digests and packed curves of the attempts that have ended.

Everything in it can be had from the journal and the attempts' logs; a cache that is missing, damaged, of
another format, or older than a log is read around, and the next writer builds it anew. Only the holder of
the lease writes, which also keeps clear of the race between writers in SQLite's WAL mode before 3.51.3.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final
from urllib.parse import quote

from playnote.ledger.attempts import AttemptReader, Digest
from playnote.ledger.columns import pack, unpack
from playnote.ledger.trouble import bad_cache
from playnote.recorder.lines import decode, encode
from playnote.records.curves import Curve

CACHE_FORMAT = 2
_REFUSALS = (sqlite3.Error, UnicodeError)  # SQLite quotes damaged bytes in its own messages
Key = tuple[str, int]  # a trial and the number of its attempt
_SCHEMA = """
CREATE TABLE attempt(key INTEGER PRIMARY KEY AUTOINCREMENT, trial TEXT, number INTEGER, size INTEGER, digest BLOB,
                     UNIQUE(trial, number));
CREATE TABLE metric(key INTEGER PRIMARY KEY, name BLOB UNIQUE);
CREATE TABLE curve(attempt INTEGER, metric INTEGER, data BLOB, UNIQUE(attempt, metric));
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cache holds of one attempt: its row, the length of its log then, and the digest as a durable line."""

    key: int
    size: int
    digest: bytes


@final
class Cache:
    """An open cache. Every method raises CacheError where the file is damaged."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        try:
            self._db = _connect_to_write(path) if write else _connect_to_read(path)
            weakref.finalize(self, self._db.close)  # a reader that nobody closes
            self._db.text_factory = lambda raw: raw.decode("utf-8", "replace")
            self._metrics: dict[bytes, int] = dict(self._db.execute("SELECT name, key FROM metric"))
        except _REFUSALS as error:
            raise bad_cache(self._path, error) from error

    def entries(self) -> dict[tuple[str, int], Entry]:
        """Every attempt it holds, by trial and number."""
        rows = self._run("SELECT trial, number, key, size, digest FROM attempt")
        return {
            (trial, number): Entry(key, size, digest)
            for trial, number, key, size, digest in rows
            if type(digest) is bytes
        }

    def digest(self, key: Key, entry: Entry) -> Digest:
        """The small part of an attempt's log."""
        found = decode(entry.digest).records
        form: dict[str, Any] = found[0] if found else {}
        if form.pop("owner", None) != list(key):
            raise bad_cache(self._path, "a digest does not fit its checksum")
        return Digest(**{**form, "resumed": tuple(form["resumed"]) if form["resumed"] else None})

    def curve(self, key: Key, entry: Entry, metric: str) -> Curve:
        """One series of an attempt, which was logged."""
        number = self._metrics.get(_raw(metric))
        rows = self._run("SELECT data FROM curve WHERE attempt = ? AND metric = ?", (entry.key, number))
        curve = unpack(rows[0][0], _owner(key, metric)) if rows and isinstance(rows[0][0], bytes) else None
        if curve is None:
            raise bad_cache(self._path, "a curve is missing or does not fit its checksum")
        return curve

    def store(self, key: Key, reader: AttemptReader) -> Entry:
        """Put an attempt in, in place of what was there. `commit` makes it visible."""
        digest = encode({"owner": key, **asdict(reader.digest())})
        for (old,) in self._run("SELECT key FROM attempt WHERE trial = ? AND number = ?", key):
            self._run("DELETE FROM curve WHERE attempt = ?", (old,))
            self._run("DELETE FROM attempt WHERE key = ?", (old,))
        try:
            row = self._db.execute(
                "INSERT INTO attempt(trial, number, size, digest) VALUES(?, ?, ?, ?)",
                (*key, reader.size, digest),
            )
            number = int(row.lastrowid or 0)
            for metric in reader.metrics:
                curve = reader.curve(metric)
                if curve is not None:
                    chunk = (number, self._metric(metric), pack(curve, _owner(key, metric)))
                    self._db.execute("INSERT INTO curve(attempt, metric, data) VALUES(?, ?, ?)", chunk)
        except _REFUSALS as error:
            raise bad_cache(self._path, error) from error
        return Entry(number, reader.size, digest)

    def commit(self) -> None:
        """Make what was stored visible to readers."""
        try:
            self._db.commit()
        except _REFUSALS as error:
            raise bad_cache(self._path, error) from error

    def close(self) -> None:
        """Let the file go."""
        with suppress(*_REFUSALS):
            self._db.close()

    def _metric(self, name: str) -> int:
        raw = _raw(name)
        if raw not in self._metrics:
            row = self._db.execute("INSERT INTO metric(name) VALUES(?)", (raw,))
            self._metrics[raw] = int(row.lastrowid or 0)
        return self._metrics[raw]

    def _run(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, tuple(values)).fetchall()
        except _REFUSALS as error:
            raise bad_cache(self._path, error) from error


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _owner(key: Key, metric: str) -> str:
    return f"{key[0]}/{key[1]}/{metric}"


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
    except _REFUSALS:
        db.close()
        raise
    if found != CACHE_FORMAT:
        db.close()
        raise sqlite3.DatabaseError(f"format {found}")
    return db
