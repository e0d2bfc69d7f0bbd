"""A small project whose workflow is a shell script, with a test split that nothing at the door may read."""

import shutil
import subprocess
import sys

import pytest
from small_door import Agent, begun

from playnote.service import jobs
from playnote.service.session import open_project


@pytest.fixture
def project(tmp_path):
    folder = begun(tmp_path / "small")
    yield folder
    for job in jobs.jobs(open_project(folder)):  # nothing outlives the test that began it
        if job["state"] == "running":
            subprocess.run(["kill", (folder / ".playnote" / "jobs" / job["job"] / "pid").read_text()], check=False)


@pytest.fixture(scope="session")
def with_baseline_before(tmp_path_factory):
    """A project whose baseline an agent ran, to be copied."""
    folder = begun(tmp_path_factory.mktemp("before") / "small")
    agent = Agent(folder)
    agent.act("measure", what="baseline")
    assert agent.end("baseline")["state"] == "done"
    return folder


@pytest.fixture
def agent(project):
    return Agent(project)


@pytest.fixture
def person(project):
    def run(*words):
        command = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", *words]
        found = subprocess.run([*command, "--project", str(project)], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    return run


@pytest.fixture
def with_baseline(agent, project, with_baseline_before):
    shutil.copytree(with_baseline_before / ".playnote", project / ".playnote")
    return agent


@pytest.fixture
def with_round(with_baseline):
    with_baseline.act("open_round", question="Does width help?", scientific={"width": [1, 4]}, trials_per_value=8)
    return with_baseline
