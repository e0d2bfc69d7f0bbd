"""One attempt of one trial, from its card to how it ended; the same in this process and in a worker."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import playnote
from playnote.errors import LedgerError, WorkflowError
from playnote.execution.calling import Function, call
from playnote.execution.command import run_command
from playnote.execution.events import Ended, Job
from playnote.execution.outcomes import of_exception, own_traceback
from playnote.execution.reset import framework_as_found, reset_random_state, undone_after
from playnote.recorder import Trial, trial_in, write_card
from playnote.records.project import Workflow
from playnote.records.trial import Outcome

_PACKAGE = str(Path(playnote.__file__).parent)


def run_attempt(job: Job, workflow: Workflow, function: Function | None) -> Ended:
    """Train once; never raises for what the training code does. The end is also written into the trial's folder."""
    begun = time.perf_counter()
    facts: dict[str, object] = {}
    try:
        write_card(job.folder, job.card)
        if function is not None:
            outcome, error = _call(job, workflow, function)
        else:
            outcome, error, facts = run_command(job, workflow)
    except LedgerError as trouble:
        outcome, error = "failed:infra", str(trouble)
    seconds = round(time.perf_counter() - begun, 6)
    ended = Ended(job.card.id, job.card.attempt, outcome, seconds, error, facts)
    write_end(job.folder, ended)
    return ended


def end_file(folder: Path, attempt: int) -> Path:
    """Where an attempt's end is kept until the journal has it."""
    return folder / f"end-{attempt}.json"


def write_end(folder: Path, ended: Ended) -> None:
    """Keep how the attempt ended, so that the death of the runner right now loses no finished work."""
    draft = folder / f".end-{ended.attempt}"
    try:
        draft.write_text(json.dumps(asdict(ended), default=str), encoding="utf-8")
        draft.replace(end_file(folder, ended.attempt))
    except OSError:
        return  # the event is on its way to the runner as well


def read_end(folder: Path, attempt: int) -> Ended | None:
    """How an attempt ended whose runner died before it could note it; None where it did not end."""
    try:
        return Ended(**json.loads(end_file(folder, attempt).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _call(job: Job, workflow: Workflow, function: Function) -> tuple[Outcome, str]:
    with framework_as_found():
        reset_random_state(job.card.seed)
        return _called(job, workflow, function)


def _called(job: Job, workflow: Workflow, function: Function) -> tuple[Outcome, str]:
    try:
        with undone_after(Path(workflow.folder)), trial_in(job.folder) as trial:
            _keep(trial, job, workflow, call(function, trial, workflow))
    except WorkflowError as error:
        return "failed:code", str(error)
    except (Exception, SystemExit) as error:
        outcome = of_exception(error)
        return outcome, "" if outcome == "ok" else own_traceback(error, _PACKAGE)
    return "ok", ""


def _keep(trial: Trial, job: Job, workflow: Workflow, returned: object) -> None:
    """What the function returned is logged at the last step: metrics by name, or the objective's value."""
    step = workflow.max_train_steps or 1
    if isinstance(returned, Mapping):
        numbers = {str(k): v for k, v in returned.items() if isinstance(v, (int, float)) or hasattr(v, "item")}
        if numbers:
            trial.log(step, numbers)
    elif job.card.objective and isinstance(returned, (int, float)) and not isinstance(returned, bool):
        trial.log(step, {job.card.objective: returned})
