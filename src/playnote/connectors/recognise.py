"""What a source looks like from outside: endings, tables of a database, names inside a folder.

Looking is cheap and changes nothing: a few bytes of a file, a bounded number of names of a folder; links that lead
out of the folder are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

Recognises = Callable[[Path], bool]
_HEAD = 1 << 20  # bytes of a database in which the statements that made its tables stand
_SQLITE = b"SQLite format 3\x00"
_NAMES = 20_000  # names of a folder looked at before giving up
_DEPTH = 6  # folders below the one that was given


def ending(*endings: str) -> Recognises:
    """A file whose name ends so (".csv"), in small or capital letters."""
    return lambda path: path.is_file() and path.name.lower().endswith(endings)


def starting(*beginnings: bytes) -> Recognises:
    """A file whose first bytes are these."""
    return lambda path: path.is_file() and _head(path, max(map(len, beginnings))).startswith(beginnings)


def database(*tables: str) -> Recognises:
    """A SQLite file in which all of these tables were made, in the file itself or in its write-ahead log."""

    def holds(path: Path) -> bool:
        if not path.is_file() or not _head(path, len(_SQLITE)).startswith(_SQLITE):
            return False
        log = path.with_name(path.name + "-wal")
        text = (_head(path, _HEAD) + (_head(log, _HEAD) if log.is_file() else b"")).lower()
        for mark in (b'"', b"`", b"[", b"]", b"'", b"if not exists "):
            text = text.replace(mark, b"")
        return all(b"create table " + table.encode() in text for table in tables)

    return holds


def folder(*patterns: str) -> Recognises:
    """A folder that holds, at any depth within reason, a file that one of the patterns fits.

    A pattern is a name ("events.out.tfevents.*") or the last parts of a path ("files/config.yaml"). A file that
    fits counts too.
    """

    def holds(path: Path) -> bool:
        if path.is_file():
            return any(fits(path, pattern) for pattern in patterns)
        return path.is_dir() and any(fits(each, pattern) for each in files_under(path) for pattern in patterns)

    return holds


def either(*recognisers: Recognises) -> Recognises:
    """Any of them."""
    return lambda path: any(each(path) for each in recognisers)


def fits(path: Path, pattern: str) -> bool:
    """Whether the last parts of the path fit the pattern, part by part."""
    wanted = pattern.split("/")
    parts = path.parts[-len(wanted) :]
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def files_under(path: Path, most: int = _NAMES, depth: int = _DEPTH, links: list[Path] | None = None) -> Iterator[Path]:
    """Files below a folder, level by level, in order of name; links are left alone, so nothing outside is reached.

    links  gets those that were left alone
    """
    level, seen = [path], 0
    for _ in range(depth + 1):
        below: list[Path] = []
        for each in level:
            for entry in _entries(each):
                seen += 1
                if seen > most:
                    return
                if entry.is_dir(follow_symlinks=False):
                    below.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)
                elif entry.is_symlink() and links is not None:
                    links.append(Path(entry.path))
        level = below


def _entries(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _head(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""
