"""Point sequences: even, exact to extend, and always inside the space."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_spaces import spaces

from playnote.errors import InputError
from playnote.search.grid import grid_points
from playnote.search.halton import halton_points, unevenness
from playnote.search.request import Observation, SearchRequest
from playnote.search.searcher import searcher_named, suggest
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.membership import check_configuration


@pytest.mark.parametrize("dimension", range(1, 11))
def test_points_are_more_even_than_19_of_20_random_designs(dimension):
    rng = np.random.default_rng(dimension)
    for count in (8, 9, 12, 16, 23, 32, 64, 100, 256):
        by_chance = sorted(unevenness(rng.random((count, dimension))) for _ in range(200))
        for seed in range(4):
            assert unevenness(halton_points(dimension, count, seed=seed)) < by_chance[9]


@given(st.integers(1, 12), st.integers(0, 40), st.integers(0, 40), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_points_and_then_more_are_the_points_asked_for_at_once(dimension, first, more, seed):
    whole = halton_points(dimension, first + more, seed=seed)
    parts = [
        halton_points(dimension, more, seed=seed, start=first),
        halton_points(dimension, first, seed=seed),
    ]
    assert np.array_equal(whole, np.concatenate(parts[::-1]))
    assert ((whole >= 0) & (whole < 1)).all()


def test_seeds_give_different_sequences():
    firsts = {tuple(halton_points(3, 1, seed=seed)[0]) for seed in range(50)}
    assert len(firsts) == 50


@pytest.mark.parametrize("dimension", range(1, 11))
def test_every_coordinate_is_uniform(dimension):
    # Largest distance to the uniform distribution function; sqrt(log(2 / a) / 2n) bounds it for independent
    # points at false-alarm probability a = 1e-6, and these must be closer than that.
    points = halton_points(dimension, 512, seed=3)
    ranks = (np.arange(512) + 0.5) / 512
    assert np.abs(np.sort(points, axis=0) - ranks[:, None]).max() < np.sqrt(np.log(2 / 1e-6) / (2 * 512))


@given(
    spaces(), st.integers(0, 20), st.integers(0, 20), st.integers(0, 99), st.sampled_from(["quasi-random", "random"])
)
@settings(max_examples=60, deadline=None)
def test_every_suggestion_lies_in_the_space_and_extends(space, first, more, seed, name):
    whole = suggest(space, first + more, searcher=name, seed=seed)
    assert all(check_configuration(space, each) == () for each in whole)
    seen = [(each, None) for each in whole[:first]]
    assert whole[first:] == suggest(space, more, seen, searcher=name, seed=seed)


def test_branches_of_a_conditional_space_take_turns_and_each_is_even():
    space = space_of(
        [
            Categorical(name="optimizer", choices=("sgd", "adamw")),
            Float(name="lr", low=1e-4, high=1.0, scale="log"),
            Float(name="beta1", low=0.5, high=0.99, when={"optimizer": "adamw"}),
        ]
    )
    made = suggest(space, 32)
    assert [each["optimizer"] for each in made] == ["sgd", "adamw"] * 16
    for name in ("sgd", "adamw"):
        rates = np.array([[space["lr"].to_unit(each["lr"])] for each in made if each["optimizer"] == name])
        assert unevenness(rates) < 0.3
    assert all(("beta1" in each) == (each["optimizer"] == "adamw") for each in made)


def test_off_gets_its_share_of_the_points():
    space = {"wd": Float(low=1e-6, high=1e-2, scale="log", off=0.0)}
    made = suggest(space, 512)
    assert sum(each["wd"] == 0.0 for each in made) == pytest.approx(512 / 8, abs=3)


def test_whole_numbers_and_choices_come_equally_often():
    made = suggest({"n": Integer(low=1, high=5), "c": Categorical(choices=("x", "y", "z"))}, 300)
    for name, values in (("n", range(1, 6)), ("c", "xyz")):
        for value in values:
            assert sum(each[name] == value for each in made) == pytest.approx(300 / len(values), abs=8)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 16, 17])
def test_a_grid_has_different_points_in_equal_cells(count):
    for dimension in (1, 2):
        points = grid_points(dimension, count)
        assert len({tuple(point) for point in points}) == count
        assert ((points > 0) & (points < 1)).all()


def test_a_grid_refuses_three_dimensions_and_extension():
    with pytest.raises(InputError):
        grid_points(3, 8)
    with pytest.raises(InputError):
        suggest({"lr": Float(low=0.1, high=1.0)}, 4, [({"lr": 0.2}, None)], searcher="grid")


def test_points_do_not_depend_on_the_order_in_which_they_are_asked_for_or_on_what_runs():
    """Eight workers ask for one point each, in any order, while others run: the same twelve points."""
    space = space_of([Float(name="x", low=0.0, high=1.0), Categorical(name="k", choices=("a", "b"))])
    searcher = searcher_named("quasi-random")
    whole = searcher.suggest(SearchRequest(space=space, seed=5), 12)
    order = np.random.default_rng(0).permutation(12)
    single = {
        at: searcher.suggest(SearchRequest(space=space, seed=5, start_index=int(at), pending=tuple(whole[:8])), 1)[0]
        for at in order
    }
    assert [single[at] for at in range(12)] == whole


def test_exploration_never_looks_at_results():
    space = space_of([Float(name="lr", low=1e-4, high=1.0, scale="log")])
    searcher = searcher_named("quasi-random")
    bad = Observation(configuration={"lr": 0.5}, score=9.0, outcome="nan")
    good = Observation(configuration={"lr": 0.5}, score=0.1)
    requests = [SearchRequest(space=space, observations=(each,), start_index=1) for each in (bad, good)]
    assert searcher.suggest(requests[0], 5) == searcher.suggest(requests[1], 5)


@pytest.mark.parametrize(
    "arguments", [{"count": -1}, {"count": 2.5}, {"seed": -1}, {"seed": "a"}, {"searcher": "quasi"}]
)
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(InputError):
        suggest(**{"space": {"lr": Float(low=0.1, high=1.0)}, "count": 1, **arguments})


@pytest.mark.parametrize("start", [1, 7, 1000])
def test_a_point_is_the_one_that_drawing_all_before_it_leads_to(start):
    whole = halton_points(3, start + 4, seed=11)
    assert (halton_points(3, 4, seed=11, start=start) == whole[start:]).all()
