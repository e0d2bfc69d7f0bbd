"""`measure`: over a real ledger, resumed after a kill, applied to the project file, leaving nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from playnote.errors import InputError, NotFoundError, WorkflowError
from playnote.ledger import Ledger
from playnote.playbook.facts.measurements import measured_in
from playnote.service.measure import MEASURES, Measured, measure
from playnote.service.operations import OPERATIONS
from playnote.service.session import open_project

PROJECT = """
[project]
name = "bowl"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.002

[workflow]
function = "train:train"
max_train_steps = 100   # short
evaluate_every = 10

[hyperparameters]
lr = { low = 0.01, high = 10.0, scale = "log", group = "optimizer" }   # the rate
schedule = { choices = ["constant", "cosine"] }
warmup_steps = { low = 0, high = 100 }

[baseline]
lr = 0.01
schedule = "cosine"
warmup_steps = 0
"""
CODE = """
import os, random, time

def train(trial, max_train_steps):
    time.sleep(float(os.environ.get("SLOW", "0")))
    c, x = trial.configuration, 1.0
    noise = random.Random(trial.seed).random()
    for step in range(max_train_steps):
        trial.log(step, {"train/loss": 2 * x * x, "grad_norm": abs(4 * x)})
        x -= c["lr"] * 4 * x
        if abs(x) > 1e30:
            break
    trial.log(max_train_steps, {"dev/error": 2 * x * x + 0.01 * noise})
"""


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.py").write_text(CODE, encoding="utf-8")
    return open_project(tmp_path)


def run(opened, name, **more):
    last = None
    for step in measure(opened, name, on="inline", **more):
        last = step
    assert isinstance(last, Measured)
    return last


def attempts(opened):
    return Counter(event.data["trial"] for event in Ledger.open(opened.home).events("attempt-started"))


def test_the_answer_is_on_record_under_the_names_that_rules_read(opened):
    found = run(opened, "lr")
    state = opened.state()
    recorded = measured_in(state).last("lr")
    assert recorded.number_of("stable") <= 0.5 <= recorded.number_of("unstable")
    assert recorded.verdict == "yes"
    assert {trial.purpose for trial in state.trials} == {"probe"}
    assert set(found.trials) == {trial.id for trial in state.trials}
    event = state.events("measurement")[-1]
    assert event.data["run"] == "measure/lr/1"
    assert set(event.data["message"]) == {"en", "zh"}


def test_the_answer_reads_as_json_even_where_trials_diverged(opened):
    json.dumps(run(opened, "lr").as_json(), allow_nan=False)


def test_seeds_count_as_repeats_of_the_baseline(opened):
    run(opened, "seeds", options={"seeds": 3})
    repeats = opened.state().of_purpose("repeat")
    assert len(repeats) == 3
    assert {tuple(each.configuration.items()) for each in repeats} == {tuple(opened.project.baseline.items())}


def test_a_run_that_was_left_goes_on_with_the_rest_alone(opened):
    stopped = measure(opened, "lr", on="inline")
    for step in stopped:
        if getattr(step, "done", 0) == 4:
            break
    stopped.close()
    assert not opened.state().events("measurement")
    run(opened, "lr")
    assert set(attempts(opened).values()) == {1}
    again = open_project(opened.project.folder)
    fresh = run(again, "lr")
    assert fresh.trials[0] not in {e.data["trials"][0] for e in opened.state().events("measurement")[:1]}


@pytest.mark.faults
def test_a_run_that_was_killed_goes_on_with_the_rest_alone(opened):
    code = (
        "import sys; from playnote.service.session import open_project; from playnote.service.measure import measure\n"
        "for step in measure(open_project(sys.argv[1]), 'seeds', on='inline'): pass"
    )
    environment = {**os.environ, "SLOW": "0.3"}
    process = subprocess.Popen([sys.executable, "-c", code, opened.project.folder], env=environment)
    journal = opened.home / "journal.jsonl"
    while not (journal.exists() and journal.read_bytes().count(b'"kind":"attempt-ended"') >= 2):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ended = {e.data["trial"] for e in Ledger.open(opened.home).events("attempt-ended")}
    assert 2 <= len(ended) < 5
    found = run(opened, "seeds")
    assert dict(found.found.results)["seeds"]["runs"] == 5
    assert all(attempts(opened)[trial] == 1 for trial in ended)


def test_applying_edits_the_file_with_its_comments_and_runs_nothing_again(opened):
    proposed = run(opened, "lr")
    assert proposed.found.edits
    before = attempts(opened)
    applied = run(opened, "lr", apply=True)
    assert applied.applied
    assert attempts(opened) == before
    assert len(opened.state().events("measurement")) == 1
    text = (opened.home.parent / "playnote.toml").read_text(encoding="utf-8")
    assert "# the rate" in text
    assert open_project(opened.project.folder).project.baseline["lr"] == proposed.found.edits["baseline", "lr"]


def test_what_the_project_lacks_is_said_before_anything_runs(opened):
    with pytest.raises(InputError) as error:
        run(opened, "clipping")
    assert "clip_norm" in error.value.fix.en
    assert not opened.state().trials


def test_an_unknown_procedure_is_answered_with_the_known_ones(opened):
    with pytest.raises(NotFoundError, match="nothing called 'speed'") as error:
        run(opened, "speed")
    assert all(name in error.value.fix.en for name in MEASURES)


def test_training_code_that_ignores_its_length_is_found_out(opened, tmp_path):
    code = CODE.replace("range(max_train_steps)", "range(100)").replace("trial.log(max_train_steps", "trial.log(100")
    (tmp_path / "train.py").write_text(code, encoding="utf-8")
    with pytest.raises(WorkflowError, match="asked for 15 steps and logged up to step 100") as error:
        run(opened, "round-transfer")
    assert "max_train_steps" in error.value.fix.en


def test_training_code_that_logs_no_loss_is_told_so(opened, tmp_path):
    (tmp_path / "train.py").write_text(CODE.replace("train/loss", "other"), encoding="utf-8")
    with pytest.raises(WorkflowError, match="no training loss") as error:
        run(opened, "stability")
    assert "train/loss" in error.value.fix.zh


def test_nothing_of_a_procedure_is_left_in_the_environment_or_in_later_trainings(opened):
    before = dict(os.environ)
    first = run(opened, "seeds", options={"seeds": 2})
    run(opened, "lr")
    run(opened, "stability")
    assert dict(os.environ) == before
    second = run(opened, "seeds", options={"seeds": 2})
    assert [row["error"] for row in first.found.rows] == [row["error"] for row in second.found.rows]
    assert open_project(opened.project.folder).project == opened.project


def test_every_procedure_is_an_operation_of_its_own():
    verbs = {operation.cli for operation in OPERATIONS}
    assert {f"measure {name}" for name in MEASURES} <= verbs


def test_trials_of_one_ask_train_as_long_as_each_was_asked_to(opened):
    found = run(opened, "warmup")
    assert found.found.label == "no"  # no warmup makes a quadratic stable above its limit
    state = opened.state()
    asked = [trial for trial in state.trials if "max_train_steps" in trial.configuration]
    assert asked
    for trial in asked:
        curve = state.curves.curve(trial.id, "train/loss")
        assert len(curve) <= trial.configuration["max_train_steps"]
        assert trial.outcome in ("nan", "exploded") or len(curve) == trial.configuration["max_train_steps"]
