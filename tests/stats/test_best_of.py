"""The best of m trials: the definition by brute force, then laws."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.stats.best_of import doubling_gain, expected_best, leave_one_out, weights

ERRORS = st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=1, max_size=8)


@given(ERRORS, st.integers(1, 8), st.integers(0, 3))
def test_expected_best_is_the_mean_over_all_subsets_that_gave_a_score(errors: list[float], m: int, lost: int) -> None:
    pool = [*errors, *([np.inf] * lost)]
    m = min(m, len(pool))
    bests = [min(subset) for subset in combinations(pool, m)]
    known = [best for best in bests if np.isfinite(best)]
    assert expected_best(np.array(errors), m, lost) == pytest.approx(np.mean(known), abs=1e-9)


@given(ERRORS.filter(lambda e: len(e) > 1), st.integers(1, 7), st.integers(0, 2))
def test_leaving_one_out_equals_computing_it_without_that_trial(errors: list[float], m: int, lost: int) -> None:
    values = np.array(errors)
    n = len(values)
    m = min(m, n + lost - 1)
    got = leave_one_out(values, m, lost)
    want = [expected_best(np.delete(values, at), m, lost) for at in range(n)]
    want += [expected_best(values, m, lost - 1) for _ in range(lost)]
    assert got == pytest.approx(want, abs=1e-9, nan_ok=True)


@given(st.integers(1, 300), st.integers(1, 300))
def test_weights_sum_to_one(n: int, m: int) -> None:
    assert weights(n, m).sum() == pytest.approx(1.0)


@given(ERRORS.filter(lambda e: len(e) > 1))
def test_more_trials_never_hurt(errors: list[float]) -> None:
    curve = [expected_best(np.array(errors), m) for m in range(1, len(errors) + 1)]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(curve))


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=40), st.floats(0.001, 1000), st.floats(-10, 10))
def test_doubling_gain_follows_the_unit_and_ignores_the_level(errors: list[float], scale: float, shift: float) -> None:
    one = np.array(doubling_gain(np.array(errors), 3))
    other = np.array(doubling_gain(scale * np.array(errors) + shift, 3))
    assert other == pytest.approx(scale * one, rel=1e-3, abs=1e-9 * (scale + abs(shift)))


def test_doubling_gain_of_a_quadratic_bowl_holds_the_truth_in_its_band() -> None:
    """Truth by 4,000 searches. 10 to 90 % of estimates hold it; of 200, 150 or fewer has probability under 1e-6."""
    rng = np.random.default_rng(1)

    def search(n: int) -> np.ndarray:
        return ((rng.random((n, 2)) - 0.4) ** 2).sum(axis=1)

    true = np.mean([search(32).min() for _ in range(4000)]) - np.mean([search(64).min() for _ in range(4000)])
    held = sum(low <= true <= high for low, _, high in (doubling_gain(search(32), 2) for _ in range(200)))
    assert held > 120
