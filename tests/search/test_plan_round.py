"""Planning a round: roles, paired points, budgets, extension and widening."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_spaces import project, spaces, training_project, training_space

from playnote.errors import InputError
from playnote.records.project import Budget
from playnote.search.budget import optimizer_setting, settings_to_search
from playnote.search.extend import extend
from playnote.search.plan import plan_round
from playnote.search.price import price
from playnote.search.spending import Spending
from playnote.search.widen import proposed_bound, widen
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.membership import check_configuration, contains, inside

DROPOUT = {"dropout": [0.0, 0.2, 0.4]}


def paths(caught: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {each.path for each in caught.value.details}


def middle(hyperparameter):
    return hyperparameter.from_unit(0.4)


@st.composite
def rounds(draw):
    """A project and a request for a round in it: any split of the hyperparameters into the three roles."""
    space = draw(spaces())
    roles = {name: draw(st.sampled_from(["scientific", "nuisance", "fixed"])) for name in space.names}
    scientific = {
        each.name: values
        for each in space
        if roles[each.name] == "scientific"
        and len(values := list(dict.fromkeys(each.from_unit(unit) for unit in (0.1, 0.6)))) > 1
    }
    nuisance = [name for name, role in roles.items() if role == "nuisance"]
    baseline = {}
    for each in space:
        if space.active(each, baseline):
            baseline[each.name] = middle(each)
    return project(space, baseline), scientific, nuisance, draw(st.integers(1, 9))


def planned(request, **rest):
    made, scientific, nuisance, count = request
    fixed = {
        each.name: middle(each) for each in made.space if each.name not in scientific and each.name not in nuisance
    }
    try:
        return plan_round(made, "?", scientific, count, nuisance=nuisance, fixed=fixed, **rest)
    except InputError as error:
        # The only fault left: a varied hyperparameter whose condition never holds in this round.
        if all(each.path.startswith(("scientific.", "nuisance.")) for each in error.details):
            return None
        raise


@given(rounds(), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_every_planned_configuration_is_a_complete_point_of_the_space(request_, seed):
    made = planned(request_, seed=seed)
    if made is None:
        return
    space = request_[0].space
    for trial in made.planned:
        assert check_configuration(space, trial.configuration) == ()
        fixed = {name: value for name, value in made.fixed.items() if name in trial.configuration}
        assert fixed.items() <= trial.configuration.items()
    assert len({trial.id for trial in made.planned}) == len(made.planned)


@given(rounds())
@settings(max_examples=100, deadline=None)
def test_every_hyperparameter_has_exactly_one_role(request_):
    made = planned(request_)
    if made is None:
        return
    names = request_[0].space.names
    assert tuple(made.roles) == names
    by_role = [set(made.scientific), set(made.space.names), set(names) - set(made.scientific) - set(made.space.names)]
    for role, members in zip(("scientific", "nuisance", "fixed"), by_role, strict=True):
        assert {name for name, given_ in made.roles.items() if given_ == role} == members


@given(rounds())
@settings(max_examples=100, deadline=None)
def test_points_are_the_same_for_all_scientific_values(request_):
    made = planned(request_)
    if made is None:
        return
    shared = {each.name for each in made.space if not each.when or all(parent in made.fixed for parent in each.when)}
    switches = [
        each
        for each in made.space
        if isinstance(each, Categorical) and any(each.name in c.when for c in request_[0].space)
    ]
    for first, second in product(made.studies, made.studies):
        for one, other in zip(first.planned, second.planned, strict=True):
            assert (one.index, one.seed) == (other.index, other.seed)
            if not switches:
                assert {n: one.configuration.get(n) for n in shared} == {n: other.configuration.get(n) for n in shared}


@given(rounds(), st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_planning_and_then_extending_is_planning_at_once(request_, more):
    first = planned(request_)
    whole = planned((*request_[:3], request_[3] + more))
    if first is None or whole is None:
        assert first is whole
        return
    assert extend(first, request_[0], more, first_trial=len(first.planned) + 1) == whole


@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 60), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_a_plan_never_costs_more_than_the_budget_holds(budget, spent, asked, values):
    made = training_project(budget=Budget(trials=budget, hours=10.0))
    spending = Spending(trials=spent, hours=2.0, seconds_per_trial=300.0)
    levels = {"dropout": [0.1 * number for number in range(values)]}
    left = min(budget - spent, 8 * 12)
    for trials in (asked, None):
        try:
            round_ = plan_round(made, "?", levels, trials, nuisance=["lr"], spending=spending)
        except InputError:
            assert (trials or 1) * values > left
            continue
        assert len(round_.planned) <= left
        plan = price(round_, made, seconds_per_trial=300.0)
        assert plan.trials == len(round_.planned)
        assert plan.hours is not None
        assert plan.hours <= 8.0


def test_trials_run_point_by_point_so_that_a_round_cut_short_is_still_paired():
    made = plan_round(training_project(), "?", DROPOUT, 4, nuisance=["lr"], first_trial=31)
    assert [trial.id for trial in made.planned] == [f"t{number:04d}" for number in range(31, 43)]
    assert [trial.index for trial in made.planned] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert [study.name for study in made.studies] == ["r1/dropout=0.0", "r1/dropout=0.2", "r1/dropout=0.4"]


def test_a_scientific_switch_gives_each_study_its_own_hyperparameters_and_the_same_shared_points():
    made = plan_round(training_project(), "?", {"optimizer": ["sgd", "adamw"]}, 8, nuisance=["lr", "momentum", "beta1"])
    sgd, adamw = made.studies
    for one, other in zip(sgd.planned, adamw.planned, strict=True):
        assert one.configuration["lr"] == other.configuration["lr"]
        assert ("momentum" in one.configuration, "beta1" in one.configuration) == (True, False)
        assert ("momentum" in other.configuration, "beta1" in other.configuration) == (False, True)


def test_a_value_that_does_not_exist_beside_another_makes_no_study_twice():
    made = plan_round(
        training_project(),
        "?",
        {"optimizer": ["sgd", "adamw"], "beta1": [0.8, 0.9]},
        2,
        nuisance=["lr"],
    )
    assert [study.name for study in made.studies] == [
        "r1/optimizer=sgd",
        "r1/optimizer=adamw,beta1=0.8",
        "r1/optimizer=adamw,beta1=0.9",
    ]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"scientific": {"dropot": [0.0, 0.1]}}, {"scientific.dropot"}),
        ({"scientific": {"dropout": [0.0]}}, {"scientific.dropout"}),
        ({"scientific": {"dropout": [0.1, 0.1]}}, {"scientific.dropout"}),
        ({"scientific": {"dropout": [0.0, 0.9]}}, {"scientific.dropout"}),
        ({"scientific": {"optimizer": ["sgd", "adam"]}}, {"scientific.optimizer"}),
        ({"scientific": DROPOUT, "nuisance": ["learning_rate"]}, {"nuisance.learning_rate"}),
        ({"scientific": DROPOUT, "nuisance": ["lr", "dropout"]}, {"dropout"}),
        ({"scientific": DROPOUT, "nuisance": ["lr"], "fixed": {"lr": 0.1}}, {"lr"}),
        ({"scientific": DROPOUT, "fixed": {"lr": 5.0}}, {"fixed.lr"}),
        ({"scientific": {"beta1": [0.8, 0.9]}}, {"scientific.beta1"}),
        ({"scientific": DROPOUT, "nuisance": ["beta1"]}, {"nuisance.beta1"}),
        ({"scientific": {"optimizer": ["sgd", "adamw"]}, "nuisance": ["lr"]}, {"fixed.beta1"}),
        ({"scientific": DROPOUT, "trials_per_value": 0}, {"trials_per_value"}),
        ({"scientific": DROPOUT, "trials_per_value": 67}, {"trials_per_value"}),
        (
            {"scientific": {"dropot": [0.0, 0.1]}, "nuisance": ["lr", "lrr"], "fixed": {"layers": 9}},
            {"scientific.dropot", "nuisance.lrr", "fixed.layers"},
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_all_its_problems(request_, expected):
    with pytest.raises(InputError) as caught:
        plan_round(training_project(), "?", **request_)
    assert paths(caught) == expected


@pytest.mark.parametrize(
    ("trials", "expected"),
    [(4, ("lr",)), (9, ("lr",)), (10, ("lr", "momentum")), (16, ("lr", "weight_decay", "momentum")), (66, None)],
)
def test_the_usual_nuisance_hyperparameters_follow_the_budget(trials, expected):
    made = plan_round(training_project(), "?", DROPOUT, trials)
    if expected is None:
        expected = ("lr", "weight_decay", "momentum")
    assert set(made.space.names) == set(expected)
    assert made.roles["layers"] == "fixed"
    assert made.roles["optimizer"] == "fixed"


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        (1, ("lr",)),
        (9, ("lr",)),
        (10, ("lr", "beta1")),
        (24, ("lr", "beta1")),
        (25, ("lr", "beta1", "epsilon")),
        (49, ("lr", "beta1", "epsilon")),
        (50, ("lr", "beta1", "epsilon", "beta2")),
        (1000, ("lr", "beta1", "epsilon", "beta2")),
    ],
)
def test_adam_is_tuned_in_the_playbooks_order(trials, expected):
    assert settings_to_search(trials, "adam") == expected


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("lr", "lr"),
        ("learning_rate", "lr"),
        ("adam.beta_1", "beta1"),
        ("adam_b2", "beta2"),
        ("eps", "epsilon"),
        ("momentum", "momentum"),
        ("wd", "weight_decay"),
        ("dropout", None),
        ("lr_decay", None),
    ],
)
def test_optimizer_settings_are_known_by_their_usual_names(name, setting):
    assert optimizer_setting(name) == setting


def test_widening_keeps_every_trial_and_runs_only_the_new_part():
    made = training_project()
    first = plan_round(made, "?", DROPOUT, 16, nuisance=["lr", "weight_decay"])
    wider = widen(first, made, "lr", high=10.0, first_trial=49)
    assert all(each in wider.planned for each in first.planned)
    new = [trial for trial in wider.planned if trial not in first.planned]
    assert len(new) == 3 * 4  # one decade beside four, as dense as before
    assert all(1.0 <= trial.configuration["lr"] <= 10.0 for trial in new)
    assert [trial.id for trial in new] == [f"t{number:04d}" for number in range(49, 61)]
    assert wider.space_version == 2
    lr = wider.space["lr"]
    assert all(contains(lr, trial.configuration["lr"]) for trial in wider.planned)
    more = extend(wider, made, 8, first_trial=61)
    later = [trial.configuration["lr"] for trial in more.planned if trial not in wider.planned]
    assert min(later) < 1.0 < max(later)


@given(rounds(), st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_widened_every_planned_trial_stays_and_lies_in_the_wider_space(request_, data):
    plan = planned(request_)
    ranges = [] if plan is None else [each for each in plan.space if not isinstance(each, Categorical)]
    if not ranges:
        return
    each, side = data.draw(st.sampled_from(ranges)), data.draw(st.sampled_from(["low", "high"]))
    bound = proposed_bound(each, side)
    if bound is None:
        return
    made = request_[0]
    wider = widen(plan, made, each.name, first_trial=500, **{side: bound})
    before = {trial.id: trial for trial in plan.planned}
    after = {trial.id: trial for trial in wider.planned}
    assert {name: after[name] for name in before} == before
    assert len(after) == len(wider.planned) >= len(before)
    space = replace(
        made.space,
        hyperparameters=tuple(wider.space[n] if n in wider.space.names else made.space[n] for n in made.space.names),
    )
    assert all(check_configuration(space, trial.configuration) == () for trial in wider.planned)
    for name in set(after) - set(before):
        value = after[name].configuration.get(each.name)
        assert value is None or not contains(each, value) or value == each.off


def test_widening_a_conditional_range_adds_trials_only_where_it_exists():
    made = training_project()
    first = plan_round(made, "?", {"optimizer": ["sgd", "adamw"]}, 8, nuisance=["lr", "beta1"])
    wider = widen(first, made, "beta1", low=0.1, first_trial=17)
    new = [trial for trial in wider.planned if trial not in first.planned]
    assert new
    assert {trial.configuration["optimizer"] for trial in new} == {"adamw"}
    assert all(0.1 <= trial.configuration["beta1"] <= 0.5 for trial in new)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("lr", {"high": 0.5}),
        ("lr", {}),
        ("lr", {"low": 0.0}),
        ("dropout", {"low": -0.1}),
        ("optimizer", {"high": 3.0}),
        ("momentun", {"high": 0.999}),
    ],
)
def test_widening_that_does_not_widen_is_refused(name, bounds):
    made = training_project()
    first = plan_round(made, "?", {"layers": [1, 2]}, 8, nuisance=["lr", "dropout", "optimizer", "beta1", "momentum"])
    with pytest.raises(InputError):
        widen(first, made, name, first_trial=17, **bounds)


def test_a_proposed_bound_is_a_decade_or_half_the_range_and_stops_at_a_natural_bound():
    space = training_space()
    assert proposed_bound(space["lr"], "high") == 10.0
    assert proposed_bound(space["lr"], "low") == 1e-5
    assert proposed_bound(space["dropout"], "high") == 0.9
    assert proposed_bound(space["dropout"], "low") is None
    assert proposed_bound(space["beta1"], "high") == 0.999
    assert proposed_bound(Integer(name="n", low=1, high=64, scale="log"), "low") is None
    assert proposed_bound(Integer(name="n", low=1, high=4), "high") == 6


def test_a_plan_is_the_same_every_time():
    assert plan_round(training_project(), "?", DROPOUT, 8) == plan_round(training_project(), "?", DROPOUT, 8)


def test_what_is_fixed_is_the_caveat_and_comes_from_the_baseline():
    made = plan_round(training_project(), "?", DROPOUT, 8, nuisance=["lr"], fixed={"layers": 3})
    assert made.fixed == {"optimizer": "sgd", "layers": 3, "momentum": 0.9, "weight_decay": 0.0}
    assert price(made, training_project()).caveats == made.fixed


def test_a_single_choice_is_a_constant():
    space = [Categorical(name="batch_size", choices=(128,)), Float(name="lr", low=0.01, high=1.0)]
    made = plan_round(project(space_of(space)), "?", {}, 4, nuisance=["lr"])
    assert all(trial.configuration["batch_size"] == 128 for trial in made.planned)
    assert [study.name for study in made.studies] == ["r1"]


def test_stored_points_win_over_a_sequence_that_has_changed():
    made = training_project()
    first = plan_round(made, "?", DROPOUT, 4, nuisance=["lr"])
    moved = replace(
        first,
        studies=tuple(
            replace(
                study,
                planned=tuple(
                    replace(trial, configuration={**trial.configuration, "lr": 0.01 + 0.01 * trial.index})
                    for trial in study.planned
                ),
            )
            for study in first.studies
        ),
    )
    further = extend(moved, made, 4, first_trial=13)
    assert all(trial in further.planned for trial in moved.planned)
    assert (further.space_version, further.space_start) == (2, 4)
    again = extend(further, made, 4, first_trial=25)
    assert (again.space_version, again.space_start) == (2, 4)
    rates = [trial.configuration["lr"] for trial in again.studies[0].planned]
    assert len(set(rates)) == 12


def test_trials_inside_changed_bounds_stay_usable():
    made = training_project()
    first = plan_round(made, "?", DROPOUT, 16, nuisance=["lr"])
    narrower = space_of([Float(name="lr", low=1e-2, high=1.0, scale="log")])
    usable = [trial for trial in first.planned if inside(narrower, trial.configuration)]
    assert len(usable) == 3 * 8
    assert all(1e-2 <= trial.configuration["lr"] <= 1.0 for trial in usable)
