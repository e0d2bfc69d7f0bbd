"""Lasting rises: brute-force oracles for the parts, laws for the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from playnote.stats.excursions import _filtered, _normal_scores, late_rise, signs, strongest_excursion
from playnote.stats.loss_path import falling_path, local_noise, nonincreasing, without_period


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 4)), min_size=1, max_size=25))
def test_the_min_max_formula_is_isotonic_regression(pairs: list[tuple[float, float]]) -> None:
    values, weights = (np.array(part) for part in zip(*pairs, strict=True))
    expected = isotonic_regression(values, weights=weights, increasing=False).x
    np.testing.assert_allclose(nonincreasing(values, weights), expected, atol=1e-9)


def test_the_falling_path_never_rises_over_an_excursion() -> None:
    rng = np.random.default_rng(1)
    loss = 2 + 3 * np.exp(-np.arange(600) / 80) + 0.05 * rng.standard_normal(600)
    loss[300:340] += 1.0
    path = falling_path(loss, local_noise(loss))
    assert (np.diff(path) <= 1e-9).all()
    assert np.abs(path[300:340] - 2.05).max() < 0.1


def test_the_filter_on_independent_noise_has_a_spread_of_at_most_one() -> None:
    rng = np.random.default_rng(2)
    tracks = [_filtered(rng.standard_normal(500), 12.0, (-4.0, 6.0), 1.0)[20:440] for _ in range(40)]
    assert np.std(tracks) < 1.1


def test_normal_scores_depend_on_ranks_alone() -> None:
    values = np.array([0.1, 5.0, -3.0, 0.2])
    np.testing.assert_array_equal(_normal_scores(values), _normal_scores(values**3))


def test_a_pattern_of_every_epoch_is_taken_out_and_a_single_rise_is_kept() -> None:
    rng = np.random.default_rng(3)
    saw = 4.0 * (np.arange(1000) % 100) / 100 - 2 + rng.standard_normal(1000)
    saw[500:520] += 8.0
    flat = without_period(saw)
    assert np.std(np.delete(flat, np.arange(500, 520))) < 1.15
    assert flat[500:520].mean() > 6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-64.0, 0.0, 1024.0]), st.sampled_from([2.0**-30, 4.0, 2.0**30]))
def test_shifting_and_multiplying_the_loss_change_no_strength(seed: int, shift: float, factor: float) -> None:
    rng = np.random.default_rng(seed)
    loss = 3 * np.exp(-np.arange(300) / 50) + 0.1 * rng.standard_normal(300)
    loss[150:170] += rng.choice([0.0, 1.0])
    moved = (loss + shift) * factor
    first, second = strongest_excursion(loss), strongest_excursion(moved)
    assert first is not None
    assert second is not None
    # Strengths are in noise SDs; where rounding turns a tie of two medians, one moves by a few hundredths.
    for name, value in signs(first, late_rise(loss)).items():
        np.testing.assert_allclose(signs(second, late_rise(moved))[name], value, rtol=1e-3, atol=0.1)


def test_a_short_series_has_no_excursion() -> None:
    assert strongest_excursion(np.zeros(29)) is None
    assert late_rise(np.zeros(10)) == 0.0


def test_a_long_run_is_looked_at_whole_and_its_start_step_by_step() -> None:
    rng = np.random.default_rng(4)
    loss = 1 + 4 * np.exp(-np.arange(30_000) / 3000) + 0.05 * rng.standard_normal(30_000)
    late, early = loss.copy(), loss.copy()
    late[20_000:20_400] += 0.5
    early[800:830] += 1.5
    found_late, found_early = strongest_excursion(late), strongest_excursion(early)
    assert found_late is not None
    assert found_early is not None
    assert abs(found_late.at - 20_000) < 50
    assert abs(found_early.early_at - 800) < 5
    assert signs(found_early, 0.0)["early"] > 6
