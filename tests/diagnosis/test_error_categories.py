"""Error categories: the counts, their intervals, ceilings, and saying "not separated"."""

import numpy as np
import pytest

from playnote.diagnosis.error_categories import answer_error_categories, cohen_kappa, measure_error_categories


def tags(**counts):
    return [[name] for name, count in counts.items() for _ in range(count)]


def test_shares_ceilings_and_order_are_those_of_the_tally():
    facts = measure_error_categories(tags(blur=60, dark=30, odd=10), dev_errors=500, n_dev=10_000)
    assert [category.name for category in facts.categories] == ["blur", "dark", "odd"]
    assert facts.categories[0].share == 0.6
    assert facts.categories[0].ceiling == pytest.approx(0.03, rel=0.01)
    assert sum(category.largest for category in facts.categories) == pytest.approx(1.0)


def test_a_clear_leader_is_named_and_a_close_race_is_not():
    clear = answer_error_categories(measure_error_categories(tags(blur=70, dark=20)))
    close = answer_error_categories(measure_error_categories(tags(blur=52, dark=48)))
    assert (clear.label, clear.category) == ("yes", "blur")
    assert (close.label, close.category) == ("unknown", None)


def test_thirty_examples_are_too_few_unless_there_are_no_more():
    few = tags(blur=25, dark=5)
    assert answer_error_categories(measure_error_categories(few)).label == "unknown"
    assert answer_error_categories(measure_error_categories(few, dev_errors=30, n_dev=1000)).label == "yes"


def test_fixability_turns_the_order():
    facts = measure_error_categories(tags(blur=60, dark=40), fixability={"blur": 0.1, "dark": 0.9})
    assert facts.categories[0].name == "dark"


def test_an_example_may_carry_several_tags():
    facts = measure_error_categories([["a", "b"]] * 50 + [[]] * 10)
    assert [category.count for category in facts.categories] == [50, 50]
    assert facts.untagged == 10


def test_looking_at_every_wrong_example_leaves_no_uncertainty_of_sampling():
    facts = measure_error_categories(tags(a=40, b=30), dev_errors=70, n_dev=1000)
    assert facts.categories[0].interval == pytest.approx((4 / 7, 4 / 7))


def test_the_shared_interval_holds_all_categories_at_once():
    """300 samples of 100; the true joint coverage is at least 90 %, so 45 misses have probability below 0.01."""
    rng = np.random.default_rng(0)
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    missed = 0
    for _ in range(300):
        drawn = rng.choice(list(shares), 100, p=list(shares.values()))
        facts = measure_error_categories([[each] for each in drawn], rng=rng)
        missed += any(not c.interval[0] <= shares[c.name] <= c.interval[1] for c in facts.categories)
    assert missed <= 45


def test_kappa_is_one_for_equal_and_near_zero_for_unrelated_people():
    rng = np.random.default_rng(1)
    first = [frozenset(["a"]) if each else frozenset(["b"]) for each in rng.random(400) < 0.5]
    other = [frozenset(["a"]) if each else frozenset(["b"]) for each in rng.random(400) < 0.5]
    assert cohen_kappa(first, first, ["a", "b"]) == 1.0
    assert abs(cohen_kappa(first, other, ["a", "b"])) < 0.2
    assert cohen_kappa(first[:3], first[:3], ["a"]) is None


def test_no_errors_at_all_is_unknown():
    assert answer_error_categories(measure_error_categories([])).label == "unknown"
