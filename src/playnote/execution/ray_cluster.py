"""The Ray executor: trials on the nodes of a cluster, one actor a worker.

The trial loop stays ours: Ray is told to repeat nothing (`max_restarts=0`, `max_task_retries=0`), so an attempt
that is lost with its node ends as "failed:infra" and the round decides. No disk is shared: log lines and files
come back as a stream. Which cluster: the one RAY_ADDRESS names, else the one running here, else a local one is
started; a token that the cluster asks for is read by Ray itself (RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH).
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from playnote.errors import MissingExtraError, WorkflowError
from playnote.execution.events import Ended, Event, Job, LogLines, Started
from playnote.execution.ray_files import Gone, Piece, contents, pack_code, take_in
from playnote.execution.ray_host import Refused, TrialHost
from playnote.records.project import Workflow
from playnote.text import Text, same

_LOOK = 0.25  # seconds between two looks
_STILLBORN = 3  # actors in a row that die before they are ready
# Nothing is sent to anybody. Ray's own adoption of orphans stays off: it would end the guard over a trial's processes,
# and where the node's manager is killed nobody else knows of them.
_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0"}


@dataclass(eq=False, slots=True)
class _Place:
    """One worker: its actor, what it does, and the reference at which its next news arrives."""

    actor: Any
    waits_for: Any
    trains: bool = False  # whether `waits_for` is the stream of an attempt, which outlasts its `Ended` by a moment
    job: Job | None = None
    started: bool = False
    begun: float = field(default_factory=time.monotonic)

    @property
    def idle(self) -> bool:
        return self.waits_for is None


@final
class RayExecutor:
    """`workers` actors with one CPU each, and one GPU each where the cluster has any."""

    def __init__(self, workers: int = 1) -> None:
        """Nothing is started before `run`. Raises MissingExtraError where Ray is not installed."""
        self._ray = _ray()
        self._count = workers
        self._places: list[_Place] = []
        self._stillborn = 0
        self._code: Any = None

    def run(self, planned: Iterable[Job], workflow: Workflow) -> Iterator[Event]:
        """Run the jobs to their end. Raises WorkflowError where no worker can be started or the code not loaded."""
        self._connect()
        jobs, more = iter(planned), True
        try:
            while more or any(place.job for place in self._places):
                if more:
                    self._places += [self._hire() for _ in range(self._count - len(self._places))]
                for place in [each for each in self._places if each.idle]:
                    job = next(jobs, None)
                    if job is None:
                        more = False
                        break
                    yield from self._give(place, job, workflow)
                yield from self._look()
        finally:
            for place in [each for each in self._places if each.job]:
                self._dismiss(place)

    def stop(self, trial: str) -> None:
        """End the trial on its node; its `Ended` follows."""
        for place in self._places:
            if place.job is not None and place.job.card.id == trial:
                place.actor.stop.remote(trial)

    def close(self) -> None:
        """End all actors. The connection to the cluster stays until this process ends: others may use it."""
        for place in list(self._places):
            self._dismiss(place)

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return
        self._places, self._code = [], None
        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        try:
            self._ray.init(log_to_driver=False, logging_level="error")
            atexit.register(_leave_standard_output)  # after Ray's own: it runs before
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _no_cluster(error) from error

    def _hire(self) -> _Place:
        gpus = 1 if self._ray.cluster_resources().get("GPU", 0) >= 1 else 0
        # Two calls at a time: `stop` must reach an actor that trains.
        options = {"max_restarts": 0, "max_task_retries": 0, "max_concurrency": 2, "num_cpus": 1, "num_gpus": gpus}
        actor = self._ray.remote(TrialHost).options(**options).remote()
        return _Place(actor, actor.ready.remote())

    def _give(self, place: _Place, job: Job, workflow: Workflow) -> Iterator[Event]:
        place.job, place.started, place.begun = job, False, time.monotonic()
        try:
            if not self._ray.get(place.actor.sees.remote(workflow.folder)):
                self._code = self._code or self._ray.put(pack_code(Path(workflow.folder)))
                # Waited for: an actor that does two calls at a time does not keep their order.
                self._ray.get(place.actor.unpack.remote(self._code))
        except self._ray.exceptions.RayError as error:
            yield from self._bury(place, error)
            return
        run = place.actor.run.options(num_returns="streaming")
        place.waits_for, place.trains = run.remote(job, workflow, contents(job.folder)), True

    def _dismiss(self, place: _Place) -> None:
        if self._ray.is_initialized():
            self._ray.kill(place.actor, no_restart=True)
        if place in self._places:
            self._places.remove(place)

    def _look(self) -> Iterator[Event]:
        """Wait for news, a moment at most; tell what is new."""
        busy = [place for place in self._places if place.waits_for is not None]
        if not busy:
            return
        waiting = [place.waits_for for place in busy]
        ready, _ = self._ray.wait(waiting, num_returns=1, timeout=_LOOK, fetch_local=False)
        for place in busy:
            if any(place.waits_for is each for each in ready):
                yield from self._hear(place)

    def _hear(self, place: _Place) -> Iterator[Event]:
        try:
            if place.trains:
                yield from self._tell(place, self._ray.get(next(place.waits_for)))
            else:
                self._ray.get(place.waits_for)
                place.waits_for, self._stillborn = None, 0
        except StopIteration:
            # Only now: a second trial beside the rest of the first would share its worker.
            place.waits_for, place.trains = None, False
        except self._ray.exceptions.RayError as error:
            yield from self._bury(place, error)

    def _tell(self, place: _Place, news: object) -> Iterator[Event]:
        if isinstance(news, Refused):
            raise WorkflowError(news.problem, fix=news.fix)
        if place.job is not None and isinstance(news, Piece | Gone):
            take_in(place.job.folder, news)
            return
        if isinstance(news, Started):
            place.started = True
        if isinstance(news, Ended):
            place.job = None
        if isinstance(news, Started | LogLines | Ended):
            yield news

    def _bury(self, place: _Place, error: Exception) -> Iterator[Event]:
        """The actor is gone. Its trial, if it had one, ends as lost: not its own doing, so it is tried again."""
        job, why = place.job, f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
        self._dismiss(place)
        if job is not None:
            if not place.started:
                yield Started(job.card.id, job.card.attempt, "ray")
            seconds = round(time.monotonic() - place.begun, 6)
            yield Ended(job.card.id, job.card.attempt, "failed:infra", seconds, why, {"lost": True})
        elif not place.trains:
            self._stillborn += 1
            if self._stillborn >= _STILLBORN:
                raise _no_worker(why)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError(
            Text(en="Ray is not installed.", zh="没有安装 Ray。"),
            fix=Text(en="Run `pip install 'playnote[ray]'`.", zh="请运行 `pip install 'playnote[ray]'`。"),
        ) from error
    return ray


def _no_cluster(error: Exception) -> WorkflowError:
    return WorkflowError(
        Text(en="No Ray cluster can be reached or started: {why}", zh="连不上也启动不了 Ray 集群：{why}").fill(
            why=same(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
        ),
        fix=Text(
            en="Set RAY_ADDRESS to the cluster, and RAY_AUTH_TOKEN where it asks for a token.",
            zh="请把 RAY_ADDRESS 设为集群地址；集群要求令牌时再设 RAY_AUTH_TOKEN。",
        ),
    )


def _no_worker(why: str) -> WorkflowError:
    return WorkflowError(
        Text(
            en="{n} Ray actors in a row died before they were ready: {why}",
            zh="连续 {n} 个 Ray actor 还没就绪就退出了：{why}",
        ).fill(n=_STILLBORN, why=same(why)),
        fix=Text(
            en="Install the same playnote on every node, and look into the cluster's logs.",
            zh="请在每个节点装上同一版本的 playnote，并查看集群日志。",
        ),
    )


def _leave_standard_output() -> None:
    """What Ray says of dead nodes while this process ends is no part of anybody's answer."""
    sys.stdout.flush()
    sys.stdout = sys.stderr
