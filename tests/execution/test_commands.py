"""Commands: filled word by word without a shell, their numbers read from wherever they are written."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_executors import job

from playnote.errors import WorkflowError
from playnote.execution.attempt import run_attempt
from playnote.execution.calling import call
from playnote.execution.command import check_command, command_line, output_file, placeholders
from playnote.execution.provenance import provenance
from playnote.recorder import Trial, TrialCard, attempt_log
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.records.round import PlannedTrial


def test_every_placeholder_is_filled_and_braces_may_be_doubled(tmp_path):
    workflow = Workflow(
        command="train --lr {lr} --seed={seed} {trial} {max_train_steps} {evaluate_every} '{{x}}'",
        max_train_steps=100,
        evaluate_every=5,
    )
    words = command_line(workflow.command or "", placeholders(job(tmp_path, 3, lr=1e-05), workflow))
    assert words == ["train", "--lr", "1e-05", "--seed=3", "t0003", "100", "5", "{x}"]


@given(st.text(min_size=1))
def test_a_value_is_one_word_whatever_it_holds(value):
    assert command_line("train {name} end", {"name": value}) == ["train", value, "end"]


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_as_itself(value):
    assert float(command_line("train {lr}", {"lr": value})[1]) == value


def test_a_hyperparameter_that_does_not_exist_takes_its_option_with_it():
    assert command_line("train --beta1 {beta1} --lr {lr}", {"lr": 0.5}) == ["train", "--lr", "0.5"]
    assert command_line("train --beta1={beta1} --lr {lr}", {"lr": 0.5}) == ["train", "--lr", "0.5"]


def test_switches_are_written_as_words_of_json():
    assert command_line("train {a} {b}", {"a": True, "b": False}) == ["train", "true", "false"]


WRITES = {
    "jsonl:out/{trial}.jsonl": (
        "import json, sys\n"
        "with open(f'out/{sys.argv[1]}.jsonl', 'a') as file:\n"
        "    for step in (10, 20):\n"
        "        print(json.dumps({'step': step, 'dev': {'error': step / 100}}), file=file, flush=True)\n"
    ),
    "csv:out/{trial}.csv": (
        "import sys\n"
        "with open(f'out/{sys.argv[1]}.csv', 'w') as file:\n"
        "    print('epoch,dev/error,note', file=file)\n"
        "    for step in (10, 20):\n"
        "        print(step, step / 100, 'fine', sep=',', file=file, flush=True)\n"
    ),
    "stdout": (
        "import json\n"
        "print('loading')\n"
        "for step in (10, 20):\n"
        "    print(json.dumps({'step': step, 'dev/error': step / 100}))\n"
    ),
}


@pytest.mark.parametrize("metrics", WRITES)
def test_numbers_are_read_from_wherever_the_command_writes_them(tmp_path, metrics):
    (tmp_path / "out").mkdir()
    (tmp_path / "train.py").write_text(WRITES[metrics], encoding="utf-8")
    workflow = Workflow(command="python train.py {trial}", metrics=metrics, folder=str(tmp_path))
    one = job(tmp_path, 1)
    assert run_attempt(one, workflow, None).outcome == "ok"
    records = decode(attempt_log(one.folder, 1).read_bytes()).records
    rows = [(r["step"], r["metrics"]) for r in records if r["kind"] == "log"]
    assert rows == [(10, {"dev/error": 0.1}), (20, {"dev/error": 0.2})]


def test_a_command_without_the_recorder_is_read_from_what_it_printed(tmp_path):
    (tmp_path / "train.py").write_text(WRITES["stdout"], encoding="utf-8")
    one = job(tmp_path, 1)
    output_file(one.folder, 1).parent.mkdir(parents=True, exist_ok=True)
    output_file(one.folder, 1).write_text('{"step": 5, "dev/error": 9.0}\n', encoding="utf-8")  # an earlier start
    assert run_attempt(one, Workflow(command="python train.py", folder=str(tmp_path)), None).outcome == "ok"
    records = decode(attempt_log(one.folder, 1).read_bytes()).records
    rows = [(r["step"], r["metrics"]) for r in records if r["kind"] == "log"]
    assert rows == [(10, {"dev/error": 0.1}), (20, {"dev/error": 0.2})]


def test_a_command_with_the_recorder_is_not_read_twice(tmp_path):
    (tmp_path / "train.py").write_text(
        "import json, playnote\n"
        "trial = playnote.current_trial()\n"
        "for step in (10, 20):\n"
        "    trial.log(step, {'dev/error': step / 100})\n"
        "    print(json.dumps({'step': step, 'dev/error': 9.0}))\n",
        encoding="utf-8",
    )
    one = job(tmp_path, 1)
    assert run_attempt(one, Workflow(command="python train.py", folder=str(tmp_path)), None).outcome == "ok"
    records = decode(attempt_log(one.folder, 1).read_bytes()).records
    rows = [(r["step"], r["metrics"]) for r in records if r["kind"] == "log"]
    assert rows == [(10, {"dev/error": 0.1}), (20, {"dev/error": 0.2})]


def test_nan_printed_by_a_command_without_the_recorder_is_a_divergence(tmp_path):
    (tmp_path / "train.sh").write_text('echo \'{"step": 1, "dev/error": NaN}\'\n', encoding="utf-8")
    ended = run_attempt(job(tmp_path, 1), Workflow(command="sh train.sh", folder=str(tmp_path)), None)
    assert (ended.outcome, ended.error) == ("nan", "")


def test_what_an_earlier_run_left_in_the_file_is_not_read_again(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "t0001.jsonl").write_text('{"step": 1, "dev/error": 9.0}\n', encoding="utf-8")
    (tmp_path / "train.py").write_text(WRITES["jsonl:out/{trial}.jsonl"], encoding="utf-8")
    workflow = Workflow(command="python train.py {trial}", metrics="jsonl:out/{trial}.jsonl", folder=str(tmp_path))
    one = job(tmp_path, 1)
    run_attempt(one, workflow, None)
    records = decode(attempt_log(one.folder, 1).read_bytes()).records
    assert [r["step"] for r in records if r["kind"] == "log"] == [10, 20]


def test_nan_on_standard_output_ends_the_command(tmp_path):
    (tmp_path / "train.sh").write_text('echo \'{"step": 1, "dev/error": NaN}\'\nsleep 600\n', encoding="utf-8")
    workflow = Workflow(command="sh train.sh", metrics="stdout", folder=str(tmp_path))
    ended = run_attempt(job(tmp_path, 1), workflow, None)
    assert (ended.outcome, ended.error) == ("nan", "")


def test_a_failing_command_says_its_exit_code_and_its_own_traceback_once(tmp_path):
    (tmp_path / "train.py").write_text("print('start')\nraise KeyError('lr')\n", encoding="utf-8")
    one = job(tmp_path, 1)
    ended = run_attempt(one, Workflow(command="python train.py", folder=str(tmp_path)), None)
    assert ended.outcome == "failed:code"
    assert ended.error.count("Traceback") == 1
    assert ended.error.endswith("KeyError: 'lr'")
    assert "exit code 1" in ended.error
    assert "start" in output_file(one.folder, 1).read_text(encoding="utf-8")


def test_no_shell_reads_the_command(tmp_path):
    workflow = Workflow(command="echo {text} ; touch broken", folder=str(tmp_path), metrics="stdout")
    one = job_with(tmp_path, text="$(touch worse) && `touch worst`")
    run_attempt(one, workflow, None)
    assert not [path for path in tmp_path.iterdir() if path.name in ("broken", "worse", "worst")]
    assert "$(touch worse) && `touch worst` ; touch broken" in output_file(one.folder, 1).read_text(encoding="utf-8")


def test_a_missing_program_and_unreadable_metrics_are_found_before_the_first_trial(tmp_path):
    with pytest.raises(WorkflowError, match="no-such-program"):
        check_command(Workflow(command="no-such-program {lr}", folder=str(tmp_path)))
    with pytest.raises(WorkflowError, match="tensorboard"):
        check_command(Workflow(command="python x.py", metrics="tensorboard:runs", folder=str(tmp_path)))


def trial_with(**configuration: float) -> Trial:
    return Trial(TrialCard(id="t", configuration=configuration, seed=5))


def test_a_function_is_called_by_its_signature():
    workflow = Workflow(max_train_steps=9)
    trial = trial_with(lr=0.1, dropout=0.2)
    assert call(lambda t: t is trial, trial, workflow) is True
    assert call(lambda lr, seed, max_train_steps: (lr, seed, max_train_steps), trial, workflow) == (0.1, 5, 9)
    assert call(lambda lr, dropout=0.0, other=3: (lr, dropout, other), trial, workflow) == (0.1, 0.2, 3)
    assert call(lambda **rest: rest, trial, workflow) == {"lr": 0.1, "dropout": 0.2}
    assert call(lambda: "nothing", trial, workflow) == "nothing"
    with pytest.raises(WorkflowError, match="momentum"):
        call(lambda lr, momentum: None, trial, workflow)


def test_changes_that_are_not_committed_stay_with_the_owner(tmp_path, monkeypatch):
    import subprocess

    monkeypatch.setenv("MY_SECRET", "hunter2")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    for words in (["init", "-q"], ["add", "a.py"], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    home = tmp_path / ".playnote"
    assert provenance(tmp_path, home)["dirty"] is False
    (tmp_path / "a.py").write_text("x = 'private'\n", encoding="utf-8")
    told = provenance(tmp_path, home)
    assert told["dirty"] is True
    assert len(str(told["commit"])) == 40
    assert "private" not in json.dumps(told)
    assert "hunter2" not in json.dumps(told)
    kept = next((home / "diffs").iterdir())
    assert "private" in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_folder_without_git_is_told_as_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    told = provenance(tmp_path, tmp_path / ".playnote")
    assert (told["commit"], told["dirty"]) == (None, None)


def job_with(folder: Path, **values: str):
    plain = job(folder, 1)
    planned = PlannedTrial(
        id="t0001", study="r1", round=1, purpose="search", configuration=dict(values), seed=1, index=1
    )
    return type(plain)(trial=planned, card=TrialCard(id="t0001", configuration=dict(values)), folder=plain.folder)
