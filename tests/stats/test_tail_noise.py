"""Noise and shape around a curve's law: laws, a closed form, and coverage."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from playnote.stats.departure import Departure, end_contrast, fit_departure, value_at
from playnote.stats.readings import readings
from playnote.stats.tail_noise import late_noise, tail_noise


def _around_nothing(time: np.ndarray, values: np.ndarray) -> Departure:
    return fit_departure(time, values, np.zeros_like(values))


def test_a_straight_line_added_to_the_readings_changes_no_noise() -> None:
    rng = np.random.default_rng(1)
    time, values = np.linspace(0.5, 1, 20), rng.standard_normal(20)
    plain, tilted = (_around_nothing(time, each).noise for each in (values, values + 5.0 - 30.0 * time))
    np.testing.assert_allclose(plain.quantile(0.5), tilted.quantile(0.5), rtol=1e-4)


def test_without_correlation_or_departure_the_square_is_that_of_least_squares_and_the_prior() -> None:
    rng = np.random.default_rng(2)
    time, values = np.linspace(0, 1, 15), rng.standard_normal(15)
    residual = values - np.polyval(np.polyfit(time, values, 1), time)
    second = 1.4826 * np.median(np.abs(np.diff(values, 2))) / np.sqrt(6.0)
    expected = residual @ residual + 2.0 * (0.3 * second) ** 2
    np.testing.assert_allclose(_around_nothing(time, values).squares[0, 0], expected, rtol=1e-5)


def test_the_probability_of_exceeding_never_rises_with_the_level() -> None:
    noise = _around_nothing(np.linspace(0, 1, 9), np.sin(np.arange(9.0) * 3)).noise
    chances = [noise.above(level) for level in np.geomspace(1e-6, 1e6, 50)]
    assert all(b <= a for a, b in pairwise(chances))
    assert chances[0] == pytest.approx(1.0)


def test_too_few_late_readings_give_no_noise() -> None:
    curve = readings(np.arange(1.0, 5.0), np.arange(4.0))
    assert late_noise(curve) is None
    assert tail_noise(curve) is None


def test_a_bump_a_hundred_times_the_noise_is_not_read_as_noise() -> None:
    """A law of zero misses it altogether; second differences would see a tenth of it."""
    rng = np.random.default_rng(4)
    time = np.linspace(0.5, 1, 40)
    values = 100.0 * np.exp(-(((time - 0.7) / 0.1) ** 2)) + rng.standard_normal(40)
    assert _around_nothing(time, values).noise.quantile(0.95) < 2.5


def test_the_ninety_percent_interval_covers_independent_noise_at_least_eighty_percent_of_the_time() -> None:
    """200 series of 20 readings; if the true coverage were 0.88, this fails with probability below 1e-3."""
    rng = np.random.default_rng(3)
    time, inside = np.linspace(0.5, 1.0, 20), 0
    for _ in range(200):
        noise = _around_nothing(time, rng.standard_normal(20)).noise
        inside += noise.quantile(0.05) <= 1.0 <= noise.quantile(0.95)
    assert inside >= 0.80 * 200


def test_a_rise_that_no_law_has_a_shape_for_is_seen_and_a_flat_curve_shows_none() -> None:
    rng = np.random.default_rng(5)
    time = np.linspace(0.025, 1.0, 40)
    at, law = np.append(time, 1.0), np.zeros(41)
    wavy = 3.0 * np.sin(9.0 * time) ** 2 + 0.1 * rng.standard_normal(40)
    true_rise = 3.0 * np.sin(9.0) ** 2
    risen = end_contrast(_around_nothing(time, wavy), at, law)
    assert risen.above(0.5 * true_rise).max() > 0.95
    assert risen.above(1.5 * true_rise).max() < 0.05
    flat = end_contrast(_around_nothing(time, 0.1 * rng.standard_normal(40)), at, law)
    assert flat.above(0.5).max() < 0.05


def test_the_end_of_a_line_is_read_off_within_its_own_uncertainty() -> None:
    """If the SD is honest, four of them are left with probability below 1e-3 over these 20 lines."""
    rng = np.random.default_rng(6)
    time = np.linspace(0.05, 1.0, 20)
    off = []
    for _ in range(20):
        middle, sd = value_at(_around_nothing(time, 2.0 * time + 0.2 * rng.standard_normal(20)), 1.0, 0.0)
        assert sd < 0.4
        off.append(abs(middle - 2.0) / sd)
    assert max(off) < 4.0
