"""The executors keep the promises of the kit, and the kit notices an executor that breaks one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from playnote.execution import Ended, Event, InlineExecutor, Job, LocalExecutor, LogLines
from playnote.records.project import Workflow
from playnote.testing.executor_kit import check_executor


def test_workers_keep_every_promise(tmp_path):
    assert check_executor(lambda: LocalExecutor(2), tmp_path) == ()


def test_the_inline_executor_keeps_every_promise(tmp_path):
    assert check_executor(InlineExecutor, tmp_path, separate=False) == ()


class Broken:
    """An inline executor with one fault."""

    def __init__(self, fault: str) -> None:
        self._fault, self._inner, self._count = fault, InlineExecutor(), 0

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        jobs = list(planned) if self._fault == "greedy" else planned
        for event in self._inner.run(jobs, workflow):
            self._count += 1
            if self._fault == "loses a log" and isinstance(event, LogLines):
                continue
            if self._fault == "shifts" and isinstance(event, LogLines):
                event = replace(event, offset=event.offset + 1)
            if self._fault == "all is well" and isinstance(event, Ended):
                event = replace(event, outcome="ok")
            if self._fault == "silent" and isinstance(event, Ended):
                event = replace(event, error="")
            yield event
            if self._fault == "twice" and isinstance(event, Ended):
                yield event

    def stop(self, trial: str) -> None:
        self._inner.stop(trial)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("greedy", "takes all jobs at once"),
        ("loses a log", "the log is []"),
        ("shifts", "lines at byte 1"),
        ("all is well", "outcome ok, not nan"),
        ("silent", "own traceback is missing"),
        ("twice", "events come as"),
    ],
)
def test_the_kit_notices_what_is_broken(tmp_path, fault, said):
    assert any(said in each for each in check_executor(lambda: Broken(fault), tmp_path, separate=False))
