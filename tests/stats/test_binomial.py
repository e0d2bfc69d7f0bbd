"""Shares against scipy and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playnote.stats.binomial import (
    difference_above,
    equal_shares_odds,
    jeffreys_interval,
    share_above,
    wilson_interval,
)

counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.floats(0.5, 0.99))
def test_intervals_hold_the_share_and_stay_in_the_unit_range(count, level):
    k, n = count
    for low, high in (jeffreys_interval(k, n, level), wilson_interval(k, n, level)):
        assert 0 <= low <= k / n + 1e-12
        assert k / n - 1e-12 <= high <= 1


def test_thirty_of_a_hundred_is_22_to_40_percent():
    low, high = wilson_interval(30, 100, 0.95)
    assert (round(low, 2), round(high, 2)) == (0.22, 0.40)


def test_no_examples_tell_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(counts, st.floats(-0.1, 1.1))
def test_share_above_is_the_beta_tail(count, bound):
    k, n = count
    assert share_above(k, n, bound) == pytest.approx(stats.beta.sf(bound, k + 0.5, n - k + 0.5), abs=1e-9)


@given(counts, counts)
def test_a_difference_and_its_reverse_sum_to_one(first, second):
    assert difference_above(first, second) + difference_above(second, first) == pytest.approx(1.0, abs=0.01)


def test_difference_above_agrees_with_draws():
    """200,000 draws: a standard error of 0.001."""
    rng = np.random.default_rng(0)
    draws = rng.beta(2.5, 8.5, 200_000), rng.beta(5.5, 5.5, 200_000)
    assert difference_above((2, 10), (5, 10), 0.1) == pytest.approx(np.mean(draws[1] - draws[0] > 0.1), abs=0.006)


def test_equal_counts_favour_one_share_and_opposite_counts_two():
    assert equal_shares_odds((5, 10), (5, 10)) > 2
    assert equal_shares_odds((0, 10), (10, 10)) < 0.01
