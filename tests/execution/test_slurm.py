"""Slurm jobs through submitit, on its local executor: the same promises, and nothing else changes for a round."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

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
from playnote.service.rounds import baseline_run, round_new
from playnote.service.session import open_project
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


PROJECT = """
[project]
name = "small"
goal = "Show that a round runs as jobs by its name alone"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "asked_it:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.1

[budget]
trials = 40
hours = 1
"""


@pytest.mark.faults
def test_the_command_line_runs_a_round_on_slurm_to_its_end(tmp_path):
    """A job that is killed from outside is a failure of the machine and is tried again; the rest is as everywhere."""
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "asked_it.py").write_text(
        "import os\nimport signal\nfrom pathlib import Path\n\ndef train(trial):\n"
        '    if not Path("killed").exists():\n'
        '        Path("killed").touch()\n'
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        '    trial.log(1, {"dev/error": trial.configuration["lr"]})\n',
        encoding="utf-8",
    )
    session = open_project(tmp_path)
    noise = iter((0.50, 0.51, 0.52))
    list(baseline_run(session, train=lambda trial: trial.log(1, {"dev/error": next(noise)})))
    round_new(session, "Where is lr good?", {}, 3)
    asked = "from playnote.interfaces.cli.app import main; main()"
    words = ["round", "run", "--project", str(tmp_path), "--on", "slurm", "--workers", "2", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", asked, *words],
        env={**os.environ, "PLAYNOTE_SLURM": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)["data"]
    state = session.state()
    ours = state.of_round(1)
    assert (answer["done"], answer["failed"]) == (len(ours), 0)
    assert {trial.outcome for trial in ours} == {"ok"}
    assert {state.readings[trial.id].score for trial in ours} == {trial.configuration["lr"] for trial in ours}
    ends = [
        event.data["outcome"] for event in state.events("attempt-ended") if event.data["trial"] in {t.id for t in ours}
    ]
    assert sorted(ends) == ["failed:infra", *["ok"] * len(ours)]
    assert sorted(trial.attempts for trial in ours) == [*[1] * (len(ours) - 1), 2]


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
