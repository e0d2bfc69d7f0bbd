"""The logistic law: what it was made from comes back, its maximum is one, and merged answers are stated as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.stats.logistic_law import Law, fit_law, merged_above


def _made(n: int) -> tuple[list[dict[str, float]], np.ndarray, Law]:
    rng = np.random.default_rng(3)
    law = Law(-1.0, {"a": 2.0, "b": -0.5})
    rows = [{"a": float(a), "b": float(b)} for a, b in rng.normal(size=(n, 2)) * [1.0, 4.0]]
    event = np.array([rng.random() < law.p(row) for row in rows])
    return rows, event, law


def test_a_law_comes_back_from_what_it_made() -> None:
    """20,000 draws: the widest standard error is 0.04, so 0.16 is four of them."""
    rows, event, law = _made(20_000)
    found = fit_law(rows, event)
    assert found.level == pytest.approx(law.level, abs=0.16)
    assert [found.weights[name] for name in law.weights] == pytest.approx(list(law.weights.values()), abs=0.16)


def test_without_a_penalty_the_likelihood_has_no_slope_at_the_fit() -> None:
    rows, event, _ = _made(500)
    law = fit_law(rows, event, ridge=0.0)
    left = event - np.array([law.p(row) for row in rows])
    slopes = [left.sum(), *(float(left @ np.array([row[name] for row in rows])) for name in law.weights)]
    assert slopes == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)


def test_merged_answers_are_stated_as_often_as_they_are_right() -> None:
    rows, event, law = _made(5_000)
    p = np.array([law.p(row) for row in rows])
    merged = merged_above(p, event, 0.25)
    assert merged is not None
    low, high, share = merged
    group = (p >= low) & (p < high)
    assert share >= 0.5
    assert event[group].mean() == pytest.approx(share, abs=2 / group.sum())
    assert high >= share


def test_a_cut_above_one_half_merges_nothing() -> None:
    rows, event, law = _made(500)
    assert merged_above(np.array([law.p(row) for row in rows]), event, 0.6) is None


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20))
def test_what_is_stated_never_falls_as_the_probability_rises(p: list[float]) -> None:
    law = Law(0.0, {}, merged=(0.22, 0.8, 0.5))
    above = sorted(each for each in p if each >= 0.22)
    stated = [law.shown(each) for each in above]
    assert stated == sorted(stated)
    assert all(each >= 0.5 for each in stated)
    assert all(law.shown(each) == each for each in p if each < 0.22)
