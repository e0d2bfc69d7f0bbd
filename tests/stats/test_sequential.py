"""Looking often: levels, e-values and the budget over many decisions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playnote.stats.evalue import e_value, t_statistic
from playnote.stats.online_fdr import expected_false_share, needed_level, spending
from playnote.stats.pocock import every_run, look_level


def test_one_look_spends_all_of_alpha():
    assert look_level((8,), 8) == 0.05


def test_a_number_of_runs_without_a_look_needs_the_impossible():
    assert look_level((4, 8), 6) == 0.0
    assert look_level(every_run(10), 2) == 0.0


def test_levels_rise_with_runs_and_fall_with_more_looks():
    levels = [look_level(every_run(12), n) for n in range(3, 13)]
    assert levels == sorted(levels)
    assert look_level(every_run(20), 12) < levels[-1] < 0.05


def test_a_plan_that_is_not_in_the_table_is_close_to_one_that_is():
    assert look_level((3, 4, 5, 6, 7, 8, 9, 10), 10) == look_level(every_run(10), 10)
    assert look_level(every_run(10), 10, 0.0500001) == pytest.approx(look_level(every_run(10), 10), rel=0.1)


@pytest.mark.parametrize("looks", [every_run(10), (4, 8, 16)])
def test_any_look_errs_about_five_percent(looks):
    """8,000 nulls at 5 %: outside 4.0 to 6.0 % with probability below 1e-4."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 8000, max(looks)))
    wrong = np.zeros(8000, dtype=bool)
    for n in [look for look in looks if look >= 3]:
        p = stats.ttest_ind(x[:, :n], y[:, :n], axis=1, alternative="greater").pvalue
        wrong |= p < look_level(looks, n)
    assert 0.040 < wrong.mean() < 0.060


def test_the_e_value_is_fair_without_a_difference():
    """The mean of an e-value is 1 under the null; 40,000 draws, standard error near 0.01."""
    rng = np.random.default_rng(1)
    t = stats.t.rvs(8, size=40_000, random_state=rng)
    values = [e_value(each, 5, 5) for each in t]
    assert np.mean(values) == pytest.approx(1.0, abs=0.05)


def test_looking_at_e_values_after_every_run_errs_rarely():
    """At most 5 % by Ville's inequality; 2 % measured."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(600):
        x, y = rng.normal(size=(2, 15))
        stops = (t > 0 and e_value(t, n, n) >= 10.0 for n in range(2, 16) for t in [t_statistic(x[:n], y[:n])])
        wrong += any(stops)
    assert wrong <= 30


@given(st.floats(0, 50), st.integers(2, 30))
def test_a_larger_t_is_more_evidence(t, n):
    assert e_value(t + 0.1, n, n) >= e_value(t, n, n)


def test_arms_without_spread_that_differ_are_infinitely_apart():
    assert t_statistic(np.ones(3), np.zeros(3)) == np.inf
    assert np.isfinite(e_value(np.inf, 3, 3))


def test_the_budget_of_all_decisions_sums_to_one():
    """The tail beyond m is about m^-0.6 / (0.6 zeta(1.6))."""
    spent = sum(spending(decision) for decision in range(1, 200_001))
    assert 1.0 - spent == pytest.approx(200_000**-0.6 / 0.6 / 2.2857, rel=0.01)


def test_adoptions_earn_budget_for_later_ones():
    assert needed_level(5, 3, 0.1) > needed_level(5, 0, 0.1)


def _adopted(e_values, alpha):
    """e-LOND: a decision adopts where its e-value times its level reaches one."""
    adopted = []
    for decision, e in enumerate(e_values, start=1):
        adopted.append(e * needed_level(decision, sum(adopted), alpha) >= 1.0)
    return adopted


def test_strong_evidence_is_adopted_whenever_it_comes():
    assert _adopted([1e6, 1e6, 0.5], 0.1) == [True, True, False]


def test_of_nulls_few_are_adopted():
    rng = np.random.default_rng(4)
    wrong = sum(any(_adopted(list(rng.pareto(1.0, 50) * 0.5), 0.1)) for _ in range(300))
    assert wrong <= 45


def test_the_expected_false_share_is_the_mean_doubt():
    assert expected_false_share([0.9, 0.7]) == pytest.approx(0.2)
    assert expected_false_share([]) is None
