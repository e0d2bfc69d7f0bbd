"""The test vault: declared, read once, counted; a second look takes a new milestone; agents and training runs never read."""

import pytest

from playnote.errors import BarredError, InputError, NotFoundError, WorkflowError
from playnote.service.rounds import baseline_run
from playnote.service.session import open_project
from playnote.service.split_use import decisions
from playnote.service.vault import Milestone, milestone, milestone_typed, milestones

PROJECT = """
[project]
name = "small"
goal = "Show that the vault holds"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0

[splits]
dev = { source = "made", logged_as = "val" }
test = { source = "made", logged_as = "holdout", ids = "test.txt" }

[workflow]
function = "train:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.01
"""
CODE = """
def train(trial):
    trial.log(1, {{"val/error": 0.3 + trial.configuration["lr"]}})
    {test}
"""
READS = 'if trial.milestone: trial.log(1, {"holdout/error": 0.4, "holdout/loss": 1.5})'


def session_of(folder, test=READS):
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "test.txt").write_text("\n".join(map(str, range(200))), encoding="utf-8")
    (folder / "train.py").write_text(CODE.format(test=test), encoding="utf-8")
    opened = open_project(folder)
    for _ in baseline_run(opened, seeds=2):
        pass
    return opened


def read(session, name, because="numbers for a report", trial="t0001", **more):
    return list(milestone(session, name, because, trial, **more))[-1]


def test_a_milestone_is_declared_read_and_counted(tmp_path):
    session = session_of(tmp_path)
    found = read(session, "paper")
    assert isinstance(found, Milestone)
    assert found.values == {"test/error": 0.4, "test/loss": 1.5}
    assert (found.source, found.looks) == ("t0001", 1)
    state = session.state()
    (event,) = state.events("test-read")
    assert event.data["milestone"] == "paper"
    assert (event.data["metric"], event.data["value"], event.data["n"]) == ("test/error", 0.4, 200)
    (declared,) = state.events("milestone")
    assert declared.data["because"] == "numbers for a report"
    assert declared.number < event.number
    reader = next(each for each in state.trials if each.id == event.data["trial"])
    source = next(each for each in state.trials if each.id == "t0001")
    assert (reader.purpose, reader.seed, reader.configuration) == ("probe", source.seed, source.configuration)


def test_a_milestone_that_was_read_is_used_up(tmp_path):
    session = session_of(tmp_path)
    read(session, "paper")
    with pytest.raises(InputError) as refused:
        read(session, "paper", "one more look")
    assert "new milestone" in refused.value.fix.en
    read(session, "rebuttal", "a reviewer asked")
    assert [each["name"] for each in milestones(session)["milestones"]] == ["paper", "rebuttal"]


@pytest.mark.parametrize(("name", "because"), [("", "why"), ("paper", "  "), ("a/b", "why")])
def test_a_milestone_needs_a_name_and_a_reason(tmp_path, name, because):
    session = session_of(tmp_path)
    with pytest.raises(InputError):
        read(session, name, because)
    assert not session.state().events("milestone")


def test_an_agent_is_barred(tmp_path):
    session = session_of(tmp_path)
    with pytest.raises(BarredError):
        read(session, "paper", actor="agent")
    with pytest.raises(BarredError):
        milestone_typed(session, "paper", "because", 0.1, actor="agent")
    assert not session.state().events("test-read", "milestone")


def test_a_training_run_that_logs_test_is_refused_and_seen(tmp_path):
    session = session_of(tmp_path, test='trial.log(1, {"holdout/error": 0.4})')
    state = session.state()
    assert {each.outcome for each in state.trials} == {"failed:code"}
    assert milestones(session)["refused"] == 2
    assert not state.events("test-read")


def test_a_trial_that_did_not_end_well_or_does_not_exist_is_no_source_and_declares_nothing(tmp_path):
    session = session_of(tmp_path)
    with pytest.raises(NotFoundError):
        read(session, "paper", trial="t0099")
    with pytest.raises(NotFoundError):
        read(session, "paper", trial=None)
    assert not session.state().events("milestone")


def test_code_that_reads_nothing_is_told_how_and_the_milestone_is_still_open(tmp_path):
    session = session_of(tmp_path, test="pass")
    with pytest.raises(WorkflowError) as told:
        read(session, "paper")
    assert "test/error" in told.value.fix.en
    (tmp_path / "train.py").write_text(CODE.format(test=READS), encoding="utf-8")
    again = open_project(tmp_path)
    assert read(again, "paper").values["test/error"] == 0.4
    assert len(again.state().events("milestone")) == 1


def test_a_curve_on_test_counts_each_step_as_a_look(tmp_path):
    curve = 'for step in (1, 2, 3):\n        trial.milestone and trial.log(step, {"holdout/error": 0.5 - step / 10})'
    found = read(session_of(tmp_path, curve), "paper")
    assert found.looks == 3


def test_a_reading_that_nobody_counted_is_counted_at_the_next_look(tmp_path):
    session = session_of(tmp_path)
    read(session, "paper")
    journal = session.home / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert '"test-read"' in lines[-1]
    journal.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")  # the runner died before it wrote
    assert milestones(session)["uncounted"]
    with pytest.raises(InputError):
        read(session, "paper")
    assert len(session.state().events("test-read")) == 1


def test_a_value_read_elsewhere_is_counted_too(tmp_path):
    session = session_of(tmp_path)
    found = milestone_typed(session, "contest", "the server's number", 0.42, trial="1")
    assert found.values == {"test/error": 0.42}
    event = session.state().events("test-read")[0].data
    assert (event["by"], event["source"], event["n"]) == ("typed", "t0001", 200)


def test_only_looks_that_something_was_decided_after_count_as_choices(tmp_path):
    session = session_of(tmp_path)
    for at in range(3):
        milestone_typed(session, f"m{at}", "because", 0.4)
    assert decisions(session.state()) == 0
    assert milestones(session)["overuse"]["label"] == "no"
    with session.writing() as ledger:
        ledger.append("decision", {"about": "model", "choice": "second"})
    milestone_typed(session, "m3", "because", 0.4)
    assert decisions(session.state()) == 1


@pytest.mark.parametrize("given", [{"value": float("nan")}, {"value": float("inf")}, {"value": 0.4, "n": 0}])
def test_a_reading_that_says_nothing_spends_no_milestone(tmp_path, given):
    session = session_of(tmp_path)
    with pytest.raises(InputError):
        milestone_typed(session, "contest", "the server's number", **given)
    assert not session.state().events("milestone", "test-read")
