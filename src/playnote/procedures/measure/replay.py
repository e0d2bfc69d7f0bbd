"""Driving a procedure by the ledger: what it asks for is planned, run and shown to it; what is on record is not run again.

A procedure that was killed is replayed: it asks for the same trials again, finds them, and goes on. A run ends with one
"measurement" event for each answer; until then it is open, and the same command goes on with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import final

import numpy as np

from playnote.errors import WorkflowError
from playnote.execution import Executor, executor_for
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.procedures.measure.contract import Ask, Found, Point, Seen, Steps
from playnote.procedures.round import Progress, run_trials
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.search.plan import trial_id
from playnote.space.hyperparameter import Value
from playnote.text import Text

PREFIX = "measure"
_SHORT = 0.5  # a run whose last logged step lies below this share of the steps asked for did not hear of them
_LONG = 1.5
Key = tuple[tuple[tuple[str, Value], ...], int]


@final
class Replay:
    """One run of a procedure over a ledger that is open for writing."""

    def __init__(
        self,
        project: Project,
        ledger: Ledger,
        name: str,
        *,
        train: Callable[..., object] | None = None,
        workers: int = 1,
        on: str = "local",
        again: bool = False,
    ) -> None:
        """`name`: the procedure; an open run of it is gone on with. `again`: look at the latest run, which has an answer."""
        self._project, self._ledger, self._name = project, ledger, name
        self._train, self._workers, self._on = train, workers, on
        self._running: tuple[Executor, Workflow] | None = None
        self.study, self._answered = _study(ledger, name, again)
        self._known = {_key(each): each for each in _planned_in(ledger, self.study)}
        self.trials: list[str] = []

    def drive(self, procedure: Steps) -> Iterator[Progress | Found]:
        """Run the procedure to its end; its `Found` comes last, and is on record by then."""
        try:
            ask = next(procedure)
            while True:
                planned = self._plan(ask)
                yield from self._run(ask, planned)
                ask = procedure.send(self._seen(ask, planned))
        except StopIteration as end:
            found: Found = end.value
        finally:
            procedure.close()
            if self._running is not None:
                self._running[0].close()
        if not self._answered:
            self._record(found)
        yield found

    def _run(self, ask: Ask, planned: Sequence[PlannedTrial]) -> Iterator[Progress]:
        """Run what is not finished. One executor for all that is asked: a framework takes seconds to import."""
        if self._running is None:
            self._running = executor_for(self._on, self._workers, self._project.workflow, self._train)
        executor, workflow = self._running
        project = self._as_asked(ask, workflow)
        yield from run_trials(project, self._ledger, planned, workers=self._workers, on=self._on, executor=executor)

    def _as_asked(self, ask: Ask, workflow: Workflow) -> Project:
        """The project whose workflow trains as long as the points say, each in a process of its own where that is asked."""
        lengths = {point.steps for point in ask.points}
        steps = lengths.pop() if len(lengths) == 1 else None
        return replace(
            self._project,
            workflow=replace(
                workflow,
                isolation="fresh" if ask.fresh else workflow.isolation,
                max_train_steps=workflow.max_train_steps if steps is None else steps,
            ),
        )

    def _plan(self, ask: Ask) -> list[PlannedTrial]:
        """The trials of the points: those known, and new ones, which are in the journal before any of them runs."""
        numbers = [int(name[1:]) for name in self._ledger_ids() if name[1:].isdigit()]
        first = max(numbers, default=0) + 1
        new: list[PlannedTrial] = []
        planned: list[PlannedTrial] = []
        for point in ask.points:
            key = _key_of(point)
            if key not in self._known:
                self._known[key] = PlannedTrial(
                    id=trial_id(first + len(new)),
                    study=self.study,
                    round=0,
                    purpose=ask.purpose,
                    configuration=point.asked,
                    seed=point.seed,
                    index=len(self._known),
                )
                new.append(self._known[key])
            planned.append(self._known[key])
        if new:
            self._answered = False
            self._ledger.append("trial-planned", {"trials": [dump_planned(each) for each in new]})
        self.trials += [each.id for each in planned if each.id not in self.trials]
        return planned

    def _ledger_ids(self) -> list[str]:
        state = self._ledger.state(self._project)
        return [*(t.id for t in state.trials), *(p.id for each in state.rounds for p in each.planned)]

    def _seen(self, ask: Ask, planned: Sequence[PlannedTrial]) -> tuple[Seen, ...]:
        state = self._ledger.state(self._project)
        records = {trial.id: trial for trial in state.trials}
        seen = tuple(
            _seen(state, point, each, records.get(each.id)) for point, each in zip(ask.points, planned, strict=True)
        )
        for each in seen if ask.exact else ():
            _obeyed(each)
        return seen

    def _record(self, found: Found) -> None:
        results = found.results or ((self._name, {}),)
        for at, (name, result) in enumerate(results):
            self._ledger.append(
                "measurement",
                {
                    **({"shown": _shown(self._name, found)} if at == len(results) - 1 else {}),
                    "name": name,
                    "result": dict(result),
                    "verdict": found.label,
                    "trials": self.trials,
                    "run": self.study,
                    "message": found.message.as_json(),
                },
            )


def _seen(state: ProjectState, point: Point, planned: PlannedTrial, record: TrialRecord | None) -> Seen:
    if record is None:
        return Seen(point=point, trial=planned.id, outcome=None)
    reading = state.readings.get(record.id)
    score = None if reading is None else reading.score
    curves = {
        name: curve
        for name in state.curves.metrics(record.id)
        if (curve := state.curves.curve(record.id, name)) is not None
    }
    return Seen(
        point=point,
        trial=record.id,
        outcome=record.outcome,
        error=None if score is None else state.project.objective.sign * score,
        curves=curves,
        waiting=_waiting(record),
        facts=record.facts,
    )


def _shown(name: str, found: Found) -> dict[str, object]:
    """What a report shows of a run beside its sentence; numbers that are not finite are left out."""
    picture = found.picture
    return {
        "procedure": name,
        "notes": [note.as_json() for note in found.notes],
        "rows": [{key: _finite(value) for key, value in row.items()} for row in found.rows],
        "edits": {at if isinstance(at, str) else ".".join(at): value for at, value in found.edits.items()},
        "metrics": [] if picture is None else list(picture.metrics),
        "lines": [] if picture is None else [asdict(line) for line in picture.lines],
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _waiting(record: TrialRecord) -> float | None:
    """Share of the time its loops over `trial.steps(loader)` waited for data."""
    rows = record.facts.get("inputs")
    timed = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list | tuple) else []
    seconds = sum(float(str(each.get("seconds") or 0.0)) for each in timed)
    return sum(float(str(each.get("waited") or 0.0)) for each in timed) / seconds if seconds > 0 else None


def _obeyed(seen: Seen) -> None:
    """Raise WorkflowError where a run that ended well clearly did not train for the steps that were asked for."""
    asked = seen.point.steps
    lasts = [float(curve.steps[-1]) for curve in seen.curves.values() if len(curve)]
    if asked is None or seen.outcome != "ok" or not lasts:
        return
    last = float(np.max(lasts))
    if not _SHORT * asked <= last + 1 <= _LONG * asked + 2:
        raise WorkflowError(
            Text(
                en="Trial {id} was asked for {asked} steps and logged up to step {last:g}.",
                zh="要求试验 {id} 训练 {asked} 步，它却记录到第 {last:g} 步。",
            ).fill(id=seen.trial, asked=asked, last=last),
            fix=Text(
                en="Let the training code take its length from {{max_train_steps}} in a command, or from the function's "
                "parameter max_train_steps, and log the step.",
                zh="让训练代码从命令里的 {{max_train_steps}} 或函数参数 max_train_steps 取训练步数，并按步记录。",
            ).fill(),
        )


def _planned_in(ledger: Ledger, study: str) -> list[PlannedTrial]:
    ids = [
        str(row["id"])
        for event in ledger.events("trial-planned")
        for row in event.data["trials"]  # type: ignore[attr-defined]  # a list, as every writer of the event gives it
        if row.get("study") == study
    ]
    return [planned for name in ids if (planned := ledger.planned(name)) is not None]


def _study(ledger: Ledger, name: str, again: bool) -> tuple[str, bool]:
    """The study of the run that was begun and has no answer yet, else of the next; and whether it has its answer.

    again  the latest run that has an answer, where no later one was begun
    """
    closed = sum(1 for run in {e.data.get("run") for e in ledger.events("measurement")} if _of(run, name))
    following = f"{PREFIX}/{name}/{closed + 1}"
    if again and closed and not _planned_in(ledger, following):
        return f"{PREFIX}/{name}/{closed}", True
    return following, False


def _of(run: object, name: str) -> bool:
    return str(run).startswith(f"{PREFIX}/{name}/")


def _key(planned: PlannedTrial) -> Key:
    return tuple(sorted(planned.configuration.items())), planned.seed


def _key_of(point: Point) -> Key:
    return tuple(sorted(point.asked.items())), point.seed
