"""The lease: one writer at a time, and who it is.

A lock of the operating system on `.playnote/lease` is the lease: it ends with the process, however that
dies. The file's content says who holds it, for people. A forked child lets go of its copy at once, so that
an orphaned worker never keeps its dead runner's lease.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import time
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from playnote.errors import LeaseError, LedgerError
from playnote.ledger.trouble import cannot_write
from playnote.text import Text, same

_BEAT = 5.0  # seconds between two heartbeats


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease; `beat` is the time (seconds since 1970) of the last sign of life."""

    actor: str
    pid: int
    host: str
    since: float
    beat: float


@final
class Lease:
    """Held from construction to `release`. Raises LeaseError where another writer holds it."""

    def __init__(self, path: Path, actor: str) -> None:
        self._path = path
        now = time.time()
        self._holder = Holder(actor, os.getpid(), platform.node(), now, now)
        self._file: int | None = _take(path)
        _HELD.add(self)
        self._write()

    @property
    def held(self) -> bool:
        """Whether this process may write."""
        return self._file is not None

    def beat(self) -> None:
        """Say that the writer lives; called at every append, written every few seconds."""
        now = time.time()
        if now - self._holder.beat > _BEAT or now < self._holder.beat:
            self._holder = Holder(**{**asdict(self._holder), "beat": now})
            self._write()

    def release(self) -> None:
        """Let the next writer in."""
        if self._file is not None:
            file, self._file = self._file, None
            _HELD.discard(self)
            os.close(file)

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            words = json.dumps(asdict(self._holder)).encode()
            os.pwrite(self._file, words.ljust(200), 0)
        except OSError as error:
            self.release()
            raise cannot_write(self._path, error) from error


def read_holder(path: Path) -> Holder | None:
    """Who holds or last held the lease; None where nobody ever did."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


_HELD: weakref.WeakSet[Lease] = weakref.WeakSet()


def _forked() -> None:
    for lease in list(_HELD):
        lease.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _take(path: Path) -> int:
    try:
        fcntl = importlib.import_module("fcntl")
    except ImportError as error:
        raise LedgerError(
            Text(
                en="A ledger cannot be written on this system: it has no file locks.",
                zh="这个系统没有文件锁，无法写记录库。",
            ),
            fix=Text(en="Use Linux or macOS (on Windows: WSL).", zh="请使用 Linux 或 macOS（Windows 上用 WSL）。"),
        ) from error
    try:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise _taken(read_holder(path)) from error
    except OSError as error:
        os.close(file)
        raise cannot_write(path, error) from error
    return file


def _taken(holder: Holder | None) -> LeaseError:
    who = f"{holder.actor}, process {holder.pid} on {holder.host}" if holder else "another process"
    kill = f"kill {holder.pid}" if holder else "kill PID"
    return LeaseError(
        Text(en="Another writer holds this ledger: {who}.", zh="这个记录库正由另一个进程写入：{who}。").fill(
            who=same(who)
        ),
        fix=Text(
            en="Wait until it ends, or end it (`{kill}`); reading works meanwhile.",
            zh="请等它结束，或结束它（`{kill}`）；期间仍可读取。",
        ).fill(kill=same(kill)),
    )
