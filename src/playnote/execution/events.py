"""What goes into an executor and what comes out of it.

An executor takes jobs one at a time, when it has room for one, and yields events. A job is a planned trial
with what the caller decided about this attempt: its number, its card and its folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playnote.recorder.card import TrialCard
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial
from playnote.records.trial import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt of one planned trial; `card` carries the attempt's number, `folder` is the trial's folder."""

    trial: PlannedTrial
    card: TrialCard
    folder: Path


@dataclass(frozen=True, slots=True)
class Started:
    """A worker has begun an attempt."""

    trial: str
    attempt: int
    worker: str = ""


@dataclass(frozen=True, slots=True)
class LogLines:
    """Whole lines of an attempt's log, from a byte offset of its file on.

    Where the file is shared they are in it already; where it is not, the caller appends what is not there yet.
    """

    trial: str
    attempt: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt is over, and nothing more of it will come.

    outcome  as far as the executor can tell: "exploded" is for the caller to say
    seconds  wall time of the attempt, the start of its worker left out
    error    the training code's own traceback or last words, "" where all went well
    facts    what was seen of it: peak resident memory in MB, exit code ...
    """

    trial: str
    attempt: int
    outcome: Outcome
    seconds: float
    error: str = ""
    facts: dict[str, object] = field(default_factory=dict)


Event = Started | LogLines | Ended


class Executor(Protocol):
    """Runs jobs. For each: one `Started`, then `LogLines` without gap or overlap, then one `Ended`.

    `run` takes the next job only when it can start it. It may be called again, and keeps its workers between
    calls. Closing the iterator, or the executor, ends what still runs; such attempts get no `Ended`.
    """

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        """Run the jobs to their end."""
        ...

    def stop(self, trial: str) -> None:
        """End a running trial now; its `Ended` follows. Harmless for one that has ended, or that cannot be stopped."""
        ...

    def close(self) -> None:
        """End all workers."""
        ...
