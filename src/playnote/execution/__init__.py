"""Running planned trials: in this process, or in worker processes that stay; streams events, judges nothing."""

from __future__ import annotations

from playnote.execution.choose import EXECUTORS, executor_for
from playnote.execution.events import Ended, Event, Executor, Job, LogLines, Started
from playnote.execution.inline import InlineExecutor
from playnote.execution.local import LocalExecutor

__all__ = [
    "EXECUTORS",
    "Ended",
    "Event",
    "Executor",
    "InlineExecutor",
    "Job",
    "LocalExecutor",
    "LogLines",
    "Started",
    "executor_for",
]
