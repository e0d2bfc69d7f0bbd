"""The numbers under adoption against oracles, independent implementations and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.stats.binomial import difference_above, jeffreys_interval, wilson_interval
from playnote.stats.crossed import sampling_variance
from playnote.stats.evalue import e_value, t_statistic
from playnote.stats.moderated_t import Spread, difference, smyth_moments
from playnote.stats.online_fdr import needed_level, spending
from playnote.stats.pocock import every_run, level_to_plan, look_level
from playnote.stats.power import chance_to_adopt, runs_needed
from playnote.stats.residual_variance import residual_spread
from playnote.stats.spike_slab import GainPrior, gain_shares
from playnote.stats.t_mixture import TMixture

ONE = TMixture(0.7, np.array([0.5]), np.array([6.0]), np.array([1.0]))


def test_a_mixture_of_one_is_student_t() -> None:
    from scipy.stats import t

    law = t(6, loc=0.7, scale=0.5)
    assert ONE.above(1.1) == pytest.approx(law.sf(1.1))
    assert ONE.interval(0.9) == pytest.approx(law.interval(0.9))
    assert ONE.density(np.array([0.0, 1.0])) == pytest.approx(law.pdf([0.0, 1.0]))
    assert ONE.widened(0.3).half_width(0.9) > ONE.half_width(0.9)


def test_smyth_moments_find_what_was_planted() -> None:
    """4,000 groups, d0 = 12: the estimate's spread is about 0.6, the bounds lie six of them away."""
    rng = np.random.default_rng(0)
    sigma2 = 2.0 * 12 / rng.chisquare(12, 4000)
    spreads = [Spread(float(v * rng.chisquare(4) / 4), 4.0) for v in sigma2]
    d0, s0 = smyth_moments(spreads)
    assert 9.0 < d0 < 16.0
    assert s0 == pytest.approx(2.0, rel=0.05)
    same = [Spread(1.0, 3.0)] * 5
    assert smyth_moments(same)[0] == 15.0


def test_without_history_the_p_lies_near_student_and_welch() -> None:
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(3)
    for n in (3, 5, 10):
        for _ in range(20):
            a, b = rng.normal(1, 1, n), rng.normal(0, 1, n)
            found = difference(a, b)
            assert found is not None
            p = 1 - found.law.above(0.0)
            pooled = ttest_ind(a, b, alternative="greater").pvalue
            welch = ttest_ind(a, b, equal_var=False, alternative="greater").pvalue
            assert min(pooled, welch) / 1.6 <= p <= max(pooled, welch) * 1.6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-20, 20).map(float), min_size=3, max_size=6), st.floats(0.01, 100.0))
def test_the_difference_scales_with_the_data_and_swaps_its_sign(values: list[float], factor: float) -> None:
    a, b = np.array(values), np.array(values[::-1]) ** 2 / 5.0
    history = [Spread(2.0, 4.0), Spread(3.0, 2.0), Spread(1.5, 3.0)]
    one, other = difference(a, b, history=history), difference(b, a, history=history)
    scaled = difference(factor * a, factor * b, history=[Spread(s.variance * factor**2, s.df) for s in history])
    assert one is not None
    assert other is not None
    assert scaled is not None
    assert one.law.above(0.0) == pytest.approx(1 - other.law.above(0.0), abs=1e-9)
    assert scaled.law.half_width(0.9) == pytest.approx(factor * one.law.half_width(0.9), rel=1e-6)


def test_chances_agree_with_a_fine_sum() -> None:
    prior = GainPrior(0.4, 0.1, 1.5)
    found = gain_shares(ONE, 1.0, prior, margin=0.2, effect=0.5)
    at = (np.arange(400_000) + 0.5) / 1000.0
    size = sum(
        share * np.sqrt(2 / np.pi) / (1.5 * wide) * np.exp(-0.5 * (at / (1.5 * wide)) ** 2)
        for share, wide in ((0.9, 1.0), (0.07, 5.0), (0.03, 50.0))
    )
    up, down = 0.5 * size * ONE.density(at) / 1000, 0.1 * size * ONE.density(-at) / 1000
    none = 0.4 * float(ONE.density(np.zeros(1))[0])
    total = up.sum() + down.sum() + none
    assert found.better == pytest.approx(up.sum() / total, abs=2e-3)
    assert found.none == pytest.approx(none / total, abs=2e-3)
    assert found.above_margin == pytest.approx(up[at > 0.2].sum() / total, abs=2e-3)
    assert found.above_effect == pytest.approx(up[at > 0.5].sum() / total, abs=2e-3)


def test_a_larger_gain_is_never_less_likely_and_a_huge_loss_is_a_loss() -> None:
    prior = GainPrior(0.4, 0.1, 1.5)
    laws = [TMixture(g, np.array([0.5]), np.array([6.0]), np.array([1.0])) for g in np.linspace(-3, 3, 25)]
    better = [gain_shares(law, 1.0, prior).better for law in laws]
    assert np.all(np.diff(better) >= -1e-9)
    far = TMixture(-40.0, np.array([0.5]), np.array([4.0]), np.array([1.0]))
    assert gain_shares(far, 1.0, prior).worse > 0.95


