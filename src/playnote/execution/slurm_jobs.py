"""The Slurm executor: one job a trial, through submitit, on a disk that every node sees.

Each job trains through a local worker of its own, with the same process group and limits as on one machine.
Which partition, account or GPU: what sbatch reads from its own environment (SBATCH_PARTITION, SBATCH_ACCOUNT,
SBATCH_GPUS ...). With PLAYNOTE_SLURM=local the jobs are processes of this machine, for a try without a cluster.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, final

from playnote.errors import MissingExtraError, PlaynoteError, WorkflowError
from playnote.execution.attempt import read_end
from playnote.execution.events import Ended, Event, Job, Started
from playnote.execution.local import LocalExecutor
from playnote.execution.tail import Tail
from playnote.recorder import attempt_log
from playnote.records.project import Workflow
from playnote.records.trial import Outcome
from playnote.text import Text

_LOOK = 0.25  # seconds between two looks at logs
_ASK = 5.0  # seconds between two questions to Slurm's own accounting, which bears no more
_SPARE_MINUTES = 5  # of a job's time limit beyond the trial's own, for imports and for writing the end
_SPARE_MB = 1024  # of a job's memory beyond the trial's own limit
_PREEMPTED = ("PREEMPT", "CANCEL", "TIMEOUT", "NODE_FAIL", "REQUEUE")
FOLDER = "slurm"  # beside the trials: scripts and output of the jobs


@dataclass(slots=True)
class _Running:
    """A job of Slurm with its trial."""

    job: Job
    slurm: Any
    tail: Tail
    begun: float = field(default_factory=time.monotonic)
    asked: float = 0.0
    started: bool = False
    stopped: bool = False


@final
class SlurmExecutor:
    """At most `workers` jobs at a time."""

    def __init__(self, workers: int = 1, cluster: str | None = None) -> None:
        """Nothing is submitted before `run`. Raises MissingExtraError where submitit is not installed."""
        self._submitit = _submitit()
        self._count = workers
        self._cluster = cluster or os.environ.get("PLAYNOTE_SLURM") or "slurm"
        self._running: dict[str, _Running] = {}

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        """Run the jobs to their end. Raises WorkflowError where a job cannot be submitted or the code not loaded."""
        jobs, more = iter(planned), True
        try:
            while more or self._running:
                while more and len(self._running) < self._count:
                    job = next(jobs, None)
                    more = job is not None
                    if job is not None:
                        self._submit(job, workflow)
                yield from self._look()
        finally:
            self.close()

    def stop(self, trial: str) -> None:
        """Cancel the trial's job; its `Ended` follows."""
        running = self._running.get(trial)
        if running is not None:
            running.stopped = True
            running.slurm.cancel(check=False)

    def close(self) -> None:
        """Cancel every job."""
        for running in self._running.values():
            running.slurm.cancel(check=False)
        for running in self._running.values():
            if self._cluster != "slurm":
                running.slurm.wait()
        self._running.clear()

    def _submit(self, job: Job, workflow: Workflow) -> None:
        job.folder.mkdir(parents=True, exist_ok=True)
        try:
            executor = self._submitit.AutoExecutor(folder=job.folder / FOLDER, cluster=self._cluster)
            executor.update_parameters(**_resources(job, workflow, self._cluster))
            with _interruptible():
                slurm = executor.submit(train_job, job, workflow)
        except (RuntimeError, OSError) as error:
            raise _cannot_submit(error) from error
        log = attempt_log(job.folder, job.card.attempt)
        self._running[job.card.id] = _Running(job, slurm, Tail(job.card.id, job.card.attempt, log))

    def _look(self) -> Iterator[Event]:
        time.sleep(_LOOK)
        for running in list(self._running.values()):
            over = self._over(running)  # before the log is read: nothing written before the end is missed
            log = attempt_log(running.job.folder, running.job.card.attempt)
            if not running.started and (over or log.exists()):
                running.started = True
                yield Started(running.job.card.id, running.job.card.attempt, f"slurm-{running.slurm.job_id}")
            if running.started:
                yield from running.tail.read()
            if over:
                del self._running[running.job.card.id]
                yield _end_of(running)

    def _over(self, running: _Running) -> bool:
        """The end lies on the shared disk as soon as it is written; Slurm is asked only now and then."""
        if self._cluster != "slurm":
            return bool(running.slurm.done())
        if read_end(running.job.folder, running.job.card.attempt) is not None:
            return True
        now = time.monotonic()
        if now - running.asked < _ASK:
            return False
        running.asked = now
        return bool(running.slurm.done())


