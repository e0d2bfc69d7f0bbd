"""What every executor must do, as a check that a plug-in's own tests can run.

    assert check_executor(lambda: MyExecutor(workers=2), tmp_path) == ()

The training code used here is written into the folder; where the executor's workers see another disk, the log
is put together from `LogLines` alone, as the runner does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playnote.execution.events import Ended, Event, Executor, Job, LogLines, Started
from playnote.recorder import TrialCard
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial

TRAINING = '''"""Training code of the executor kit: each trial does what its configuration says."""

import os
import random
import signal
import time


def train(trial):
    does = trial.configuration["does"]
    for step in range(3):
        trial.log(step, {"train/loss": 1.0 / (step + 1), "dev/error": random.random()})
    if does == "raise":
        raise KeyError("the kit says no")
    if does == "nan":
        trial.log(3, {"dev/error": float("nan")})
    if does == "memory":
        raise MemoryError
    if does == "network":
        raise ConnectionError("no route")
    if does == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if does == "hang":
        trial.flush()
        time.sleep(600)
'''
_ENDS = {
    "ok": "ok",
    "raise": "failed:code",
    "nan": "nan",
    "memory": "oom",
    "network": "failed:infra",
    "die": "failed:infra",
}


def check_executor(make: Callable[[], Executor], folder: Path, *, separate: bool = True) -> tuple[str, ...]:
    """The promises an executor breaks, in words; none where it keeps them all.

    separate  whether trials run in processes of their own, which may die and can be stopped
    """
    (folder / "kit_training.py").write_text(TRAINING, encoding="utf-8")
    workflow = Workflow(function="kit_training:train", folder=str(folder), max_train_steps=3)
    kinds = [kind for kind in _ENDS if separate or kind != "die"]
    does = [*kinds, *("ok" for _ in range(4)), *reversed(kinds)]
    first, second = make(), make()
    try:
        seen = _watched(first, workflow, _jobs(does, folder / "first"))
        again = _watched(first, workflow, _jobs(["ok", "ok"], folder / "again"))
        other = _watched(second, workflow, _jobs(["ok"] * len(does), folder / "second"))
        broken = [*_broken(seen, does), *_broken(again, ["ok", "ok"]), *_broken(other, ["ok"] * len(does))]
        broken += _differences(seen, other, does)
        broken += _stopping(first, workflow, folder / "stopped") if separate else []
    finally:
        first.close()
        second.close()
    return tuple(broken)


@dataclass
class Seen:
    """Everything one `run` yielded, by trial, and the most jobs it held at once."""

    events: dict[str, list[Event]] = field(default_factory=dict)
    most_held: int = 0
    taken: int = 0
    ended: int = 0

    def log(self, trial: str) -> bytes:
        """The attempt's log as its events give it."""
        return b"".join(event.data for event in self.events.get(trial, []) if isinstance(event, LogLines))

    def rows(self, trial: str) -> list[object]:
        """Steps and metrics that were logged."""
        return [(r["step"], r["metrics"]) for r in decode(self.log(trial)).records if r.get("kind") == "log"]


def _jobs(does: Sequence[str], folder: Path) -> list[Job]:
    return [
        Job(
            trial=PlannedTrial(
                id=f"k{i:03d}",
                study="kit",
                round=0,
                purpose="search",
                configuration={"does": kind},
                seed=i,
                index=i,
            ),
            card=TrialCard(
                id=f"k{i:03d}",
                attempt=1,
                configuration={"does": kind},
                seed=i,
                watch=("dev/error",),
                objective="dev/error",
            ),
            folder=folder / f"k{i:03d}",
        )
        for i, kind in enumerate(does)
    ]


def _watched(executor: Executor, workflow: Workflow, jobs: Sequence[Job]) -> Seen:
    seen = Seen()

    def handed_out() -> Iterator[Job]:
        for job in jobs:
            seen.taken += 1
            seen.most_held = max(seen.most_held, seen.taken - seen.ended)
            yield job

    for event in executor.run(handed_out(), workflow):
        seen.events.setdefault(event.trial, []).append(event)
        seen.ended += isinstance(event, Ended)
    return seen


def _broken(seen: Seen, does: Sequence[str]) -> Iterator[str]:
    if len(does) > 4 and seen.most_held == len(does):
        yield "it takes all jobs at once, instead of one when it has room"
    for number, kind in enumerate(does):
        trial = f"k{number:03d}"
        events = seen.events.get(trial, [])
        yield from _order(trial, kind, events)
        yield from _end(trial, kind, events)


def _order(trial: str, kind: str, events: Sequence[Event]) -> Iterator[str]:
    shapes = [type(event) for event in events]
    if shapes[:1] != [Started] or shapes[-1:] != [Ended] or set(shapes[1:-1]) - {LogLines}:
        yield f"{trial} ({kind}): events come as {[shape.__name__ for shape in shapes]}"
    at = 0
    for event in events:
        if isinstance(event, LogLines):
            if event.offset != at:
                yield f"{trial} ({kind}): lines at byte {event.offset} where {at} was due"
            if not event.data.endswith(b"\n"):
                yield f"{trial} ({kind}): a line is cut"
            at = event.offset + len(event.data)


def _end(trial: str, kind: str, events: Sequence[Event]) -> Iterator[str]:
    ended = events[-1] if events else None
    if not isinstance(ended, Ended):
        return
    if ended.outcome != _ENDS[kind]:
        yield f"{trial} ({kind}): outcome {ended.outcome}, not {_ENDS[kind]}; it says {ended.error!r}"
    if kind == "raise" and ("the kit says no" not in ended.error or "kit_training.py" not in ended.error):
        yield f"{trial} ({kind}): the training code's own traceback is missing: {ended.error!r}"
    if ended.seconds < 0:
        yield f"{trial} ({kind}): it took {ended.seconds} seconds"


def _differences(seen: Seen, other: Seen, does: Sequence[str]) -> Iterator[str]:
    """The same configuration and seed give the same numbers, whatever the worker did before."""
    for number, kind in enumerate(does):
        trial = f"k{number:03d}"
        one, two = seen.rows(trial)[:3], other.rows(trial)
        if kind != "die" and (len(two) != 3 or one != two):
            yield f"{trial} ({kind}): the log is {one} at one time and {two} at another"


def _stopping(executor: Executor, workflow: Workflow, folder: Path) -> list[str]:
    """A trial that hangs ends when it is told to, and the one after it runs."""
    kinds = ["hang", "ok"]
    ends: list[str] = []
    for event in executor.run(iter(_jobs(kinds, folder)), workflow):
        if isinstance(event, LogLines) and event.trial == "k000":
            executor.stop("k000")
        if isinstance(event, Ended):
            ends.append(event.trial)
    executor.stop("k000")  # harmless for one that has ended
    return [] if sorted(ends) == ["k000", "k001"] else [f"after a stop, {ends} ended"]
