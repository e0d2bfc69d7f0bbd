"""The journal: numbered events, one durable line each, appended and never changed.

A line is handed to the operating system whole or not at all. When a writer opens the journal, a torn last
line (the death of an earlier writer) is cut and kept aside; lines damaged elsewhere stay where they are and
are reported at every reading.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, final

from playnote.ledger.trouble import cannot_read, cannot_write, too_new
from playnote.recorder.lines import Damage, decode, encode, whole
from playnote.records.state import JournalEvent

JOURNAL_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tidings:
    """What a reading found: new events, damage, and where the next reading starts."""

    events: tuple[JournalEvent, ...]
    damage: tuple[Damage, ...]
    end: int


def read_journal(path: Path, offset: int = 0) -> Tidings:
    """The events from a byte on; none where there is no journal yet. A torn tail is damage, and is read again."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            found = decode(file.read(), offset)
    except FileNotFoundError:
        return Tidings((), (), 0)
    except OSError as error:
        raise cannot_read(path, error) from error
    events = tuple(_event(record, path) for record in found.records)
    return Tidings(events, found.damage, found.end)


def now() -> str:
    """UTC time of day, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mend_journal(path: Path, aside: Path, end: int) -> int:
    """Cut the torn line after byte `end`, keeping its bytes in `aside`; one that lacks only its line end gets it.

    Returns how many bytes were cut. Only for the holder of the lease. Raises LedgerError.
    """
    try:
        with path.open("r+b") as file:
            file.seek(end)
            torn = file.read()
            if torn and whole(torn):
                file.write(b"\n")
                return 0
            if torn:
                aside.parent.mkdir(parents=True, exist_ok=True)
                aside.write_bytes(torn)
                file.truncate(end)
            return len(torn)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise cannot_write(path, error) from error


@final
class JournalWriter:
    """Appends events. Held by one process at a time (the lease sees to that)."""

    def __init__(self, path: Path, last: int) -> None:
        """`last`: number of the last event. Raises LedgerError where the journal cannot be opened for writing."""
        self._path = path
        try:
            self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from error
        self.start_after(last)

    def start_after(self, last: int) -> None:
        """The next event follows number `last`, at the present end of the file."""
        self._last, self.size = last, os.lseek(self._file, 0, os.SEEK_END)

    @property
    def interrupted(self) -> bool:
        """Whether an append was cut short (Ctrl-C) after it had begun to write."""
        return os.lseek(self._file, 0, os.SEEK_END) != self.size

    def append(self, kind: str, data: Mapping[str, object], actor: str, sync: bool) -> JournalEvent:
        """One event. Raises LedgerError on a full disk, and then the journal is as it was."""
        line = encode({"number": self._last + 1, "kind": kind, "time": now(), "actor": actor, "data": data})
        try:
            _whole_write(self._file, line, self.size)
            if sync:
                os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise cannot_write(self._path, error) from error
        self._last, self.size = self._last + 1, self.size + len(line)
        # As a reader will see it (lists for tuples, plain numbers), and safe from later changes of `data`.
        return _event(decode(line).records[0], self._path)

    def close(self) -> None:
        """Force everything to the platter and let go."""
        with contextlib.suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)


def _whole_write(file: int, line: bytes, at: int) -> None:
    done = 0
    while done < len(line):
        done += os.pwrite(file, line[done:], at + done)


def _event(record: dict[str, Any], path: Path) -> JournalEvent:
    event = JournalEvent(
        record.get("number", 0),
        record.get("kind", ""),
        record.get("time", ""),
        record.get("actor", ""),
        record.get("data", {}),
    )
    if event.kind == "ledger-created" and int(record["data"].get("format", 1)) > JOURNAL_FORMAT:
        raise too_new(path, record["data"]["format"], JOURNAL_FORMAT)
    return event
