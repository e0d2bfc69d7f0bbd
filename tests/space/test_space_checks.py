"""What can be wrong with a space, and that what is right has no problem."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.space.checks import check_hyperparameter, check_space, space_of
from playnote.space.conditions import ordered
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.membership import check_configuration, contains
from playnote.space.points import configuration_at, value_at
from playnote.space.scales import SCALES, backward, forward
from playnote.space.space import Space

SGD_OR_ADAM = Categorical(name="optimizer", choices=("sgd", "adamw"))


@pytest.mark.parametrize(
    ("hyperparameter", "path"),
    [
        (Float(name="lr", low=1.0, high=1e-4, scale="log"), "lr.low"),
        (Float(name="lr", low=1.0, high=1.0), "lr.low"),
        (Float(name="wd", low=0.0, high=1.0, scale="log"), "wd.low"),
        (Float(name="wd", low=-1.0, high=1.0, scale="log"), "wd.low"),
        (Float(name="beta", low=0.5, high=1.0, scale="log-complement"), "beta.high"),
        (Float(name="x", low=math.nan, high=1.0), "x.low"),
        (Float(name="x", low=0.0, high=math.inf), "x.high"),
        (Float(name="x", low=True, high=2.0), "x.low"),
        (Float(name="x", low="0", high=2.0), "x.low"),  # type: ignore[arg-type]
        (Float(name="x", low=0.0, high=1.0, scale="logarithmic"), "x.scale"),  # type: ignore[arg-type]
        (Float(name="x", low=0.0, high=1.0, off=0.5), "x.off"),
        (Float(name="x", low=0.0, high=1.0, off=1.0), "x.off"),
        (Float(name="x", low=0.0, high=1.0, natural_low=0.1), "x.natural_low"),
        (Float(name="x", low=0.0, high=1.0, natural_high=0.9), "x.natural_high"),
        (Integer(name="n", low=1, high=2.5), "n.high"),  # type: ignore[arg-type]
        (Integer(name="n", low=0, high=8, scale="log"), "n.low"),
        (Integer(name="n", low=1, high=8, scale="log-complement"), "n.scale"),
        (Categorical(name="c", choices=()), "c.choices"),
        (Categorical(name="c", choices=("a", "a")), "c.choices"),
        (Categorical(name="c", choices=("a", 1)), "c.choices"),
        (Categorical(name="c", choices=(True, 1)), "c.choices"),
        (Categorical(name="c", choices=(1.0, math.nan)), "c.choices"),
        (Categorical(name="a name", choices=("a",)), "a name"),
        (Categorical(name="", choices=("a",)), "?"),
    ],
)
def test_each_fault_is_found_at_its_place(hyperparameter, path):
    problems = check_hyperparameter(hyperparameter)
    assert [each.path for each in problems] == [path]
    for each in problems:
        assert each.found
        assert each.allowed.en
        assert each.allowed.zh
        assert each.fix.en
        assert each.fix.zh


def test_every_fault_of_one_range_is_found_at_once():
    faulty = Float(name="x", low=0.0, high=1.0, scale="log", off=0.5, natural_low=0.2, natural_high=0.5)
    assert {each.path for each in check_hyperparameter(faulty)} == {"x.low", "x.off", "x.natural_low", "x.natural_high"}


def test_an_off_value_stands_beside_a_log_range():
    assert check_hyperparameter(Float(name="wd", low=1e-6, high=1e-2, scale="log", off=0.0)) == ()


def test_numbers_that_are_whole_and_real_mix_in_choices():
    assert check_hyperparameter(Categorical(name="dropout", choices=(0, 0.1, 0.5))) == ()


@pytest.mark.parametrize(
    ("others", "path"),
    [
        ([Float(name="b", low=0.5, high=0.9, when={"optimzer": "adamw"})], "b.when.optimzer"),
        ([Float(name="b", low=0.5, high=0.9, when={"optimizer": "adam"})], "b.when.optimizer"),
        ([Float(name="b", low=0.5, high=0.9, when={"b": 0.7})], "b.when"),
        ([Float(name="lr", low=0.1, high=1.0), Float(name="b", low=0.5, high=0.9, when={"lr": 0.1})], "b.when.lr"),
        ([Integer(name="n", low=1, high=4), Float(name="b", low=0.5, high=0.9, when={"n": 5})], "b.when.n"),
        ([Integer(name="n", low=1, high=4), Float(name="b", low=0.5, high=0.9, when={"n": True})], "b.when.n"),
        (
            [
                Categorical(name="a", choices=(1, 2), when={"c": 1}),
                Categorical(name="c", choices=(1, 2), when={"a": 1}),
            ],
            "a.when",
        ),
        (
            [
                Categorical(name="kind", choices=("x", "y"), when={"optimizer": "sgd"}),
                Float(name="b", low=0.5, high=0.9, when={"kind": "x", "optimizer": "adamw"}),
            ],
            "b.when",
        ),
        ([Float(name="optimizer", low=0.5, high=0.9)], "optimizer"),
    ],
)
def test_conditions_that_cannot_hold_are_found(others, path):
    assert [each.path for each in check_space([SGD_OR_ADAM, *others])] == [path]


def test_two_cycles_are_both_reported():
    pairs = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]
    problems = check_space([Categorical(name=name, choices=(1, 2), when={parent: 1}) for name, parent in pairs])
    assert [each.path for each in problems] == ["a.when", "c.when"]


def test_what_hangs_below_a_cycle_is_no_fault_of_its_own():
    chain = [
        Categorical(name="below", choices=(1, 2), when={"a": 1}),
        Categorical(name="a", choices=(1, 2), when={"b": 1}),
        Categorical(name="b", choices=(1, 2), when={"a": 1}),
    ]
    assert [each.path for each in check_space(chain)] == ["a.when"]


def test_a_space_that_is_wrong_is_refused_with_all_problems():
    with pytest.raises(InputError) as caught:
        space_of([Float(name="a", low=2.0, high=1.0), Categorical(name="c", choices=())])
    assert [each.path for each in caught.value.details] == ["a.low", "c.choices"]


names = st.sampled_from("abcdef")


@given(st.dictionaries(names, st.sets(names, max_size=2), min_size=1))
def test_parents_stand_before_children_exactly_where_there_is_no_cycle(parents):
    hyperparameters = tuple(
        Categorical(name=name, choices=(1, 2), when=dict.fromkeys(sorted(above & set(parents)), 1))
        for name, above in parents.items()
    )
    order = [each.name for each in ordered(hyperparameters)]
    assert sorted(order) == sorted(parents)
    possible = any(
        all(
            permutation.index(parent) < permutation.index(each.name) for each in hyperparameters for parent in each.when
        )
        for permutation in itertools.permutations(parents)
    )
    problems = check_space(hyperparameters)
    assert bool(problems) == (not possible)
    if possible:
        assert all(order.index(parent) < order.index(each.name) for each in hyperparameters for parent in each.when)


@st.composite
def ranges(draw):
    scale = draw(st.sampled_from(SCALES))
    below_one = scale == "log-complement"
    low = draw(st.floats(1e-6 if scale == "log" else -5.0, 0.9 if below_one else 10.0, allow_subnormal=False))
    width = draw(st.floats(1e-3, 0.09 if below_one else 100.0))
    return Float(name="x", low=low, high=low + width, scale=scale)


units = st.floats(0.0, 1.0, exclude_max=True)


@given(ranges(), units)
def test_a_coordinate_gives_a_value_inside_and_comes_back(hyperparameter, unit):
    assert check_hyperparameter(hyperparameter) == ()
    value = hyperparameter.from_unit(unit)
    assert contains(hyperparameter, value)
    # The error of one rounding of the value, as a share of the range on its scale.
    step = forward(hyperparameter.high, hyperparameter.scale) - forward(hyperparameter.low, hyperparameter.scale)
    assert hyperparameter.to_unit(value) == pytest.approx(unit, abs=1e-12 / step + 1e-9)


@given(st.floats(1e-9, 0.999999))
def test_every_scale_is_undone_by_its_inverse_and_grows(value):
    for scale in SCALES:
        assert backward(forward(value, scale), scale) == pytest.approx(value, rel=1e-9)
        assert forward(value, scale) < forward(value + 1e-7, scale)


def test_log_complement_spreads_the_distance_to_one():
    beta = Float(name="beta1", low=0.9, high=0.999, scale="log-complement")
    assert beta.from_unit(0.5) == pytest.approx(0.99)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_whole_numbers_have_cells_that_are_equal_on_the_scale(scale):
    n = Integer(name="n", low=1, high=16, scale=scale)
    grid = [n.from_unit((cell + 0.5) / 100_000) for cell in range(100_000)]
    edges = [forward(k + 0.5, scale) for k in range(17)]
    for k in range(1, 17):
        share = (edges[k] - edges[k - 1]) / (edges[16] - edges[0])
        assert abs(grid.count(k) / 100_000 - share) <= 2e-5
    assert all(n.from_unit(n.to_unit(k)) == k for k in range(1, 17))


@given(units, st.floats(0.01, 0.5))
def test_off_takes_exactly_its_share_of_the_coordinate(unit, share):
    wd = Float(name="wd", low=1e-6, high=1e-2, scale="log", off=0.0)
    value = value_at(wd, unit, share)
    assert (value == 0.0) == (unit < share)
    assert contains(wd, value)


def test_true_is_never_taken_for_one():
    assert not contains(Categorical(name="c", choices=(0, 1)), True)
    assert not contains(Integer(name="n", low=0, high=1), True)
    assert not contains(Categorical(name="c", choices=(True, False)), 1)


def conditional_space() -> Space:
    return space_of(
        [
            Float(name="beta1", low=0.5, high=0.99, scale="log-complement", when={"optimizer": "adamw"}),
            SGD_OR_ADAM,
            Float(name="lr", low=1e-4, high=1.0, scale="log"),
        ]
    )


def test_a_configuration_holds_what_exists_and_nothing_else():
    space = conditional_space()
    assert check_configuration(space, {"optimizer": "sgd", "lr": 0.1}) == ()
    found = check_configuration(space, {"optimizer": "sgd", "lr": 2.0, "beta1": 0.9, "momentum": 0.9})
    assert {each.path for each in found} == {"lr", "beta1", "momentum"}
    assert [each.path for each in check_configuration(space, {"optimizer": "adamw", "lr": 0.1})] == ["beta1"]
    assert check_configuration(space, {"optimizer": "adamw"}, complete=False) == ()


@given(units, units, units)
def test_a_point_becomes_a_configuration_of_the_space(first, second, third):
    space = conditional_space()
    made = configuration_at(space, {"optimizer": first, "lr": second, "beta1": third}, {}, off_share=0.1)
    assert check_configuration(space, made) == ()
