"""Under a compute limit: a short round, then few candidates at the final length, and nothing adopted before."""

from __future__ import annotations

import pytest
from test_ways_round import made

from playnote.errors import InputError
from playnote.service import guidance
from playnote.service.rounds import baseline_run, round_close, round_confirm, round_new, round_run, round_show
from playnote.service.session import open_project

QUESTION = "Does dropout help once lr is tuned?"


def train(trial, max_train_steps):
    for step in range(1, max_train_steps + 1):
        trial.log(step, {"dev/error": 0.1 + 0.5 / step + abs(trial.configuration["dropout"] - 0.3) / 20})


@pytest.fixture
def project(tmp_path):
    folder = made(tmp_path / "small")
    file = folder / "playnote.toml"
    file.write_text(file.read_text().replace("max_train_steps = 10", "max_train_steps = 100"))
    session = open_project(folder)
    run(baseline_run(session, train=by_hand))
    guidance.answer(session, "G1-declare-regime", "compute-bound")
    guidance.answer(session, "G1-round1-short", "100")
    return session


def by_hand(trial, max_train_steps):
    train(trial, max_train_steps)


def run(progress):
    for _ in progress:
        pass


def test_a_short_round_then_the_best_of_it_at_the_final_length(project, tmp_path):
    assert "--short" in command(project)
    round_new(project, QUESTION, {"dropout": (0.0, 0.3)}, 4, short=True)
    run(round_run(project, train=by_hand))
    first = project.state().rounds[0]
    assert first.steps == 10
    assert {trial.total_steps for trial in project.state().of_round(1)} == {10}
    assert command(project).startswith("playnote round close"), "nothing is adopted from short runs alone"
    round_close(project, "short round: the best candidates go on to the final length")
    while command(project).startswith("playnote answer"):
        guidance.answer(project, command(project).split()[2], "to be looked up")
    assert command(project) == "playnote round new --confirm"
    planned = round_confirm(project)
    assert planned.steps == 100
    assert 2 <= len(planned.planned) <= 5
    assert dict(planned.planned[0].configuration) == dict(project.project.baseline)
    run(round_run(project, train=by_hand))
    assert {trial.total_steps for trial in project.state().of_round(2)} == {100}
    told = next(v for v in guidance.check(project, everything=True)["verdicts"] if v["rule"] == "G1-round2-confirm")
    assert told["status"] in ("pass", "warn")
    assert round_show(project)["trials_planned"] == len(planned.planned)


def command(session):
    return guidance.next_of(session)["command"]


def test_without_a_short_round_there_is_nothing_to_confirm(project):
    with pytest.raises(InputError, match="No short round"):
        round_confirm(project)
