"""The spike-and-slab probabilities, the power of more runs, the noise of a search, and of a dev sample."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.stats.crossed import sampling_variance
from playnote.stats.power import chance_to_adopt, runs_needed
from playnote.stats.residual_variance import residual_spread
from playnote.stats.spike_slab import GainPrior, gain_shares
from playnote.stats.t_mixture import TMixture

PRIOR = GainPrior(none=0.4, worse=0.1, slab=1.5)


def _law(centre, scale=0.5, df=8.0):
    return TMixture(centre, np.array([scale]), np.array([df]), np.array([1.0]))


@given(st.floats(-20, 20), st.floats(0.01, 10), st.floats(1, 100))
def test_shares_sum_to_one(centre, scale, df):
    found = gain_shares(_law(centre, scale, df), 1.0, PRIOR)
    assert found.better + found.none + found.worse == pytest.approx(1.0)
    assert found.above_margin == pytest.approx(found.better, abs=1e-9)


@given(st.floats(-5, 5), st.floats(0, 3))
def test_a_larger_gain_is_likelier_to_be_real(centre, more):
    lower, higher = (gain_shares(_law(c), 1.0, PRIOR).better for c in (centre, centre + more))
    assert higher >= lower - 1e-9


@given(st.floats(-5, 5), st.floats(0, 2))
def test_exceeding_a_margin_is_never_likelier_than_being_better(centre, margin):
    found = gain_shares(_law(centre), 1.0, PRIOR, margin)
    assert found.above_margin <= found.better + 1e-9


def test_probabilities_are_right_in_worlds_that_follow_the_prior():
    """4,000 made-up changes; in the cell around 0.7 about 300, so the share is within 0.09 with probability 0.999."""
    rng = np.random.default_rng(0)
    stated, true = [], []
    for _ in range(4000):
        u = rng.random()
        gain = 0.0 if u < 0.4 else (-1 if u < 0.5 else 1) * abs(rng.normal()) * 1.5
        seen = gain + rng.standard_t(8.0) * 0.5
        stated.append(gain_shares(_law(seen), 1.0, PRIOR).better)
        true.append(gain > 0)
    stated, true = np.array(stated), np.array(true)
    for low, high in ((0.2, 0.4), (0.6, 0.8), (0.9, 1.0)):
        cell = (stated >= low) & (stated < high)
        assert true[cell].mean() == pytest.approx(stated[cell].mean(), abs=0.09)


@given(st.floats(0.1, 3), st.integers(2, 20), st.integers(1, 20))
def test_a_larger_true_gain_is_adopted_more_often(gain, runs, more):
    smaller, larger = (chance_to_adopt(g, 1.0, 0.05, more, now=0.2, runs=runs) for g in (gain, gain * 1.5))
    assert larger >= smaller - 1e-12


def test_seeds_for_eighty_percent_power_are_the_textbook_ones():
    found = [runs_needed(effect, 1.0, 0.05, 0.8) for effect in (0.5, 0.75, 1.0, 1.5, 2.0)]
    assert np.abs(np.array(found) - [51, 23, 14, 7, 4]).max() <= 1


def test_no_gain_needs_no_number_of_runs():
    assert runs_needed(0.0, 1.0, 0.05, 0.8) is None
    assert runs_needed(1e-6, 1.0, 0.05, 0.8) is None


def test_a_search_on_a_smooth_surface_shows_its_noise():
    """40 trials, 0.3 true SD: chi-square with over 20 degrees of freedom stays within a factor of 1.7."""
    rng = np.random.default_rng(1)
    unit = rng.random((40, 2))
    errors = 3 * (unit[:, 0] - 0.4) ** 2 + 2 * (unit[:, 1] - 0.6) ** 2 + rng.normal(0, 0.3, 40)
    found = residual_spread(unit, errors)
    assert 0.3 / 1.7 < math.sqrt(found.variance) < 0.3 * 1.7


def test_a_rough_surface_errs_towards_more_noise():
    rng = np.random.default_rng(2)
    unit = rng.random((40, 2))
    errors = np.sin(9 * unit[:, 0]) + rng.normal(0, 0.05, 40)
    assert residual_spread(unit, errors).variance > 0.05**2


def test_too_few_trials_show_no_noise():
    assert residual_spread(np.random.default_rng(0).random((5, 2)), np.arange(5.0)) is None


def test_dev_sampling_variance_is_that_of_new_dev_sets():
    """300 studies of 400 examples: the mean estimate against the variance over studies, both within 20 %."""
    rng = np.random.default_rng(3)
    gaps, estimates = [], []
    for _ in range(300):
        skill = rng.normal(1.0, 1.0, 400) + np.array([[0.0], [0.0]])
        lean = rng.normal(0, 0.8, 400)
        p = 1 / (1 + np.exp(-(skill + np.array([[1.0], [-1.0]]) * lean)))
        first, second = (rng.random((4, 400)) < row for row in p)
        gaps.append(first.mean() - second.mean())
        estimates.append(sampling_variance(first.astype(float), second.astype(float)))
    seeds = np.mean([0.25 * 0.6 / 400 / 4 * 2])
    assert np.mean(estimates) == pytest.approx(np.var(gaps) - seeds, rel=0.25)


def test_equal_models_on_equal_examples_have_no_dev_sampling():
    hits = np.tile([1.0, 0.0, 1.0, 1.0], (3, 1))
    assert sampling_variance(hits, hits) == 0.0
