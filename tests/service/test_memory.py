"""Rank, knowledge, re-scored history and the metric audit, through the service on a project that ran."""

import re

import pytest

from playnote.errors import InputError, NotFoundError
from playnote.service.knowledge import knowledge
from playnote.service.metric_audit import metric_audit, metric_judge
from playnote.service.ranking import ranking
from playnote.service.rescore import rescore
from playnote.service.rounds import baseline_run, round_close, round_new, round_run, round_show
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show what is remembered"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.05
chance = 10.0
[[objective.constraints]]
metric = "latency"
at_most = 2.5

[splits]
dev = { source = "made", logged_as = "dev" }

[workflow]
function = "train:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
decay = { low = 1e-6, high = 1e-2, scale = "log", group = "regularization" }
width = { choices = [1, 2, 3], group = "architecture" }

[baseline]
lr = 0.1
decay = 1e-4
width = 1

[budget]
trials = 400
hours = 1
"""
# The lr matters much, the decay not at all, the width a little; the third width is too slow.
CODE = """
import math, random

def train(trial):
    made = random.Random(trial.seed)
    c = trial.configuration
    error = 1.0 + math.log10(c["lr"] / 0.03) ** 2 + 0.01 * c["width"] + made.gauss(0, 0.01)
    trial.log(1, {"dev/error": error, "dev/other": 2.0 - 0.3 * c["width"] + 0.1 * error, "latency": float(c["width"])})
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory")
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(CODE, encoding="utf-8")
    session = open_project(folder)
    drain(baseline_run(session))
    round_new(session, "Does width help?", {"width": [1, 2, 3]}, 60)
    drain(round_run(session, on="inline"))
    return folder


def drain(steps):
    for _ in steps:
        pass


def test_rank_leaves_out_what_breaks_the_constraint_and_says_ties(project):
    data = ranking(open_project(project))
    assert data["counts"]["rejected"] == 60
    assert all(p["configuration"]["width"] == 3 for p in data["places"] if p["standing"] == "rejected")
    ranked = [p for p in data["places"] if p["standing"] == "ranked"]
    assert [p["score"] for p in ranked] == sorted(p["score"] for p in ranked)
    baseline = next(p for p in ranked if p["configuration"] == {"lr": 0.1, "decay": 1e-4, "width": 1})
    assert baseline["runs"] == 3
    assert data["tie_within"] > 0


def test_knowledge_names_what_decides_and_does_not_name_what_does_nothing(project):
    lessons = knowledge(open_project(project))["lessons"]
    sensitive = {tuple(each["about"]) for each in lessons if each["kind"] == "sensitive"}
    assert ("lr",) in sensitive
    assert ("decay",) not in sensitive


def test_a_closed_round_is_known_to_the_next_one_and_a_dead_end_is_warned_of(project):
    session = open_project(project)
    with pytest.raises(InputError, match="decision is empty"):
        round_close(session, "  ")
    round_close(session, "keep width 1")
    with pytest.raises(InputError, match="closed already"):
        round_close(session, "keep width 2", 1)
    plan = round_new(session, "Does width help after all?", {"width": [1, 2]}, 8, dry=True)
    lessons = knowledge(session)["lessons"]
    gained_nothing = any(each["kind"] == "no-gain" for each in lessons)
    assert any("tried before" in line.en for line in plan.lines()) == gained_nothing
    round_new(session, "Is the lr range right?", {}, 8)
    known = round_show(session)["known"]
    assert any(each["kind"] == "decided" and "keep width 1" in each["text"]["en"] for each in known)


def test_a_changed_objective_is_read_on_old_trials_and_equals_what_was_logged(project, tmp_path):
    session = open_project(project)
    with pytest.raises(InputError, match="no earlier objective"):
        rescore(session, "nothing changed yet")
    text = PROJECT.replace('optimize = "dev/error"', 'optimize = "dev/other"')
    (project / "playnote.toml").write_text(text, encoding="utf-8")
    try:
        changed = open_project(project)
        with pytest.raises(InputError):
            rescore(changed, "  ")
        data = rescore(changed, "People care about the other error")
        state = changed.state()
        for trial in state.trials:
            if trial.outcome == "ok":
                assert state.readings[trial.id].score == trial.summary["dev/other"]
        assert data["rescored"] == sum(trial.outcome == "ok" for trial in state.trials)
        first = data["rounds"][0]
        best = min(
            (t for t in state.trials if t.round == 1 and t.configuration["width"] != 3),
            key=lambda t: t.summary["dev/other"],
        )
        assert first["after"]["best"] == best.id
        assert first["changed"]
    finally:
        (project / "playnote.toml").write_text(PROJECT, encoding="utf-8")


def test_pairs_tell_nothing_of_the_score_and_judgements_are_counted_once_a_pair(project):
    session = open_project(project)
    pairs = metric_audit(session, pairs=20)["pairs"]
    readings = session.state().readings
    first_better = sum(readings[a].score < readings[b].score for a, b in pairs)
    assert 3 <= first_better <= 17  # fair coin, 20 throws: outside with probability .0004
    a, b = pairs[0]
    better = "first" if readings[a].score < readings[b].score else "second"
    metric_judge(session, a, b, better)
    data = metric_judge(session, a, b, better)
    assert data["judged"]["decided"] == data["judged"]["agreed"] == 1
    assert [a, b] not in data["pairs"]
    with pytest.raises(NotFoundError):
        metric_judge(session, a, "t9999", "first")
    with pytest.raises(InputError, match="no preference"):
        metric_judge(session, a, b, "both")


def test_the_terminal_speaks_both_languages(project, capsys):
    from playnote.interfaces.cli.memory_view import show_knowledge, show_metric, show_ranking
    from playnote.interfaces.cli.output import Face

    session = open_project(project)
    for language, words in (("en", "[A-Za-z]{3}"), ("zh", "[\u4e00-\u9fff]")):
        face = Face(False, language)
        show_ranking(ranking(session, top=3), face)
        show_knowledge(knowledge(session), face)
        show_metric(metric_audit(session, pairs=2), face)
        assert len(re.findall(words, capsys.readouterr().out)) > 10
