"""Noise around a trend: laws, a closed form, and coverage."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from playnote.stats.tail_noise import noise_posterior


def test_a_straight_line_added_to_the_readings_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    time, values = np.linspace(0.75, 1, 12), rng.standard_normal(12)
    plain, tilted = noise_posterior(time, values), noise_posterior(time, values + 5.0 - 30.0 * time)
    assert plain is not None
    assert tilted is not None
    np.testing.assert_allclose(plain.quantile(0.5), tilted.quantile(0.5), rtol=1e-6)


def test_without_correlation_the_square_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(2)
    time, values = np.linspace(0, 1, 15), rng.standard_normal(15)
    posterior = noise_posterior(time, values)
    assert posterior is not None
    residual = values - np.polyval(np.polyfit(time, values, 1), time)
    np.testing.assert_allclose(posterior.squares[1], residual @ residual, rtol=1e-8)


def test_the_probability_of_exceeding_never_rises_with_the_level() -> None:
    posterior = noise_posterior(np.arange(9.0), np.sin(np.arange(9.0) * 3))
    assert posterior is not None
    chances = [posterior.above(level) for level in np.geomspace(1e-6, 1e6, 50)]
    assert all(b <= a for a, b in pairwise(chances))
    assert chances[0] == pytest.approx(1.0)


def test_too_few_readings_give_no_posterior() -> None:
    assert noise_posterior(np.arange(3.0), np.arange(3.0)) is None


def test_the_ninety_percent_interval_covers_independent_noise_at_least_eighty_percent_of_the_time() -> None:
    """400 series of 20 readings; if the true coverage were 0.85, this fails with probability below 1e-3."""
    rng = np.random.default_rng(3)
    time, inside = np.linspace(0.75, 1.0, 20), 0
    for _ in range(400):
        posterior = noise_posterior(time, rng.standard_normal(20))
        assert posterior is not None
        inside += posterior.quantile(0.05) <= 1.0 <= posterior.quantile(0.95)
    assert inside >= 0.80 * 400
