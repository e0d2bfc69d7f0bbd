"""Worker processes on this machine that stay: the framework is imported once a worker.

A worker is replaced when it dies, when it was stopped, after every trial that did not end well (out of
memory, NaN or an exception may have poisoned it), and with `isolation = "fresh"` after every trial.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import final

from playnote.errors import InputError, WorkflowError
from playnote.execution.attempt import read_end
from playnote.execution.command import check_command
from playnote.execution.events import Ended, Event, Job, Started
from playnote.execution.outcomes import of_exit
from playnote.execution.process import WorkerProcess
from playnote.execution.tail import Tail
from playnote.recorder import attempt_log
from playnote.records.project import Workflow
from playnote.records.trial import Outcome
from playnote.text import Text, same

_LOOK = 0.25  # seconds between two looks at logs and limits
_STILLBORN = 3  # workers in a row that die before they are ready


@dataclass
class _Running:
    """A job with its worker; `over` says which limit ended it, with the outcome that means."""

    job: Job
    worker: WorkerProcess
    tail: Tail
    begun: float
    over: tuple[Outcome, str] | None = None


@final
class LocalExecutor:
    """`workers` processes, each with one thread of its own."""

    def __init__(self, workers: int = 1) -> None:
        if workers < 1:
            raise InputError(
                Text(en="{n} workers were asked for.", zh="要求的 worker 数是 {n}。").fill(n=workers),
                fix=Text(en="Ask for 1 or more.", zh="至少要 1 个。"),
            )
        self._count = workers
        self._workers: list[WorkerProcess] = []
        self._running: dict[str, _Running] = {}
        self._workflow: Workflow | None = None
        self._stillborn = 0

    @property
    def groups(self) -> tuple[int, ...]:
        """The process groups of its workers."""
        return tuple(worker.group for worker in self._workers)

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        """Run the jobs to their end. Raises WorkflowError where the training code cannot even be loaded."""
        self._prepare(workflow)
        jobs, more = iter(planned), True
        try:
            while more or self._running:
                if more:
                    self._fill(workflow)
                for worker in [each for each in self._workers if each.idle]:
                    more = more and (yield from self._hand_out(worker, jobs, workflow))
                if more or self._running:
                    yield from self._look()
        finally:
            for running in self._running.values():
                self._dismiss(running.worker)
            self._running.clear()

    def stop(self, trial: str) -> None:
        """Kill the trial's worker and all it started. `Ended` says failed:infra; the caller knows why it was."""
        running = self._running.get(trial)
        if running is not None:
            running.over = running.over or ("failed:infra", "stopped")
            running.worker.kill()

    def close(self) -> None:
        """End all workers."""
        for worker in list(self._workers):
            self._dismiss(worker)

    def _prepare(self, workflow: Workflow) -> None:
        # What only says how long to train goes with each job: the processes stay.
        if (
            self._workflow is None
            or replace(workflow, max_train_steps=self._workflow.max_train_steps) != self._workflow
        ):
            self.close()
        self._workflow = workflow
        if workflow.command is not None:
            check_command(workflow)

    def _fill(self, workflow: Workflow) -> None:
        """As many workers as were asked for."""
        free = [place for place in range(self._count) if place not in {worker.place for worker in self._workers}]
        self._workers += [WorkerProcess(workflow, place) for place in free]

    def _dismiss(self, worker: WorkerProcess) -> None:
        worker.release()
        if worker in self._workers:
            self._workers.remove(worker)

    def _hand_out(self, worker: WorkerProcess, jobs: Iterator[Job], workflow: Workflow) -> Generator[Event, None, bool]:
        """Give the next job; whether there was one."""
        job = next(jobs, None)
        if job is None:
            return False
        tail = Tail(job.card.id, job.card.attempt, attempt_log(job.folder, job.card.attempt))
        self._running[job.card.id] = _Running(job, worker, tail, time.monotonic())
        worker.give(job, workflow)
        yield Started(job.card.id, job.card.attempt, worker.name)
        return True

    def _look(self) -> Iterator[Event]:
        """Wait for news of the workers, a moment at most; tell what is new."""
        wait([worker.connection for worker in self._workers], timeout=_LOOK)
        for worker in list(self._workers):
            alive = worker.alive  # before its news: a worker that dies afterwards is seen next time
            for kind, content in worker.news():
                if kind == "broken":
                    raise _cannot_load(str(content))
                self._stillborn = 0
                if isinstance(content, Ended):
                    yield from self._end(content, worker)
            if not alive and worker in self._workers:
                yield from self._bury(worker)
        for running in list(self._running.values()):
            yield from running.tail.read()
            self._hold_to_limits(running)

    def _end(self, ended: Ended, worker: WorkerProcess) -> Iterator[Event]:
        """The last of the log, then the end; the worker stays if nothing can have poisoned it."""
        running = self._running.pop(ended.trial)
        yield from running.tail.read()
        workflow = self._workflow
        if (
            workflow is not None
            and workflow.command is None
            and (ended.outcome != "ok" or workflow.isolation == "fresh")
        ):
            self._dismiss(worker)
        yield ended

    def _bury(self, worker: WorkerProcess) -> Iterator[Event]:
        """A worker died. Its trial, if it had one, ends with what the exit code says, unless it ended just before."""
        job = worker.job
        words, code = worker.last_words(), worker.exit_code
        self._dismiss(worker)
        if job is None or job.card.id not in self._running:
            self._stillborn += 0 if worker.ready else 1
            if self._stillborn >= _STILLBORN:
                raise _dies_at_once(code, words)
            return
        running = self._running.pop(job.card.id)
        yield from running.tail.read()
        yield _last_of(running, code, words)

    def _hold_to_limits(self, running: _Running) -> None:
        workflow = self._workflow
        if workflow is None or running.over is not None:
            return
        if workflow.seconds is not None and time.monotonic() - running.begun > workflow.seconds:
            running.over = (
                "failed:code",
                f"The time limit of {workflow.seconds:g} s was reached ([workflow] seconds).",
            )
        elif workflow.memory_mb is not None and (used := running.worker.resident_mb()) > workflow.memory_mb:
            limit = f"{workflow.memory_mb:g} MB ([workflow] memory_mb)"
            running.over = ("oom", f"{used:.0f} MB of resident memory, limit {limit}.")
        if running.over is not None:
            running.worker.kill()


