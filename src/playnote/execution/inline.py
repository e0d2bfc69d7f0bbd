"""The inline executor: one trial after the other in this process, for notebooks and for finding faults.

A trial that runs here cannot be stopped from outside: time and memory limits need workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import final

from playnote.execution.attempt import run_attempt
from playnote.execution.calling import Function, load_function
from playnote.execution.events import Event, Job, Started
from playnote.execution.tail import Tail
from playnote.recorder import attempt_log
from playnote.records.project import Workflow


@final
class InlineExecutor:
    """Runs jobs here. `function` stands in for the workflow's own, where it is given."""

    def __init__(self, function: Function | None = None) -> None:
        self._function = function

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        """Run the jobs to their end. Raises WorkflowError where the workflow's function is not found."""
        function = self._function
        if function is None and workflow.function is not None:
            function = load_function(workflow.function, Path(workflow.folder))
        for job in planned:
            yield Started(job.card.id, job.card.attempt, "inline")
            ended = run_attempt(job, workflow, function)
            yield from Tail(job.card.id, job.card.attempt, attempt_log(job.folder, job.card.attempt)).read()
            yield ended

    def stop(self, trial: str) -> None:
        """Nothing: a trial that runs in this process cannot be stopped."""

    def close(self) -> None:
        """Nothing to end."""
