"""One question in Python, with no project file: plan it, run it, report it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast, final

from playnote.interfaces.python.declare import project_of
from playnote.recorder.trial import Trial
from playnote.records.objective import Objective
from playnote.records.project import Budget, Project
from playnote.records.round import Round as PlannedRound
from playnote.records.state import ProjectState
from playnote.service.plans import Plan, plan_round
from playnote.space.hyperparameter import Hyperparameter, Value

Train = Callable[[Trial], object]


class Operations(Protocol):
    """What this interface asks of `playnote.service.operations`, where the gates stand."""

    def run_round(self, project: Project, planned: PlannedRound, train: Train, *, workers: int) -> ProjectState:
        """Run the planned trials that are not finished yet; BarredError where a gate does not let them through."""
        ...

    def write_report(self, state: ProjectState, number: int, path: Path) -> Path:
        """Write the report of one round and return its place."""
        ...


def _operations() -> Operations:
    return cast(Operations, import_module("playnote.service.operations"))


@final
class Round:
    """One question, who plays which part in it, and what is measured.

        round = pn.Round(
            question="Does dropout help once everything else is tuned?",
            objective=pn.minimize("dev/error", min_effect=0.002),
            scientific={"dropout": [0.0, 0.2, 0.4]},
            nuisance={"lr": pn.log_uniform(1e-4, 1)},
        )
        print(round.plan(trials_per_value=16))
        round.run(train).report("report.html")

    scientific  the values compared, by name
    nuisance    what is tuned for each of them
    fixed       constants worth naming: the answer holds only there
    folder      where the record is kept (`.playnote` in it): the same round run again resumes it
    budget      trials and hours that the folder's rounds may spend in all
    settings    thresholds of the settings table that differ here
    """

    def __init__(
        self,
        *,
        question: str,
        objective: Objective,
        scientific: Mapping[str, Sequence[Value]] | None = None,
        nuisance: Mapping[str, Hyperparameter] | None = None,
        fixed: Mapping[str, Value] | None = None,
        seed: int = 0,
        folder: Path | str = ".",
        budget: Budget | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> None:
        """Raises InputError with every problem of the declaration."""
        self.question, self.seed = question, seed
        self.scientific = {name: tuple(values) for name, values in (scientific or {}).items()}
        self.nuisance = tuple(nuisance or {})
        self.project = project_of(
            name=Path(folder).absolute().name,
            objective=objective,
            scientific=self.scientific,
            nuisance=nuisance or {},
            fixed=fixed or {},
            budget=budget or Budget(),
            settings=settings or {},
            folder=Path(folder),
        )

    def plan(self, trials_per_value: int | None = None, *, workers: int = 1) -> Plan:
        """What the round would cost and can show. Nothing is run or written."""
        return plan_round(
            self.project,
            self.question,
            self.scientific,
            trials_per_value,
            nuisance=self.nuisance,
            seed=self.seed,
            workers=workers,
        )

    def run(self, train: Train, trials_per_value: int | None = None, *, workers: int = 1) -> Result:
        """Run the round: `train(trial)` once a trial, through the same gates as everywhere.

        Finished trials are not run again. Raises BarredError where a rule bars the round.
        """
        planned = self.plan(trials_per_value, workers=workers).round
        state = _operations().run_round(self.project, planned, train, workers=workers)
        return Result(state, planned.number)


@final
@dataclass(frozen=True)
class Result:
    """A round that was run.

    state   everything recorded: trials, scores, curves
    number  the round's number
    """

    state: ProjectState
    number: int

    def report(self, path: Path | str = "playnote-report.html") -> Path:
        """Write the round's report as one HTML file that opens offline; where it was written."""
        return _operations().write_report(self.state, self.number, Path(path))

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, the comparison, what wants a look, and the next step."""
        from playnote.interfaces.python.notebook import round_html

        return round_html(self.state, self.number)
