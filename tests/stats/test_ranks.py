"""Rank tests against SciPy's, Kendall's tau by enumeration, and the noisy step by brute force."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playnote.stats.kendall import tau
from playnote.stats.noisy_step import LABEL_NOISE, fit_step
from playnote.stats.ranks import correlation, dropping_each, mid_ranks, rank_sum_p

VALUES = st.lists(st.integers(0, 9).map(float), min_size=2, max_size=30)


@given(VALUES)
def test_mid_ranks_are_scipys(values: list[float]) -> None:
    assert mid_ranks(np.array(values)) == pytest.approx(stats.rankdata(values))


@given(VALUES, VALUES)
def test_rank_sum_is_the_normal_mann_whitney(a: list[float], b: list[float]) -> None:
    if len(set(a + b)) > 1:
        want = stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic").pvalue
        assert rank_sum_p(np.array(a), np.array(b)) == pytest.approx(want, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=30))
def test_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs, dtype=float).T
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_exact_tau_counts_every_order() -> None:
    base = np.arange(5.0)
    scores = [tau(base, np.array(order, dtype=float)) for order in permutations(range(5))]
    for value, p in scores:
        assert p == pytest.approx(np.mean([other >= value - 1e-12 for other, _ in scores]))


@given(st.integers(4, 40), st.integers(0, 2**31))
def test_tau_agrees_with_scipy(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random(n), rng.random(n)
    want = stats.kendalltau(a, b, alternative="greater", method="exact")
    assert tau(a, b) == pytest.approx((want.statistic, want.pvalue), abs=1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=20))
def test_step_is_the_likeliest_threshold(points: list[tuple[float, bool]]) -> None:
    unit, bad = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    step = fit_step(unit, bad)
    if step is None:
        assert bad.all() or not bad.any()
        return
    tried = np.concatenate(([-1.0], np.unique(unit)))
    wrong = [int(np.sum((unit > at) != bad)) for at in tried]
    likely = [w * np.log(LABEL_NOISE) + (len(bad) - w) * np.log1p(-LABEL_NOISE) for w in wrong]
    assert step.fit.max() == pytest.approx(max(likely))
    assert step.low <= step.at <= step.high
    assert step.shares().sum() == pytest.approx(1.0)


def test_dropping_a_coordinate_is_the_fit_without_it() -> None:
    rng = np.random.default_rng(2)
    c, y = 2 * rng.random((40, 3)) - 1, rng.random(40)
    ranks = mid_ranks(y)

    def left(columns: list[int]) -> float:
        x = np.column_stack([np.ones(40), *[c[:, j] for j in columns], *[c[:, j] ** 2 for j in columns]])
        return float(np.sum((ranks - x @ np.linalg.lstsq(x, ranks, rcond=None)[0]) ** 2))

    want = [np.log(left([k for k in range(3) if k != j]) / left([0, 1, 2])) * 33 for j in range(3)]
    assert dropping_each(c, y) == pytest.approx(want, rel=1e-5)
