"""What a trial finds around it: the project's environment variables and working folder, for a function and for a command."""

from __future__ import annotations

import pytest
from test_executors import ends, job, logged, workflow_in

from playnote.execution import LocalExecutor

FUNCTION = """
import os

def train(trial):
    trial.log(1, {"dev/error": float(os.environ["GIVEN"]), "here": float(os.path.exists("model.py"))})
"""
COMMAND = """
import json, os
print(json.dumps({"step": 1, "dev/error": float(os.environ["GIVEN"]), "here": float(os.path.exists("model.py"))}))
"""


@pytest.mark.parametrize("how", [{}, {"command": "python model.py", "metrics": "stdout"}], ids=["function", "command"])
def test_a_trial_has_the_projects_environment_and_works_in_its_folder(tmp_path, how):
    place = tmp_path / "code"
    place.mkdir()
    executor = LocalExecutor(1)
    try:
        workflow = workflow_in(place, COMMAND if how else FUNCTION, environment={"GIVEN": "0.25"}, **how)
        found = ends(list(executor.run([job(tmp_path, 1)], workflow)))
    finally:
        executor.close()
    assert found["t0001"].outcome == "ok"
    assert (logged(tmp_path, 1, "dev/error"), logged(tmp_path, 1, "here")) == ([(1, 0.25)], [(1, 1.0)])
