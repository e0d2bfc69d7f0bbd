"""The search-run-ingest loop: run what was planned and is not finished, and keep every attempt in the ledger.

    with Ledger.write(home, actor="runner") as ledger:
        for progress in run_trials(project, ledger, round.planned, workers=2):
            print(progress.done, "of", progress.total)

The points are in the ledger before the first is run, so an interrupted round, run again, runs exactly what
is left. A trial that ended, well or not, is never run again, except one that failed ("failed:..."): that is no
result. One that its own code fails again and again waits to be asked for (`again`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import final

from playnote.errors import WorkflowError
from playnote.execution import Ended, Executor, Job, LogLines, Started, executor_for
from playnote.execution.attempt import read_end
from playnote.execution.calling import Function
from playnote.execution.outcomes import RETRIED
from playnote.execution.provenance import how_trained, provenance
from playnote.execution.worker import INSIDE
from playnote.ledger import Ledger
from playnote.procedures.attempts import append_missing, card_of, last_attempts, working_in
from playnote.procedures.explosion import LossWatch
from playnote.procedures.set_aside import set_aside
from playnote.recorder.formula import parse
from playnote.records.naming import declared
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial
from playnote.records.trial import Outcome
from playnote.text import Text, same


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the run stands.

    total         planned trials, those finished earlier included
    done          ended with a result of their own: ok, nan, exploded, oom
    failed        ended without one; not tried again in this run
    aside         trials of these that were not even begun: they had failed in the same code before
    running       number of trials that run now
    ended         the attempt that has just ended, None for other news
    retried       whether that attempt will be repeated
    seconds       wall time since this run began
    eta           seconds left by estimate, None before anything has been timed
    """

    total: int
    done: int
    failed: int
    running: int
    ended: Ended | None = None
    retried: bool = False
    aside: tuple[str, ...] = ()
    seconds: float = 0.0
    eta: float | None = None

    @property
    def last(self) -> tuple[str, Outcome] | None:
        """The trial that has just ended and how, None for other news."""
        return (self.ended.trial, self.ended.outcome) if self.ended is not None else None


def run_trials(
    project: Project,
    ledger: Ledger,
    planned: Iterable[PlannedTrial],
    *,
    train: Function | None = None,
    workers: int = 1,
    on: str = "local",
    again: bool = False,
    executor: Executor | None = None,
) -> Iterator[Progress]:
    """Run the planned trials that are not finished; one `Progress` first, then one per start and end of an attempt.

    ledger    open for writing; the trials are planned in it already
    on        "local", "inline", "ray", "slurm", or an executor that another package brings
    again     run those, too, that failed repeatedly in the code as it is now
    train     a Python function instead of the project's workflow
    executor  one that the caller made for this workflow and closes: it stays for the next run

    Raises WorkflowError where the training code cannot be loaded, or where the first trials all fail in it.
    Closing the iterator ends what runs; those attempts are run again next time.
    """
    _refuse_inside_worker()
    if executor is None or project.workflow is None:
        running, workflow = executor_for(on, workers, project.workflow, train)
    else:
        running, workflow = executor, project.workflow
    loop = _Loop(project, ledger, tuple(planned), working_in(project, workflow), workers)
    try:
        yield from loop.run(running, on, again)
    finally:
        if running is not executor:
            running.close()


def unfinished(ledger: Ledger, planned: Iterable[PlannedTrial]) -> tuple[PlannedTrial, ...]:
    """The planned trials that have no result yet, in order."""
    return tuple(trial for trial in planned if not _finished(ledger, trial.id))


