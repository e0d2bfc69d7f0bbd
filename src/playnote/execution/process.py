"""One worker process, seen from the runner: start it, give it a job, hear from it, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import final

import psutil

from playnote.execution.events import Ended, Job
from playnote.execution.worker import INSIDE
from playnote.records.project import Workflow

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_GPUS = Path("/proc/driver/nvidia/gpus")
_KEPT = 8000  # bytes of what a worker said that are shown when it dies


@final
class WorkerProcess:
    """A process that leads its own group, so that it ends together with all it started."""

    def __init__(self, workflow: Workflow, place: int) -> None:
        """Start it; `place` is its number among its runner's workers, by which it gets its GPU."""
        self.place, self.ready = place, False
        self.job: Job | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed by `release`
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        code = f"from playnote.execution.worker import main; main({theirs.fileno()}, {life})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=_environment(workflow, place),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            pass_fds=(theirs.fileno(), life),
            start_new_session=True,
        )
        theirs.close()
        os.close(life)
        self.connection: Connection = Connection(ours.detach())
        self._send((workflow, list(sys.path)))

    @property
    def name(self) -> str:
        """Its name in events."""
        return f"local-{self._process.pid}"

    @property
    def group(self) -> int:
        """Its process group, which it leads."""
        return self._process.pid

    @property
    def idle(self) -> bool:
        """Whether it waits for a job."""
        return self.ready and self.job is None and self.alive

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return not self.connection.closed and self._process.poll() is None

    @property
    def exit_code(self) -> int:
        """Minus the signal's number where a signal ended it. Only once it has ended."""
        return self._process.wait()

    def give(self, job: Job, workflow: Workflow) -> None:
        """Let it train; `news` tells when that is over, or `alive` that it never will be."""
        self.job = job
        self._send((job, workflow))

    def news(self) -> Iterator[tuple[str, str | Ended]]:
        """What it said since: ("ready", ""), ("broken", why) or ("ended", Ended)."""
        with contextlib.suppress(EOFError, OSError):
            while not self.connection.closed and self.connection.poll():
                kind, content = self.connection.recv()
                self.ready = self.ready or kind == "ready"
                self.job = None if kind == "ended" else self.job
                yield kind, content

    def resident_mb(self) -> float:
        """Resident memory of the process and its children; 0 once it has ended."""
        try:
            process = psutil.Process(self._process.pid)
            return sum(_resident(p) for p in (process, *process.children(recursive=True))) / 2**20
        except psutil.Error:
            return 0.0

    def last_words(self) -> str:
        """The end of what it printed outside of trials."""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _KEPT))
        return self._said.read().decode("utf-8", "replace").strip()

    def kill(self) -> None:
        """End it and everything it started. Harmless once it has ended: a dead leader may leave children behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def release(self) -> None:
        """Kill it and let its files go."""
        self.kill()
        if not self.connection.closed:
            self.connection.close()
            os.close(self._life)
            self._said.close()

    def _send(self, message: object) -> None:
        # A worker that has died says so by `alive`.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(message)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _environment(workflow: Workflow, place: int) -> dict[str, str]:
    given = {
        **os.environ,
        **dict.fromkeys(_THREADS, "1"),
        "PYTHONHASHSEED": "0",
        **workflow.environment,
        INSIDE: "1",
    }
    given.pop("PLAYNOTE_TRIAL", None)
    gpus = _gpus()
    return {**given, "CUDA_VISIBLE_DEVICES": gpus[place % len(gpus)]} if gpus else given


def _gpus() -> list[str]:
    """The devices that workers share out among themselves; none where this machine has none."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [device for device in named.split(",") if device.strip()]
    try:
        return [str(number) for number, _ in enumerate(_GPUS.iterdir())]
    except OSError:
        return []
