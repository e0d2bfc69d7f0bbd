"""Jobs: they outlive the call and the caller, one at a time, and a killed one is told from a running one."""

import json
import os
import signal
import subprocess
import sys

import pytest

from playnote.service import jobs
from playnote.service.session import open_project


@pytest.fixture
def slow(project):
    (project / "slow").touch()
    return project


def attempts(project):
    return sum(event.kind == "attempt-started" for event in open_project(project).state().journal)


@pytest.mark.faults
def test_the_job_goes_on_after_the_process_that_asked_for_it_has_ended(with_round, slow):
    code = (
        "import sys; from pathlib import Path; from playnote.interfaces.mcp.calls import Door, call\n"
        "door = Door(Path(sys.argv[1])); state = call(door, 'status', {})['data']['state_id']\n"
        "print(call(door, 'run_round', {'state_id': state, 'workers': 2}))"
    )
    said = subprocess.run([sys.executable, "-c", code, str(slow)], capture_output=True, text=True, check=True).stdout
    assert "'state': 'running'" in said
    found = with_round.end("round-1")
    assert (found["state"], found["done"], found["actor"]) == ("done", 16, "agent")


def test_a_second_runner_is_refused_while_one_runs_and_the_same_job_is_found_not_doubled(with_round, slow):
    (slow / "stalled").touch()  # it cannot end while this test looks at it, however busy the machine
    state = with_round.state()
    first = with_round.get("run_round", state_id=state)["job"]
    assert first["state"] == "running"
    pid = (slow / ".playnote" / "jobs" / "round-1" / "pid").read_text()
    assert with_round.act("run_round")["job"]["state"] == "running"
    assert (slow / ".playnote" / "jobs" / "round-1" / "pid").read_text() == pid, "the same job"
    other = with_round.act("adopt")["job"]
    assert (other["state"], other["error"]["code"]) == ("refused", "lease")
    error = with_round.refused("propose_answer", rule="B-scope", answer="ours", state_id=with_round.state())
    assert (error["code"], error["retry_same_call"]) == ("lease", True)
    os.killpg(int(pid), signal.SIGTERM)


@pytest.mark.faults
def test_a_killed_job_says_that_it_died_and_the_same_call_goes_on_from_what_had_finished(with_round, slow):
    with_round.act("run_round")
    pid = int((slow / ".playnote" / "jobs" / "round-1" / "pid").read_text())
    while with_round.get("status", job="round-1", wait_s=0.1)["jobs"][0]["done"] < 2:
        pass
    os.killpg(pid, signal.SIGKILL)
    dead = with_round.end("round-1")
    assert (dead["state"], dead["result"]) == ("died", None)
    before = {t.id for t in open_project(slow).state().trials if t.outcome == "ok" and t.round == 1}
    assert before
    (slow / "slow").unlink()
    assert with_round.act("run_round")["job"]["state"] in ("running", "done")
    found = with_round.end("round-1")
    assert (found["state"], found["done"]) == ("done", 16)
    again = {t.id: t.attempts for t in open_project(slow).state().trials}
    assert all(again[trial] == 1 for trial in before), "what had finished was not run again"


def test_a_job_that_fails_says_why_in_both_languages_and_the_log_stays_behind_it(with_round, project):
    (project / "train.sh").write_text("echo broken >&2; exit 3\n", encoding="utf-8")
    found = with_round.act("run_round")["job"]
    found = with_round.end("round-1") if found["state"] == "running" else found
    assert found["state"] == "refused"
    assert found["error"]["code"] == "workflow"
    assert found["error"]["problem"]
    kept = json.loads((project / ".playnote" / "jobs" / "round-1" / "result.json").read_text(encoding="utf-8"))
    assert set(kept["error"]["problem"]) == {"en", "zh"}


def test_a_barred_run_starts_no_process(agent, project):
    agent.refused("run_round", state_id=agent.state())
    assert jobs.jobs(open_project(project)) == []


def test_an_unwatched_job_leaves_no_lock_behind(with_baseline, project):
    assert jobs.job_status(open_project(project), "baseline")["state"] == "done"
    assert with_baseline.act("measure", what="baseline", seeds=4)["job"]["state"] in ("running", "done")
    assert with_baseline.end("baseline")["done"] == 4
