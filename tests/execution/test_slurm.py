"""Slurm jobs through submitit, on its local executor: the same promises, and nothing else changes for a round."""

from __future__ import annotations

import signal

import pytest

pytest.importorskip("submitit")

from playnote.errors import WorkflowError
from playnote.execution import Ended, Job, LogLines, Started
from playnote.execution.slurm_jobs import SlurmExecutor
from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.procedures.round import run_trials
from playnote.recorder import TrialCard
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.round import PlannedTrial
from playnote.testing.executor_kit import check_executor


def job(folder) -> Job:
    planned = PlannedTrial(id="t0", study="s", round=1, purpose="search", configuration={"lr": 0.5}, seed=3, index=0)
    return Job(trial=planned, card=TrialCard(id="t0", configuration={"lr": 0.5}, seed=3), folder=folder / "t0")


@pytest.mark.faults  # each job is a chain of three interpreters: a minute in all on a busy machine
def test_slurm_jobs_keep_every_promise(tmp_path):
    assert check_executor(lambda: SlurmExecutor(4, cluster="local"), tmp_path) == ()


def test_a_trial_runs_as_a_job_and_its_log_is_read_from_the_shared_disk(tmp_path):
    (tmp_path / "train_it.py").write_text(
        'def train(trial):\n    trial.log(1, {"dev/error": trial.configuration["lr"]})\n'
    )
    executor = SlurmExecutor(1, cluster="local")
    events = list(executor.run(iter([job(tmp_path)]), Workflow(function="train_it:train", folder=str(tmp_path))))
    assert [type(event) for event in events] == [Started, LogLines, Ended]
    assert events[0].worker.startswith("slurm-")
    assert b'"dev/error":0.5' in events[1].data
    assert events[2].outcome == "ok"


def test_code_that_cannot_be_loaded_stops_the_run_with_its_own_traceback(tmp_path):
    (tmp_path / "wrong_it.py").write_text('raise ValueError("the module says no")\n')
    executor = SlurmExecutor(1, cluster="local")
    with pytest.raises(WorkflowError, match="the module says no"):
        list(executor.run(iter([job(tmp_path)]), Workflow(function="wrong_it:train", folder=str(tmp_path))))


def test_a_round_runs_on_slurm_by_its_name_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYNOTE_SLURM", "local")
    (tmp_path / "named_it.py").write_text(
        'def train(trial):\n    trial.log(1, {"dev/error": trial.configuration["lr"]})\n'
    )
    project = Project(
        name="made",
        objective=Objective(formula="dev/error", direction="minimize"),
        workflow=Workflow(function="named_it:train", max_train_steps=1),
        folder=str(tmp_path),
    )
    planned = job(tmp_path).trial
    with Ledger.write(tmp_path / ".playnote", "runner") as ledger:
        ledger.append("trial-planned", {"trials": [dump_planned(planned)]})
        last = list(run_trials(project, ledger, [planned], on="slurm"))[-1]
        assert (last.done, last.failed) == (1, 0)
        assert ledger.readings(project.objective)["t0"].score == 0.5


def test_a_job_can_be_stopped_by_a_runner_that_was_started_in_the_background(tmp_path):
    """A shell starts what runs in the background with SIGINT ignored, and every child inherits that."""
    (tmp_path / "slow_it.py").write_text(
        'import time\n\ndef train(trial):\n    trial.log(1, {"dev/error": 0.5})\n    trial.flush()\n    time.sleep(20)\n'
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        executor = SlurmExecutor(1, cluster="local")
        ended = None
        for event in executor.run(iter([job(tmp_path)]), Workflow(function="slow_it:train", folder=str(tmp_path))):
            if isinstance(event, LogLines):
                executor.stop("t0")
            ended = event
        assert isinstance(ended, Ended)
        assert ended.outcome != "ok"  # left alone, it would have ended well
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
