"""Borrowed variance: laws, the pooled t as a special case, and error rates with a stated chance of failing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playnote.stats.moderated_t import Spread, difference, smyth_moments

runs = st.lists(st.floats(-100, 100), min_size=3, max_size=12).map(np.array)


def _spread(values):
    return Spread(float(np.var(values, ddof=1)), len(values) - 1.0)


@given(runs, runs)
def test_swapping_the_arms_negates_the_difference(a, b):
    there, back = difference(a, b), difference(b, a)
    if there is None or min(np.ptp(a), np.ptp(b)) < 1e-6:
        return
    assert there.law.centre == pytest.approx(-back.law.centre, abs=1e-9)
    assert there.law.above(0.0) == pytest.approx(1 - back.law.above(0.0), abs=1e-9)


@given(runs, runs, st.floats(1e-6, 1e6))
def test_scaling_the_data_scales_the_posterior(a, b, factor):
    plain, scaled = difference(a, b), difference(a * factor, b * factor)
    if plain is None or np.ptp(a) + np.ptp(b) < 1e-3:
        return
    assert scaled.law.half_width(0.9) == pytest.approx(factor * plain.law.half_width(0.9), rel=1e-6)
    assert scaled.law.above(0.0) == pytest.approx(plain.law.above(0.0), abs=1e-6)


def test_at_equal_spreads_it_is_nearly_the_pooled_t():
    a, b = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    pooled = stats.ttest_ind(a, b, alternative="greater").pvalue
    assert 1 - difference(a, b).law.above(0.0) == pytest.approx(pooled, rel=0.05)


def test_history_of_small_noise_narrows_the_interval_and_of_large_noise_widens_it():
    a, b = np.array([1.0, 2.0, 1.5]), np.array([0.5, 0.7, 1.4])
    alone = difference(a, b).law.half_width(0.9)
    quiet = difference(a, b, history=[Spread(0.05, 4.0)] * 6).law.half_width(0.9)
    loud = difference(a, b, history=[Spread(25.0, 4.0)] * 6).law.half_width(0.9)
    assert quiet < alone < loud


def test_history_never_lends_more_freedom_than_it_holds():
    a, b = np.array([1.0, 2.0, 1.5]), np.array([0.5, 0.7, 1.4])
    thin = difference(a, b, history=[Spread(0.2, 1.0)]).law.half_width(0.99)
    thick = difference(a, b, history=[Spread(0.2, 4.0)] * 10).law.half_width(0.99)
    known_variance = stats.norm.ppf(0.995) * np.sqrt(0.2 * 2 / 3)
    assert thin > thick > known_variance * 0.9


def test_identical_runs_without_history_know_no_noise():
    assert difference(np.ones(3), np.ones(3)) is None


def test_pairs_that_move_together_tell_a_small_gain():
    shared = np.array([0.0, 5.0, -4.0, 9.0, 2.0, -7.0])
    wobble = np.array([0.1, -0.1, 0.05, 0.0, -0.05, 0.1])
    apart = difference(shared + 0.5 + wobble, shared)
    together = difference(shared + 0.5 + wobble, shared, paired=True)
    assert together.law.above(0.0) > 0.99 > apart.law.above(0.0)
    assert together.rho > 0.8


def test_smyth_moments_find_the_prior_of_many_configurations():
    rng = np.random.default_rng(5)
    d0, s0 = 12.0, 0.3
    variances = s0**2 * d0 / rng.chisquare(d0, 4000)
    spreads = [Spread(variance * rng.chisquare(4.0) / 4.0, 4.0) for variance in variances]
    found_d0, found_s0 = smyth_moments(spreads)
    assert found_d0 == pytest.approx(d0, rel=0.15)
    assert found_s0 == pytest.approx(s0**2, rel=0.05)


def test_smyth_moments_cap_the_freedom_where_variances_do_not_vary():
    assert smyth_moments([Spread(1.0, 3.0)] * 5)[0] == 15.0


@pytest.mark.parametrize(("n", "history"), [(3, 0), (2, 6), (5, 0)])
def test_false_adoption_stays_near_five_percent(n, history):
    """600 nulls at a true rate of 5 % exceed 51 with probability below 1e-4."""
    rng = np.random.default_rng(n + history)
    hits = 0
    for _ in range(600):
        lent = [_spread(rng.normal(0, np.sqrt(12 / rng.chisquare(12)), 3)) for _ in range(history)]
        a, b = rng.normal(size=(2, n))
        hits += difference(a, b, history=lent).law.above(0.0) > 0.95
    assert hits <= 51
