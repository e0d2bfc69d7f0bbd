"""The command line against a small project whose workflow is a shell script: no line of Python in it."""

import json

import pytest
from typer.testing import CliRunner

from playnote.interfaces.cli.app import app
from playnote.service.operations import FACES, OPERATIONS

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

[workflow]
command = "sh train.sh {lr} {width} {seed}"
metrics = "stdout"
max_train_steps = 3
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
width = { choices = [1, 2], group = "architecture" }

[baseline]
lr = 0.1
width = 1

[budget]
trials = 40
hours = 1
"""
SCRIPT = """
for step in 1 2 3; do
  echo "$step $1 $2 $3" | awk '{ d = log($2) - log(0.05); printf "{\\"step\\": %d, \\"dev/error\\": %.6f, \\"train/loss\\": %.6f}\\n", $1, 0.1 + 0.01*d*d/$3 + 0.01/$1 + ($4 % 7)*0.0003, 1/$1 }'
done
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.sh").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def run(*arguments, code=0):
    found = CliRunner().invoke(app, [*arguments, "--json"])
    assert found.exit_code == code, found.output
    return json.loads(found.stdout)


def test_a_round_from_plan_to_decision_by_the_commands_that_next_prints(project):
    at = ("--project", str(project))
    assert run("next", *at)["data"]["command"] == "playnote baseline"
    run("baseline", *at)
    plan = run("round", "new", "Is width 2 better?", "--scientific", "width=1,2", "--trials", "8", *at)["data"]
    assert plan["trials"] == 16
    assert run("round", "run", *at)["data"]["done"] == 16
    shown = run("round", "show", *at)["data"]
    assert {"round", "question", "answer", "metric", "counts", "trials", "verdicts"} <= set(shown)
    assert len(shown["trials"]) == 16
    assert {
        "id", "study", "purpose", "configuration", "seed", "outcome", "feasible", "score", "attempts",
    } <= set(shown["trials"][0])  # fmt: skip
    assert {
        "id", "rule", "status", "target", "probability", "estimate", "interval", "level", "n", "message",
        "missing", "actions", "evidence",
    } <= set(shown["verdicts"][0])  # fmt: skip
    assert all(trial["outcome"] == "ok" for trial in shown["trials"])
    by_value = {}
    for trial in shown["trials"]:
        by_value.setdefault(trial["configuration"]["width"], []).append(trial["configuration"]["lr"])
    assert by_value[1] == by_value[2], "the same nuisance points for each value"


def test_a_finished_round_runs_nothing_again_and_answers_the_same_after_a_rebuild(project):
    at = ("--project", str(project))
    run("baseline", *at)
    run("round", "new", "Is width 2 better?", "--scientific", "width=1,2", "--trials", "8", *at)
    run("round", "run", *at)
    before = run("round", "show", *at)
    journal = (project / ".playnote" / "journal.jsonl").read_bytes().count(b"attempt-started")
    run("round", "run", *at)
    assert (project / ".playnote" / "journal.jsonl").read_bytes().count(b"attempt-started") == journal
    (project / ".playnote" / "ledger.db").unlink()
    run("rebuild", *at)
    assert run("round", "show", *at) == before


def test_a_broken_project_file_ends_with_code_2_and_one_detail_a_fault(project):
    text = PROJECT.replace('direction = "minimize"\n', "").replace("low = 0.001, high = 1.0", "low = 1.0, high = 0.001")
    (project / "playnote.toml").write_text(text, encoding="utf-8")
    error = run("check", "--project", str(project), code=2)["error"]
    assert error["code"] == "project-file"
    assert len(error["details"]) == 2
    assert all({"path", "found", "allowed", "fix"} <= set(detail) for detail in error["details"])
    assert not (project / ".playnote").exists(), "nothing is written"


def test_a_round_without_min_effect_is_barred_and_the_way_out_is_named(project):
    (project / "playnote.toml").write_text(PROJECT.replace("min_effect = 0.01\n", ""), encoding="utf-8")
    at = ("--project", str(project))
    error = run("round", "new", "Is width 2 better?", "--scientific", "width=1,2", *at, code=3)["error"]
    assert error["rule"] == "C1-decide-score"
    assert error["waiver"].startswith("playnote waive C1-decide-score")
    run("waive", "C1-decide-score", "--because", "a first look", *at)
    run("round", "new", "Is width 2 better?", "--scientific", "width=1,2", "--trials", "5", *at)


def test_two_big_questions_in_one_round_are_barred(project):
    at = ("--project", str(project))
    error = run("round", "new", "Both?", "--scientific", "width=1,2", "--scientific", "lr=0.1,0.2", *at, code=3)[
        "error"
    ]
    assert error["rule"] == "E1-one-question"


def test_an_answer_changes_its_verdict_and_is_kept(project):
    at = ("--project", str(project))
    assert run("answer", "B-data-cleaned", "yes, by hand", *at)["data"]["status"] == "pass"
    assert run("answer", "E3-boundary", "yes", *at, code=2)["error"]["code"] == "input"
    assert run("answer", "no-such-rule", "yes", *at, code=2)["error"]["code"] == "not-found"


def test_the_first_check_of_a_new_project_reports_no_violation(project):
    found = CliRunner().invoke(app, ["check", "--project", str(project)])
    assert found.exit_code == 0, found.output
    assert len(found.stdout.strip().splitlines()) <= 10


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("verb", [["check"], ["next"], ["rule", "E3-boundary"], ["doctor"], ["doctor", "--settings"]])
def test_every_verb_speaks_both_languages(project, verb, lang):
    arguments = [*verb, "--lang", lang] + ([] if verb[0] == "rule" else ["--project", str(project)])
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    assert found.stdout.strip()


def test_every_operation_has_its_verb():
    import typer.main

    root = typer.main.get_command(app)
    verbs = set()
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        verbs |= {f"{name} {each}" for each in inner} if inner else {name}
    named = {operation.cli.split(" --")[0] for operation in OPERATIONS}
    assert verbs == named | set(FACES)
