"""A plan from a question stores nothing, and its command opens the very round it showed."""

import shlex

from test_exploit import CODE, PROJECT

from playnote.service.plan_study import command_of, plan_study, study_view
from playnote.service.rounds import round_new
from playnote.service.session import open_project


def opened(folder):
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(CODE, encoding="utf-8")
    return open_project(folder)


def test_the_plan_stores_nothing_and_says_what_it_is(tmp_path):
    session = opened(tmp_path)
    view = study_view(plan_study(session, "Does the width matter?"))
    assert view["roles"] == {"lr": "nuisance", "decay": "nuisance", "width": "scientific"}
    assert view["trials"] == view["studies"] * view["trials_per_value"] == 32
    assert view["smallest_effect"] is None
    assert {"en", "zh"} == set(view["reasons"]["lr"])
    assert not (session.home / "journal.jsonl").exists() or not session.state().rounds


def test_its_command_opens_the_round_it_showed(tmp_path):
    session = opened(tmp_path)
    made = plan_study(session, "Does the width matter?", trials_per_value=8, seed=3)
    words = shlex.split(command_of(made))
    told = {key: [words[at + 1] for at, word in enumerate(words) if word == key] for key in words if key[:2] == "--"}
    assert told["--scientific"] == ["width=1,2"]
    plan = round_new(
        session,
        words[3],
        {"width": [1, 2]},
        int(told["--trials"][0]),
        nuisance=told["--nuisance"],
        seed=int(told["--seed"][0]),
        dry=True,
    )
    assert [t.configuration for t in plan.round.planned] == [t.configuration for t in made.plan.round.planned]