@final
class _Loop:
    """One run of the loop: what is known while it lasts."""

    def __init__(
        self, project: Project, ledger: Ledger, planned: Sequence[PlannedTrial], workflow: Workflow, workers: int
    ) -> None:
        self._project, self._ledger, self._planned = project, ledger, planned
        self._workflow, self._workers = workflow, workers
        self._attempts = last_attempts(ledger)
        self._tries: dict[str, int] = {}
        self._running: dict[str, LossWatch] = {}
        self._again: list[PlannedTrial] = []
        self._hopes = _Hopes(project)
        self._seconds: list[float] = []
        self._aside: tuple[PlannedTrial, ...] = ()
        self._done = self._failed = 0
        self._begun = time.monotonic()

    def run(self, executor: Executor, on: str, again: bool) -> Iterator[Progress]:
        """Pass after pass, until nothing is left to repeat."""
        self._take_in_orphans()
        pending = unfinished(self._ledger, self._planned)
        self._done = len(self._planned) - len(pending)
        self._seconds = [s for t in self._planned if (s := _seconds(self._ledger, t.id)) is not None]
        about = provenance(Path(self._workflow.folder), self._ledger.paths.home) if pending else {}
        if not again:
            self._aside = set_aside(self._ledger, pending, about, int(self._project.settings["code_failures"]))
            self._failed = len(self._aside)
            pending = tuple(trial for trial in pending if trial not in self._aside)
        yield self._progress()
        if pending:
            how = {"workers": self._workers, "on": on, "workflow": how_trained(self._workflow)}
            self._ledger.append("run-started", {"trials": len(pending), **how, **about})
        while pending:
            for event in executor.run(self._jobs(pending), self._workflow):
                if isinstance(event, LogLines):
                    self._watch(event, executor)
                elif isinstance(event, Ended):
                    yield self._end(event)
                elif isinstance(event, Started):
                    yield self._progress()
            pending, self._again = tuple(self._again), []

    def _jobs(self, pending: Sequence[PlannedTrial]) -> Iterator[Job]:
        """Hand out one trial; its attempt is in the journal before anything of it runs."""
        for trial in pending:
            folder = self._ledger.paths.trial(trial.id)
            known = [int(path.stem[8:]) for path in folder.glob("attempt-*.jsonl") if path.stem[8:].isdigit()]
            attempt = max([*known, self._attempts.get(trial.id, 0)]) + 1
            self._attempts[trial.id] = attempt
            self._tries[trial.id] = self._tries.get(trial.id, 0) + 1
            self._ledger.append("attempt-started", {"trial": trial.id, "attempt": attempt})
            self._running[trial.id] = LossWatch(self._project.settings, self._project.splits)
            yield Job(trial=trial, card=card_of(self._project, self._workflow, trial, attempt), folder=folder)

    def _watch(self, lines: LogLines, executor: Executor) -> None:
        append_missing(self._ledger.paths.attempt(lines.trial, lines.attempt), lines)
        watch = self._running[lines.trial]
        watch.take(lines.data)
        if watch.exploded:
            executor.stop(lines.trial)

    def _end(self, ended: Ended) -> Progress:
        watch = self._running.pop(ended.trial)
        ended = replace(ended, outcome=_with_loss(ended.outcome, watch))
        retry = ended.outcome in RETRIED and self._tries[ended.trial] <= self._workflow.retries
        _append_end(self._ledger, ended, retry)
        if retry:
            self._again.append(next(trial for trial in self._planned if trial.id == ended.trial))
        elif ended.outcome.startswith("failed"):
            self._failed += 1
        else:
            self._done += 1
            self._seconds.append(ended.seconds)
        if not retry:
            record = self._ledger.trial(ended.trial)
            self._hopes.check(ended, declared(record.summary, self._project.splits) if record else {})
        return self._progress(ended, retry)

    def _take_in_orphans(self) -> None:
        """Attempts that ended while their runner died: their end lies in the trial's folder."""
        ended = {(e.data["trial"], e.data["attempt"]) for e in self._ledger.events("attempt-ended")}
        for trial in self._planned:
            attempt = self._attempts.get(trial.id, 0)
            if attempt and (trial.id, attempt) not in ended:
                found = read_end(self._ledger.paths.trial(trial.id), attempt)
                if found is not None and not found.outcome.startswith("failed"):
                    watch = LossWatch(self._project.settings, self._project.splits)
                    watch.take(_bytes(self._ledger.paths.attempt(trial.id, attempt)))
                    _append_end(self._ledger, replace(found, outcome=_with_loss(found.outcome, watch)), retry=False)

    def _progress(self, ended: Ended | None = None, retried: bool = False) -> Progress:
        left = len(self._planned) - self._done - self._failed
        estimate = fmean(self._seconds) * left / self._workers if self._seconds else None
        return Progress(
            total=len(self._planned),
            done=self._done,
            failed=self._failed,
            running=len(self._running),
            ended=ended,
            retried=retried,
            aside=tuple(trial.id for trial in self._aside),
            seconds=round(time.monotonic() - self._begun, 3),
            eta=estimate,
        )


