"""A small project whose workflow is a shell script, with a test split that nothing at the door may read."""

import shutil
import subprocess
import sys

import pytest

from playnote.interfaces.mcp.calls import Door, call, look
from playnote.service import jobs
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that a round runs"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
chance = 1.0

[splits]
dev = { source = "made", logged_as = "dev" }
test = { source = "made", logged_as = "holdout", ids = "splits/final.txt" }

[workflow]
command = "sh train.sh {lr} {width} {seed}"
metrics = "stdout"
max_train_steps = 3
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
width = { choices = [1, 4], group = "architecture" }

[baseline]
lr = 0.05
width = 1

[budget]
trials = 100
hours = 1
"""
SCRIPT = """
test -f slow && sleep 0.3
for step in 1 2 3; do
  echo "$step $1 $2 $3" | awk '{ d = log($2) - log(0.05); printf "{\\"step\\": %d, \\"dev/error\\": %.6f, \\"train/loss\\": %.6f}\\n", $1, 0.1 + (0.01*d*d + 0.05)/$3 + 0.01/$1 + ($4 % 7)*0.0003, 1/$1 }'
done
"""


def begun(folder):
    """A project that nothing was done in yet."""
    (folder / "splits").mkdir(parents=True)
    (folder / "splits" / "final.txt").write_text("1\n2\n3\n", encoding="utf-8")
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.sh").write_text(SCRIPT, encoding="utf-8")
    return folder


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


class Agent:
    """The door as an agent calls it, in this process; `act` passes the state it has just read."""

    def __init__(self, folder, language="en"):
        self.door = Door(folder, language)

    def ask(self, tool, **arguments):
        return call(self.door, tool, arguments)

    def get(self, tool, **arguments):
        found = self.ask(tool, **arguments)
        assert found["ok"], found
        return found["data"]

    def refused(self, tool, **arguments):
        found = self.ask(tool, **arguments)
        assert not found["ok"], found
        return found["error"]

    def state(self):
        return self.get("status")["state_id"]

    def act(self, tool, **arguments):
        return self.get(tool, **arguments, state_id=self.state())

    def read(self, uri):
        return look(self.door, uri)

    def end(self, job):
        """Wait for a job to end; what it said last."""
        return self.get("status", job=job, wait_s=50)["jobs"][0]


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
