"""Reading what a command logs through TensorBoard or offline W&B while it runs: a folder of files that grow.

What stands there at the start belongs to an earlier attempt and is skipped. So that two trials never read each
other's numbers, the folder must be the trial's own: its path holds `{trial}` or `{folder}`.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, final

from playnote.connectors.recognise import files_under
from playnote.connectors.series import number
from playnote.connectors.tensorboard import EVENTS
from playnote.connectors.tensorboard_events import EventFile
from playnote.connectors.tensorboard_runs import name_in_run
from playnote.connectors.wandb_log import LogFile
from playnote.connectors.wandb_records import RunLog

Row = tuple[float | None, dict[str, float]]
_PAUSE = 0.25  # seconds between two looks; writers hold numbers back for longer


class _Grows(Protocol):
    def new(self) -> Iterator[Row]:
        """What came since the last call."""
        ...


@final
class Folder:
    """Every file of one kind below a folder, those that are made while the command runs too."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._pattern, self._open = _KINDS[kind]
        self._files: dict[Path, _Grows] = {}
        for _ in self.read():
            pass

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """A moment."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PAUSE)

    def read(self) -> Iterator[Row]:
        """What was logged since, by step."""
        steps: dict[float | None, dict[str, float]] = {}
        for path in files_under(self._path):
            if self._pattern in path.name:
                file = self._files.setdefault(path, self._open(path, path.parent.relative_to(self._path).as_posix()))
                # A file that is gone or not yet readable is looked at again.
                with contextlib.suppress(OSError):
                    for step, metrics in file.new():
                        steps.setdefault(step, {}).update(metrics)
        yield from sorted(steps.items(), key=lambda row: row[0] or 0.0)


@final
class _Events:
    def __init__(self, path: Path, folder: str) -> None:
        self._file, self._folder = EventFile(path), folder

    def new(self) -> Iterator[Row]:
        for tag, points in self._file.read().items():
            name = name_in_run(self._folder, tag)
            if name is not None:
                for step, value in zip(points.steps.tolist(), points.values.tolist(), strict=True):
                    yield float(step), {name: value}


@final
class _Wandb:
    def __init__(self, path: Path, folder: str) -> None:
        self._file, self._log = LogFile(path), RunLog()

    def new(self) -> Iterator[Row]:
        for record in self._file.read():
            self._log.take(record)
        rows, self._log.rows = self._log.rows, []
        for step, row in rows:
            yield step, {name: found for name, value in row.items() if (found := number(value)) is not None}


_KINDS: dict[str, tuple[str, Callable[[Path, str], _Grows]]] = {
    "tensorboard": (EVENTS, _Events),
    "wandb-offline": (".wandb", _Wandb),
}