@final
class _Hopes:
    """Whether the first trials of a run let one hope for the rest."""

    def __init__(self, project: Project) -> None:
        self._most = int(project.settings["hopeless_failures"])
        self._terms = parse(project.objective.formula).terms
        self._failures: list[Ended] = []
        self._blind: list[tuple[str, ...]] = []
        self._over = False

    def check(self, ended: Ended, summary: Iterable[str]) -> None:
        """Raise WorkflowError when the first few all failed in the code, or none logged the objective."""
        logged = tuple(summary)
        if self._over:
            return
        if ended.outcome == "failed:code":
            self._failures.append(ended)
        elif ended.outcome == "ok" and not set(self._terms) & set(logged):
            self._blind.append(logged)
        else:
            self._over = True
        if len(self._failures) >= self._most:
            raise _all_failed(self._failures)
        if len(self._blind) >= self._most:
            raise _nothing_measured(self._terms, self._blind[-1])


def _all_failed(failures: Sequence[Ended]) -> WorkflowError:
    return WorkflowError(
        Text(
            en="The first {n} trials failed in the training code; the others were not started. {trial} said:\n{error}",
            zh="前 {n} 个试验都在训练代码里出错，其余的没有启动。{trial} 的报错：\n{error}",
        ).fill(n=len(failures), trial=same(failures[0].trial), error=same(failures[0].error.rstrip())),
        fix=Text(
            en="Correct the code and run the same command again: the failed trials are run again, too "
            "(after a second failure only with --again, or once a commit or diff shows that the code changed).",
            zh="请改好代码，再运行同一命令：失败的试验会重跑（失败两次后，要加 --again，或提交、差异显示代码已改，才会再跑）。",
        ),
    )


def _nothing_measured(terms: Sequence[str], logged: Sequence[str]) -> WorkflowError:
    found = same(", ".join(logged)) if logged else Text(en="nothing", zh="什么都没有")
    return WorkflowError(
        Text(
            en="The first trials ran to their end without logging {terms}; they logged {found}.",
            zh="前几个试验都跑完了，却没有记录 {terms}；记录到的是：{found}。",
        ).fill(terms=same(", ".join(terms)), found=found),
        fix=Text(
            en="Log it with `trial.log(step, {{...}})`, or name in [workflow] metrics where a command writes them.",
            zh="请用 `trial.log(step, {{...}})` 记录，或在 [workflow] 的 metrics 里写明命令把数字写到哪里。",
        ).fill(),
    )


def _with_loss(outcome: Outcome, watch: LossWatch) -> Outcome:
    """What the train loss adds to how the attempt ended: code that fails on a loss of NaN has diverged."""
    if watch.exploded:
        return "exploded"
    said = watch.at_end() if outcome in ("ok", "failed:code") else None
    return said if said is not None and (outcome == "ok" or said == "nan") else outcome


def _append_end(ledger: Ledger, ended: Ended, retry: bool) -> None:
    failed = ended.outcome.startswith("failed") or ended.outcome == "oom"
    ledger.append(
        "attempt-ended",
        {
            "trial": ended.trial,
            "attempt": ended.attempt,
            "outcome": ended.outcome,
            "seconds": ended.seconds,
            "retry": retry,
            "error": ended.error if failed else "",
            "facts": ended.facts,
        },
    )


def _finished(ledger: Ledger, trial: str) -> bool:
    record = ledger.trial(trial)
    return record is not None and record.outcome is not None and not record.outcome.startswith("failed")


def _seconds(ledger: Ledger, trial: str) -> float | None:
    record = ledger.trial(trial)
    return record.seconds if record is not None and record.outcome == "ok" else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _refuse_inside_worker() -> None:
    if os.environ.get(INSIDE):
        raise WorkflowError(
            Text(
                en="A worker that loads the training code came to start the round again.",
                zh="worker 加载训练代码时又启动了这一轮。",
            ),
            fix=Text(
                en='Put the call that runs the round under `if __name__ == "__main__":`.',
                zh='请把启动这一轮的调用放到 `if __name__ == "__main__":` 下面。',
            ),
        )