def test_e_values_looked_at_after_every_run_stay_within_alpha() -> None:
    """500 null paths of 20 looks; a true 5 % gives more than 47 with probability below 1e-4 (Binomial)."""
    rng = np.random.default_rng(4)
    passed = 0
    for a, b in zip(rng.normal(size=(500, 20)), rng.normal(size=(500, 20)), strict=True):
        looks = ((n, t_statistic(a[:n], b[:n])) for n in range(3, 21))
        passed += any(t > 0 and e_value(t, n, n) >= 10.0 for n, t in looks)
    assert passed <= 47


def test_look_levels_keep_alpha_and_fall_with_the_plan() -> None:
    """20,000 fresh null paths: the any-look rate of the table's levels has a standard error of 0.0015."""
    from scipy.special import stdtr

    rng = np.random.default_rng(9)
    a, b = rng.normal(size=(2, 20_000, 12))
    passed = np.zeros(20_000, dtype=bool)
    for n in range(3, 13):
        within = a[:, :n].var(axis=1) + b[:, :n].var(axis=1)
        t = (a[:, :n].mean(axis=1) - b[:, :n].mean(axis=1)) / np.sqrt(within / (n - 1))
        passed |= stdtr(2 * n - 2, -t) <= look_level(every_run(12), n)
    assert abs(float(passed.mean()) - 0.05) < 5 * 0.0015 + 0.001
    assert look_level((7,), 7) == 0.05
    assert look_level((4, 8), 5) == 0.0
    last = [look_level(every_run(most), most) for most in (4, 8, 16, 32)]
    assert last == sorted(last, reverse=True)
    assert level_to_plan(80) < level_to_plan(40) < level_to_plan(5) < level_to_plan(3) == 0.05


def test_prices_agree_with_the_known_power_of_the_t_test() -> None:
    """Runs an arm for 80 % at one-sided 5 %: 51, 14, 7 and 4 at 0.5, 1, 1.5 and 2 SDs; one more or less by approximation."""
    for effect, runs in ((0.5, 51), (1.0, 14), (1.5, 7), (2.0, 4)):
        needed = runs_needed(effect, 1.0, 0.05, 0.8)
        assert needed is not None
        assert abs(needed - runs) <= 1
    assert runs_needed(0.0, 1.0, 0.05, 0.8) is None
    assert chance_to_adopt(2.0, 1.0, 0.05, 10) > chance_to_adopt(1.0, 1.0, 0.05, 10)


def test_shares_of_counts_agree_with_their_definitions() -> None:
    from scipy.stats import beta

    rng = np.random.default_rng(0)
    a, b = rng.beta(3.5, 8.5, 400_000), rng.beta(6.5, 5.5, 400_000)
    assert difference_above((3, 11), (6, 11), 0.1) == pytest.approx(float(np.mean(b - a > 0.1)), abs=0.004)
    assert difference_above((4, 9), (4, 9)) == pytest.approx(0.5, abs=1e-3)
    assert jeffreys_interval(3, 11, 0.9) == pytest.approx(beta(3.5, 8.5).interval(0.9))
    assert jeffreys_interval(0, 5)[0] == 0.0
    low, high = wilson_interval(3, 11)
    assert low < 3 / 11 < high


def test_what_the_examples_add_is_their_variance_without_the_seeds_part() -> None:
    """2,000 draws of both examples and seeds: the mean of the estimate lies within five standard errors of the truth."""
    rng = np.random.default_rng(2)
    estimates = []
    for _ in range(400):
        lean = rng.normal(0, 1, 100)
        first = lean + rng.normal(0, 2, (4, 100))
        second = -lean + rng.normal(0, 2, (4, 100))
        estimates.append(sampling_variance(first, second))
    error = np.std(estimates) / 20
    assert abs(np.mean(estimates) - 4.0 / 100) < 5 * error


def test_the_residual_of_a_search_is_its_noise() -> None:
    """60 trials on a quadratic in two dimensions, noise SD 0.5: averaged over 50 searches within 10 % of it."""
    rng, found = np.random.default_rng(5), []
    for _ in range(50):
        unit = rng.random((60, 2))
        spread = residual_spread(unit, 4 * np.sum((unit - 0.4) ** 2, axis=1) + rng.normal(0, 0.5, 60))
        assert spread is not None
        found.append(spread.variance)
    assert np.mean(found) == pytest.approx(0.25, rel=0.1)
    assert residual_spread(rng.random((5, 3)), rng.random(5)) is None


def test_the_error_budget_of_many_decisions_is_never_overspent() -> None:
    assert sum(spending(k) for k in range(1, 20_000)) < 1.0
    assert needed_level(1, 0, 0.05) > needed_level(2, 0, 0.05)
    assert needed_level(5, 2, 0.05) == pytest.approx(3 * needed_level(5, 0, 0.05))
