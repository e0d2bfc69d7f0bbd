"""The log of one attempt: rows go into memory at once and to the file within a quarter of a second.

A thread hands the rows to the operating system every `EVERY` seconds with one append of whole lines, so
the death of the process (`kill -9` included) loses at most the last `EVERY` seconds (longer only while
native code keeps the interpreter lock), and one call of `log` costs about a microsecond. What the
machine's death loses is for the file system to say: nothing is synced here. On a full disk the rest of a
line waits in memory and is written when there is room.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path

from playnote.errors import LedgerError
from playnote.recorder.lines import encode, encode_metrics
from playnote.recorder.values import Later
from playnote.text import Text, same

EVERY = 0.25  # seconds between writes
_CROWDED = 4096  # rows in memory beyond which `push` writes by itself
_FULL = 64 << 20  # bytes that may wait for room on the disk

Row = tuple[float, float, dict[str, "float | int | Later"]]
Seen = Callable[[float, dict[str, float]], None]


class AttemptLog:
    """Appends to one attempt's file. Safe to use from several threads; silent in a forked child."""

    def __init__(self, path: Path, opening: dict[str, object], late: Seen) -> None:
        """`late` is called with the step and values of a row of which some had lain on a device."""
        self.path = path
        self._late = late
        self._step, self._at_step = math.nan, dict[str, float]()
        self._rows: deque[Row | bytes] = deque()
        self._waiting = bytearray()
        self._lock = threading.RLock()
        self._closed = False
        self._file: int | None = _open(path)
        self.put(opening)
        self._begin_ticking()
        _OPEN.add(self)

    def push(self, step: float, values: dict[str, float | int | Later]) -> None:
        """One row of metrics; ignored once the log is closed."""
        if self._closed:
            return
        self._rows.append((step, time.time(), values))
        if len(self._rows) > _CROWDED:
            self.flush()

    def put(self, record: dict[str, object]) -> None:
        """Any other record."""
        self._rows.append(encode(record))

    def values_at(self, step: float) -> dict[str, float]:
        """What was logged at the latest step, if that is the one."""
        with self._lock:
            self._drain()
            return dict(self._at_step) if self._step == step else {}

    def flush(self) -> None:
        """Hand everything to the operating system. Raises LedgerError when far too much waits for room."""
        with self._lock:
            self._drain()
            self._write()

    def close(self) -> None:
        """Write the rest and let the file go. Raises LedgerError where the rest could not be written."""
        if self._closed:
            return
        self._closed = True
        self._pause.set()
        with self._lock:
            self._drain()
            self._write()
            left = len(self._waiting)
            self._release()
        _OPEN.discard(self)
        if left:
            raise _no_room(self.path, left)

    def hold_still(self) -> None:
        """Before a fork: no thread runs and no lock is held, so that the child starts from a sound state."""
        self._pause.set()
        self._thread.join()

    def go_on(self) -> None:
        """After a fork, in the parent."""
        self._begin_ticking()

    def abandon(self) -> None:
        """In a forked child: forget everything, since the parent will write it."""
        self._rows.clear()
        self._waiting.clear()
        self._lock = threading.RLock()
        self._closed = True
        self._release()

    def _release(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _begin_ticking(self) -> None:
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._tick, args=(self._pause,), name="playnote-log", daemon=True)
        self._thread.start()

    def _tick(self, pause: threading.Event) -> None:
        while not pause.wait(EVERY):
            with self._lock:
                self._drain()
                self._write(quiet=True)

    def _drain(self) -> None:
        rows, waiting = self._rows, self._waiting
        for _ in range(len(rows)):
            row = rows.popleft()
            waiting += row if type(row) is bytes else self._line(*row)

    def _line(self, step: float, when: float, values: dict[str, float | int | Later]) -> bytes:
        read = values if all(type(value) is not Later for value in values.values()) else self._read_late(step, values)
        if step == self._step:
            self._at_step.update(read)  # type: ignore[arg-type]  # none is a Later any more
        else:
            self._step, self._at_step = step, read  # type: ignore[assignment]
        return encode_metrics(step, round(when, 3), read)  # type: ignore[arg-type]

    def _read_late(self, step: float, values: dict[str, float | int | Later]) -> dict[str, float | int | Later]:
        """Wait for the values that lay on a device; one whose device is gone (and the process, soon) is left out."""
        read: dict[str, float] = {}
        for name, value in values.items():
            with contextlib.suppress(RuntimeError):
                read[name] = value.read() if isinstance(value, Later) else value
        self._late(step, read)
        return read  # type: ignore[return-value]

    def _write(self, quiet: bool = False) -> None:
        while self._waiting and self._file is not None:
            try:
                written = os.write(self._file, self._waiting)
            except OSError:
                if len(self._waiting) > _FULL and not quiet:
                    raise _no_room(self.path, len(self._waiting)) from None
                return
            del self._waiting[:written]


_OPEN: weakref.WeakSet[AttemptLog] = weakref.WeakSet()


def _before_fork() -> None:
    for log in list(_OPEN):
        log.hold_still()


def _after_fork_in_parent() -> None:
    for log in list(_OPEN):
        log.go_on()


def _after_fork_in_child() -> None:
    for log in list(_OPEN):
        log.abandon()
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
        end = os.lseek(file, 0, os.SEEK_END)
        # A line that an earlier process of this attempt left unfinished must not swallow our first one.
        if end and os.lseek(file, end - 1, os.SEEK_SET) >= 0 and os.read(file, 1) != b"\n":
            os.write(file, b"\n")
        return file
    except OSError as error:
        raise LedgerError(
            Text(en="The trial's log {path} cannot be opened: {why}.", zh="无法打开试验日志 {path}：{why}。").fill(
                path=same(str(path)), why=same(error.strerror or str(error))
            ),
            fix=Text(en="Make the folder writable, or free some space.", zh="请让该文件夹可写，或腾出磁盘空间。"),
        ) from error


def _no_room(path: Path, left: int) -> LedgerError:
    return LedgerError(
        Text(
            en="{left} bytes of the trial's log {path} could not be written.",
            zh="试验日志 {path} 还有 {left} 字节没有写进去。",
        ).fill(left=left, path=same(str(path))),
        fix=Text(en="Free some space on the disk and run the trial again.", zh="请腾出磁盘空间，再重跑这个试验。"),
    )
