"""What an attempt is given, and what comes back of its log where the disk is not shared."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from playnote.execution import LogLines
from playnote.ledger import Ledger
from playnote.recorder import TrialCard
from playnote.recorder.formula import parse
from playnote.records.naming import logged_names
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial

SEALED = "test"
MILESTONE = "milestone/"  # begins the study of a trial that reads the test split; the milestone's name follows


def working_in(project: Project, workflow: Workflow) -> Workflow:
    """The workflow with its folder as an absolute path."""
    return replace(workflow, folder=str((Path(project.folder or ".") / workflow.folder).absolute()))


def card_of(project: Project, workflow: Workflow, trial: PlannedTrial, attempt: int) -> TrialCard:
    """The card of one attempt; metrics by the names the training code may log them under."""
    terms = parse(project.objective.formula).terms
    watch = (name for term in (*terms, *workflow.watch) for name in logged_names(term, project.splits))
    test = project.splits.get(SEALED)
    return TrialCard(
        id=trial.id,
        attempt=attempt,
        configuration=trial.configuration,
        seed=trial.seed,
        watch=tuple(dict.fromkeys(watch)),
        milestone=milestone_of(trial.study),
        sealed=tuple(dict.fromkeys((SEALED, (test.logged_as if test else None) or SEALED))),
        objective=_as_logged(project, terms),
        direction=project.objective.direction,
    )


def milestone_of(study: str) -> str | None:
    """The milestone whose reading of the test split a trial of this study is; None for every other trial."""
    return study.removeprefix(MILESTONE) if study.startswith(MILESTONE) else None


def last_attempts(ledger: Ledger) -> dict[str, int]:
    """The number of every trial's last attempt."""
    last: dict[str, int] = {}
    for event in ledger.events("attempt-started"):
        trial, attempt = str(event.data["trial"]), int(str(event.data["attempt"]))
        last[trial] = max(last.get(trial, 0), attempt)
    return last


def append_missing(path: Path, lines: LogLines) -> None:
    """Put the lines where they belong in the file, unless they are there already: the executor's disk may be ours."""
    size = path.stat().st_size if path.exists() else 0
    new = lines.data[max(0, size - lines.offset) :]
    if new and size >= lines.offset:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())


def _as_logged(project: Project, terms: tuple[str, ...]) -> str:
    """The formula; of a single metric, the name that the training code logs it under."""
    formula = project.objective.formula
    split = project.splits.get(formula.partition("/")[0])
    if terms == (formula,) and split is not None and split.logged_as and "/" in formula:
        return f"{split.logged_as}/{formula.partition('/')[2]}"
    return formula
