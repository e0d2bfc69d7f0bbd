"""A command that logs with the real libraries is followed, nothing in its code changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from peers_environment import HERE, OFFLINE, PEERS, PYTHON

from playnote.execution.attempt import run_attempt
from playnote.execution.events import Job
from playnote.recorder import TrialCard, attempt_log
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial


@pytest.mark.parametrize(("kind", "script"), [("tensorboard", "torch"), ("wandb-offline", "wandb")])
def test_every_reading_of_a_command_is_seen(tmp_path: Path, kind: str, script: str) -> None:
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    planned = PlannedTrial(id="t1", study="r1", round=1, purpose="search", configuration={}, seed=0, index=0)
    job = Job(trial=planned, card=TrialCard(id="t1"), folder=tmp_path / "t1")
    workflow = Workflow(
        command=f"{PYTHON} {HERE / 'writers' / f'training_{script}.py'}" + " {folder}",
        metrics=kind + ":{folder}",
        folder=str(tmp_path),
        environment={**OFFLINE, "HOME": str(tmp_path)},
    )
    assert run_attempt(job, workflow, None).outcome == "ok"
    rows = [each for each in decode(attempt_log(job.folder, 1).read_bytes()).records if each["kind"] == "log"]
    assert [row["step"] for row in rows] == [float(step) for step in range(20)]
    single = kind == "tensorboard"
    due = [float(np.float32(1.0 / (1 + step))) if single else 1.0 / (1 + step) for step in range(20)]
    assert [row["metrics"]["dev/error"] for row in rows] == due