def _last_of(running: _Running, code: int, words: str) -> Ended:
    job = running.job
    written = read_end(job.folder, job.card.attempt)
    if written is not None:
        return written
    seconds = round(time.monotonic() - running.begun, 6)
    facts: dict[str, object] = {"exit_code": code}
    if running.over is not None:
        return Ended(job.card.id, job.card.attempt, running.over[0], seconds, running.over[1], facts)
    outcome = of_exit(code, words)
    # A worker never ends by itself while it has a job: somebody's `os._exit(0)` did.
    outcome = "failed:code" if outcome in ("ok", "nan") else outcome
    error = f"The worker process ended with exit code {code}.\n{words}".strip()
    return replace(Ended(job.card.id, job.card.attempt, outcome, seconds, error), facts=facts)


def _cannot_load(why: str) -> WorkflowError:
    return WorkflowError(
        Text(en="The training code cannot be loaded:\n{why}", zh="无法加载训练代码：\n{why}").fill(
            why=same(why.rstrip())
        ),
        fix=Text(en="Correct it and run the same command again.", zh="请改好后再运行同一命令。"),
    )


def _dies_at_once(code: int, words: str) -> WorkflowError:
    return WorkflowError(
        Text(
            en="{n} worker processes in a row died while loading the training code (exit code {code}).\n{words}",
            zh="连续 {n} 个 worker 在加载训练代码时就退出了（退出码 {code}）。\n{words}",
        ).fill(n=_STILLBORN, code=code, words=same(words)),
        fix=Text(en="Import the training module by hand to see why.", zh="请手工 import 训练模块，看看是什么原因。"),
    )
