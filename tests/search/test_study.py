"""From a question to a plan: roles and values by the playbook's rules, and what the plan leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_spaces import project, spaces, training_project

from playnote.errors import InputError
from playnote.records.project import Budget
from playnote.records.state import ProjectState
from playnote.search.spending import Spending
from playnote.search.study import named_in, plan_study, proposed_values
from playnote.space.membership import check_configuration, check_value


def empty_state(made):
    return ProjectState(project=made)


def study(question, made=None, **rest):
    return plan_study(empty_state(made or training_project()), question, **rest)


# Question, trials a value -> roles: what it asks about is scientific, optimizer settings and strengths are nuisance
# as the budget reaches, architecture and choices are fixed, what the fixed choice rules out does not exist.
SCENARIOS = [
    ("Does dropout help?", 16, {"dropout": "scientific", "lr": "nuisance", "momentum": "nuisance"}),
    ("Does dropout help?", 5, {"dropout": "scientific", "lr": "nuisance", "momentum": "fixed"}),
    ("Does weight decay help?", 16, {"weight_decay": "scientific", "lr": "nuisance", "dropout": "nuisance"}),
    ("How many layers?", 16, {"layers": "scientific", "lr": "nuisance", "optimizer": "fixed", "beta1": "fixed"}),
    ("Which optimizer is better?", 16, {"optimizer": "scientific", "momentum": "nuisance", "beta1": "nuisance"}),
    ("Which optimizer is better?", 5, {"momentum": "fixed", "beta1": "nuisance", "layers": "fixed"}),
    ("What does tuning give?", 16, {"lr": "nuisance", "layers": "fixed", "optimizer": "fixed"}),
]


@pytest.mark.parametrize(("question", "trials", "roles"), SCENARIOS)
def test_each_question_gets_the_roles_the_playbook_gives(question, trials, roles):
    made = study(question, trials_per_value=trials)
    assert {name: made.plan.round.roles[name] for name in roles} == roles
    assert set(made.reasons) == set(made.plan.round.roles)


def test_the_reasons_and_limits_of_a_plan_are_said_in_both_languages():
    made = study("Does dropout help?")
    said = "\n".join(line.en for line in made.lines())
    assert "dropout: scientific" in said
    assert "layers: fixed. Architecture or a choice" in said
    assert "beta1: fixed. Does not exist in this round" in said
    assert "another layers, optimizer" in said
    assert "between or beyond" in said
    assert all(line.zh for line in made.lines())
    assert any("compares nothing" in line.en for line in study("What does tuning give?").cannot)


def test_values_hold_the_baseline_and_off_and_shrink_with_the_budget():
    made = training_project()
    wide = proposed_values(made, ["weight_decay"], 5, Spending())
    assert wide["weight_decay"][0] == 0.0
    assert len(wide["weight_decay"]) == 4
    assert 0.0 in proposed_values(made, ["dropout"], 5, Spending())["dropout"]
    tight = replace(made, budget=Budget(trials=12))
    assert len(proposed_values(tight, ["weight_decay"], 5, Spending())["weight_decay"]) == 2
    assert proposed_values(made, ["optimizer"], 5, Spending())["optimizer"] == ["sgd", "adamw"]
    assert proposed_values(made, ["layers"], 5, Spending())["layers"] == [1, 2, 4]


def test_names_are_found_as_words_and_by_their_last_part():
    space = training_project().space
    assert named_in("Does Weight Decay or dropout matter?", space) == ("weight_decay", "dropout")
    assert named_in("Is the learning better?", space) == ()


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(InputError) as caught:
        study("?", about=("dropuot",))
    assert "dropout" in caught.value.details[0].fix.en


def middle(space):
    values = {}
    for each in space:
        if space.active(each, values):
            values[each.name] = each.from_unit(0.4)
    return values


@given(spaces(), st.data(), st.integers(1, 60))
@settings(max_examples=80, deadline=None)
def test_whatever_is_asked_each_has_one_role_the_budget_holds_and_every_point_lies_in_the_space(space, data, trials):
    made = project(space, middle(space), budget=Budget(trials=trials))
    about = tuple(data.draw(st.lists(st.sampled_from(space.names), max_size=2, unique=True)))
    state = empty_state(made)
    try:
        found = plan_study(state, "?", about)
    except InputError:
        return
    current = found.plan.round
    assert set(current.roles) == set(space.names) == set(found.reasons)
    assert set(current.scientific) == {name for name, role in current.roles.items() if role == "scientific"}
    assert len(current.planned) == found.plan.trials <= trials
    assert len({len(each.planned) for each in current.studies}) == 1
    for name, values in current.scientific.items():
        assert all(check_value(space[name], value, name) is None for value in values)
    for trial in current.planned:
        assert check_configuration(space, trial.configuration) == ()
    again = plan_study(state, "?", about).plan.round
    assert [t.configuration for t in again.planned] == [t.configuration for t in current.planned]
