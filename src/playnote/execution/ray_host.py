"""What lives on a Ray node: one warm worker, and the way of its files and log lines back to the runner.

It trains exactly as `LocalExecutor` does on the runner's own machine, with the same process group, limits and
replacement of poisoned workers; the node needs no disk in common with the runner. When this process dies, for
whatever reason, its worker and everything that it started end as well.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from playnote.errors import PlaynoteError
from playnote.execution.events import Event, Job, LogLines, Started
from playnote.execution.guard import Guard
from playnote.execution.local import LocalExecutor
from playnote.execution.ray_files import Gone, Outbox, Piece, take_in, unpack_code
from playnote.recorder import attempt_log
from playnote.records.project import Workflow
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Refused:
    """The training code cannot even be loaded on the node: the problem and its fix."""

    problem: Text
    fix: Text


News = Event | Piece | Gone | Refused


@final
class TrialHost:
    """One place for one trial at a time."""

    def __init__(self) -> None:
        self._executor = LocalExecutor(1)
        self._guard = Guard()
        self._scratch = Path(tempfile.mkdtemp(prefix="playnote-"))
        self._code: Path | None = None

    def ready(self) -> str:
        """The node's name, once this process runs."""
        return platform.node()

    def sees(self, folder: str) -> bool:
        """Whether the node has the project's folder under the same path."""
        return Path(folder).is_dir()

    def unpack(self, code: bytes) -> None:
        """Take the training code, for a node that does not see the project's folder."""
        self._code = self._scratch / "code"
        unpack_code(code, self._code)

    def run(self, job: Job, workflow: Workflow, files: Sequence[Piece]) -> Iterator[News]:
        """Train once; events as every executor yields them, and between them the files that the trial wrote."""
        folder = self._scratch / job.card.id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for piece in files:
            take_in(folder, piece)
        outbox = Outbox(folder, attempt_log(folder, job.card.attempt).name)
        outbox.mark()
        try:
            for event in self._executor.run(iter([replace(job, folder=folder)]), self._here(workflow)):
                if isinstance(event, Started):
                    self._guard.watch(self._executor.groups)
                    event = replace(event, worker=f"ray-{platform.node()}-{event.worker.removeprefix('local-')}")
                if isinstance(event, LogLines):
                    yield event  # read after the last look: all that led to the checkpoints seen there is in it
                    yield from outbox.release()
                    yield from outbox.look()
                    continue
                yield from outbox.look()  # before an end: nothing may follow it
                yield from outbox.release()
                yield event
        except PlaynoteError as error:
            yield Refused(error.problem, error.fix)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self, trial: str) -> None:
        """End the trial; its `Ended` follows."""
        self._executor.stop(trial)

    def _here(self, workflow: Workflow) -> Workflow:
        """The workflow with the folder as it is on this node."""
        if self._code is None:
            return workflow
        function = (workflow.function or "").replace(workflow.folder.rstrip("/") + "/", f"{self._code}/") or None
        return replace(workflow, folder=str(self._code), function=function)
