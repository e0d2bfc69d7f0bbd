"""Closed rounds, bundled: the logs of a round in one compressed file instead of thousands of small ones.

A bundle is an ordinary zip file, `.playnote/bundles/round-3.zip`, with one member a log. It is written
beside, read back whole, renamed into place, and only then are the logs it holds removed: whenever the writer
dies, every log is in at least one place. Of a log that
is both plain and bundled the longer one counts: a process that outlived its attempt cannot hide what it logged.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import final

from playnote.ledger.cache import Key
from playnote.ledger.paths import Paths
from playnote.ledger.trouble import cannot_read, cannot_write

# What the zip reader raises on a damaged file; NotImplementedError: a method or version byte that was turned.
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError)


@final
class LogFiles:
    """The bytes of every attempt's log, plain or bundled. Missing is empty."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.complaints: dict[Path, str] = {}  # bundles that cannot be read
        self._folder = paths.bundle(0).parent
        self._plain: dict[Key, Path] = {}  # making a path costs more than looking at the file
        self._seen = 0  # when the folder of bundles had last changed as it was read
        self._members: dict[str, tuple[Path, int]] = {}

    def size(self, key: Key) -> int:
        """Length in bytes."""
        found = self._member(key)
        return max(_size(self._path(key)), found[1] if found else 0)

    def read(self, key: Key, offset: int) -> bytes:
        """The bytes from `offset` on. Raises LedgerError for a log that is there and cannot be read."""
        path, found = self._path(key), self._member(key)
        if found is not None and found[1] > _size(path):
            return self._bundled(found[0], _name(key))[offset:]
        try:
            with path.open("rb") as file:
                file.seek(offset)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise cannot_read(path, error) from error

    def bundle(self, round_: int, keys: Iterable[Key]) -> int:
        """Move these logs into the round's bundle; how many bytes that freed. Only with the lease.

        Raises LedgerError, and then every log is where it was.
        """
        target = self._paths.bundle(round_)
        draft = target.with_suffix(".draft")
        paths = {key: self._path(key) for key in keys}
        plain = {_name(key): path for key, path in paths.items() if path.exists() and _size(path) == self.size(key)}
        before = sum(path.stat().st_size for path in plain.values())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(draft, target, plain)
            draft.replace(target)
        except (OSError, *_BAD) as error:
            draft.unlink(missing_ok=True)
            raise cannot_write(target, error if isinstance(error, OSError) else OSError(str(error))) from error
        for path in plain.values():
            path.unlink(missing_ok=True)
        return before - target.stat().st_size

    def _write(self, draft: Path, old: Path, plain: dict[str, Path]) -> None:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
            for name, path in plain.items():
                bundle.writestr(name, path.read_bytes())
            if old.exists():
                with zipfile.ZipFile(old) as earlier:
                    for name in set(earlier.namelist()) - plain.keys():
                        bundle.writestr(name, earlier.read(name))
        with zipfile.ZipFile(draft) as bundle, draft.open("rb") as file:
            bad = bundle.testzip()
            os.fsync(file.fileno())
        if bad is not None:
            raise zipfile.BadZipFile(bad)

    def _member(self, key: Key) -> tuple[Path, int] | None:
        seen = _changed(self._folder)
        if seen != self._seen:
            self._seen, self._members = seen, {}
            for path in sorted(self._folder.glob("round-*.zip")):
                self._index(path)
        return self._members.get(_name(key)) if self._members else None

    def _path(self, key: Key) -> Path:
        path = self._plain.get(key)
        if path is None:
            path = self._plain[key] = self._paths.attempt(*key)
        return path

    def _index(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as bundle:
                self._members.update((info.filename, (path, info.file_size)) for info in bundle.infolist())
        except (OSError, *_BAD) as error:
            self.complaints[path] = str(error)

    def _bundled(self, path: Path, name: str) -> bytes:
        try:
            with zipfile.ZipFile(path) as bundle:
                return bundle.read(name)
        except (OSError, *_BAD) as error:
            self.complaints[path] = str(error)
            return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _name(key: Key) -> str:
    return f"{key[0]}/attempt-{key[1]}.jsonl"
