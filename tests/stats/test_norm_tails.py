"""Gradient norms: running medians, tails, and quantiles of correlated readings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playnote.stats.norm_tails import (
    effective_count,
    outlier_probability,
    outlier_strength,
    quantile_interval,
    running_median,
)
from playnote.stats.plateau import expected_best


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=40), st.sampled_from([3, 5, 11]))
def test_the_running_median_is_the_median_of_the_nearest_full_window(values: list[float], window: int) -> None:
    found = running_median(np.array(values), window)
    width = min(window, len(values))
    for i, value in enumerate(found):
        start = min(max(i - width // 2, 0), len(values) - width)
        assert value == np.median(values[start : start + width])


@given(st.integers(0, 1000), st.sampled_from([2.0**-40, 8.0, 2.0**60]))
def test_the_unit_of_the_norm_does_not_matter(seed: int, factor: float) -> None:
    norms = np.exp(np.random.default_rng(seed).standard_normal(120) * 0.3)
    np.testing.assert_allclose(outlier_strength(norms)[0], outlier_strength(norms * factor)[0], atol=1e-9)


def test_a_hundredfold_norm_is_beyond_the_bar_and_log_normal_ones_are_not() -> None:
    """1,000 log-normal norms with SD 0.4; a false alarm in this series is one in about fifty."""
    norms = np.exp(0.4 * np.random.default_rng(5).standard_normal(1000))
    assert outlier_strength(norms)[0].max() < 1
    norms[500] *= 100
    assert outlier_strength(norms)[0].argmax() == 500
    assert outlier_probability(float(outlier_strength(norms)[0].max())) > 0.9


def test_a_steep_start_is_no_outlier() -> None:
    norms = (1 + 20 * np.exp(-np.arange(300) / 12)) * np.exp(0.1 * np.random.default_rng(6).standard_normal(300))
    assert outlier_strength(norms)[0].max() < 1


def test_correlated_readings_count_for_fewer() -> None:
    rng = np.random.default_rng(7)
    white = rng.standard_normal(4000)
    slow = np.convolve(white, np.full(20, 1 / 20), "valid")
    assert effective_count(white) > 3000
    assert effective_count(slow) < 600


def test_the_quantile_interval_holds_its_level_on_independent_norms() -> None:
    """500 series of 300 norms; below 90 % coverage at a true 95 % has probability below 1e-5."""
    rng = np.random.default_rng(8)
    truth = float(np.exp(1.2815515594))
    inside = 0
    for _ in range(500):
        _, low, high = quantile_interval(np.exp(rng.standard_normal(300)), 0.9)
        inside += low <= truth <= high
    assert inside >= 450


def test_the_expected_best_agrees_with_published_values_and_laws() -> None:
    np.testing.assert_allclose(
        [expected_best(m, 0.0) for m in (2, 5, 10, 50)], [0.5642, 1.1630, 1.5388, 2.2491], atol=1e-3
    )
    for rho in (0.3, 0.6, 0.9):
        row = [expected_best(m, rho) for m in (1, 2, 5, 10, 20)]
        assert row == sorted(row)
        assert expected_best(10, rho) < expected_best(10, 0.0)