@contextmanager
def _interruptible() -> Iterator[None]:
    """A process begun here can be ended by SIGINT, as submitit ends its local jobs.

    What a shell starts in the background inherits SIGINT as ignored and hands that on: such a job could be cancelled
    by nobody, and whoever waited for its end waited for ever.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def train_job(job: Job, workflow: Workflow) -> Ended | tuple[Text, Text]:
    """What runs inside the job; the problem and its fix where the code cannot even be loaded."""
    executor = LocalExecutor(1)
    try:
        return next(event for event in executor.run(iter([job]), workflow) if isinstance(event, Ended))
    except PlaynoteError as error:
        return error.problem, error.fix  # the error itself does not travel
    finally:
        executor.close()


def _end_of(running: _Running) -> Ended:
    """How it ended: by its own word, by the file it left, or by what Slurm says of a job that came to nothing."""
    job, seconds = running.job, round(time.monotonic() - running.begun, 6)
    written = read_end(job.folder, job.card.attempt)
    if written is not None:
        return written
    state = str(running.slurm.state).upper()
    if not running.stopped and running.slurm.done():
        try:
            said = running.slurm.result()
        except Exception as error:  # submitit's own, and whatever the job's interpreter died of
            state = f"{state} {error}"
        else:
            if isinstance(said, tuple):
                raise WorkflowError(said[0], fix=said[1])
            if isinstance(said, Ended):
                return said
    outcome: Outcome = "failed:preempted" if any(word in state for word in _PREEMPTED) else "failed:infra"
    outcome = "oom" if "OUT_OF_ME" in state else "failed:infra" if running.stopped else outcome
    return Ended(job.card.id, job.card.attempt, outcome, seconds, f"The Slurm job ended: {state[:2000]}")


def _resources(job: Job, workflow: Workflow, cluster: str) -> dict[str, object]:
    minutes = None if workflow.seconds is None else math.ceil(workflow.seconds / 60) + _SPARE_MINUTES
    memory = None if workflow.memory_mb is None else math.ceil((workflow.memory_mb + _SPARE_MB) / 1024)
    asked: dict[str, object] = {"name": f"playnote-{job.card.id}"}
    if minutes is not None or cluster != "slurm":
        asked["timeout_min"] = minutes or 24 * 60
    if memory is not None and cluster == "slurm":
        asked["mem_gb"] = memory
    if cluster == "slurm":
        asked["cpus_per_task"] = 1
    return asked


def _submitit() -> Any:
    try:
        import submitit
    except ImportError as error:
        raise MissingExtraError(
            Text(en="submitit, which speaks to Slurm, is not installed.", zh="没有安装与 Slurm 打交道的 submitit。"),
            fix=Text(en="Run `pip install 'playnote[slurm]'`.", zh="请运行 `pip install 'playnote[slurm]'`。"),
        ) from error
    return submitit


def _cannot_submit(error: Exception) -> WorkflowError:
    return WorkflowError(
        Text(en="No job can be submitted to Slurm: {why}", zh="无法向 Slurm 提交作业：{why}").fill(why=str(error)),
        fix=Text(
            en="Run it where `sbatch` works, on a disk that every node sees.",
            zh="请在能用 `sbatch` 的机器上运行，并把项目放到各节点共享的磁盘上。",
        ),
    )
