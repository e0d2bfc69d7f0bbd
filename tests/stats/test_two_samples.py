"""The classifier two-sample test: against refitting by hand, its exact level, its laws; features that know no sets."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.stats.features import BUCKETS, LENGTHS, hashed_ngrams, ngram_of, small_pictures, standardised
from playnote.stats.two_sample import _areas, _interval, _out_of_fold, two_sample

seeds = st.integers(0, 2**32 - 1)


def area_by_pairs(scores, second):
    gaps = scores[second][:, None] - scores[~second]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


@given(seeds, st.integers(4, 40))
@settings(deadline=None)
def test_the_area_is_the_share_of_pairs_in_order_ties_half(seed, n):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, n).astype(float)
    second = np.zeros(n, dtype=bool)
    second[: max(1, n // 3)] = True
    assert _areas(scores[:, None], second[:, None])[0] == pytest.approx(area_by_pairs(scores, second))


@given(seeds, st.sampled_from([3, 60]))
@settings(max_examples=20, deadline=None)
def test_scores_are_those_of_a_ridge_fit_without_the_fold(seed, width):
    rng = np.random.default_rng(seed)
    n = 40
    z = rng.normal(size=(n, width))
    second = rng.permutation(n) < 15
    fold = rng.permutation(n) % 4
    found = _out_of_fold(z, second[:, None], fold)[:, 0]
    signs = np.where(second, 1.0, -1.0)
    for each in range(4):
        train = fold != each
        ridge = 0.3 * np.sum(z[train] ** 2) / width
        rows = np.vstack([z[train], np.sqrt(ridge) * np.eye(width)])
        wanted = np.concatenate([signs[train] - signs[train].mean(), np.zeros(width)])
        weights = np.linalg.lstsq(rows, wanted, rcond=None)[0]
        assert found[~train] == pytest.approx(z[~train] @ weights, abs=1e-8)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_swapping_the_two_sets_changes_no_area(seed):
    rng = np.random.default_rng(seed)
    x, second = rng.normal(size=(60, 3)), np.arange(60) < 25
    one = two_sample(x, second, permutations=19, rng=np.random.default_rng(1))
    other = two_sample(x, ~second, permutations=19, rng=np.random.default_rng(1))
    assert one.auc == pytest.approx(other.auc)


def test_the_p_value_keeps_its_level_with_heavy_tails_and_unequal_sets():
    rng = np.random.default_rng(5)
    draws, alarms = 400, 0
    for _ in range(draws):
        x = standardised(rng.standard_t(2, (60, 3)))
        alarms += two_sample(x, np.arange(60) >= 20, permutations=39, rng=rng).p <= 0.05
    assert 4 <= alarms <= 41  # Binomial(400, 0.05) leaves this range with probability 1e-5


def test_groups_that_differ_are_no_shift_where_groups_were_drawn_alike():
    rng = np.random.default_rng(6)
    draws, naive, kept = 100, 0, 0
    for _ in range(draws):
        groups = np.repeat(np.arange(16), 6)
        x = rng.normal(size=(16, 4))[groups] + 0.5 * rng.normal(size=(96, 4))
        second = groups >= 8
        kept += two_sample(x, second, [str(g) for g in groups], permutations=39, rng=rng).p <= 0.05
        naive += two_sample(x, second, permutations=39, rng=rng).p <= 0.05
    assert kept <= 15  # Binomial(100, 0.05) is above with probability 4e-5
    assert naive >= 40  # examples of one group are not independent: shuffling them alone alarms


def test_the_interval_covers_the_area_that_infinite_data_would_give():
    # One feature, scores fixed: the true AUC of N(1, 1) against N(0, 1) is Phi(1 / sqrt 2) = 0.7602.
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        second = np.arange(120) >= 50
        low, high = _interval(rng.normal(size=120) + second, second, np.arange(120), 0.9)
        held += low <= 0.76025 <= high
    assert 329 <= held <= 386  # Binomial(400, 0.9) leaves this range with probability 1e-5


@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
@settings(deadline=None)
def test_features_of_a_text_do_not_depend_on_the_others(texts):
    together = hashed_ngrams(texts)
    assert together.shape == (len(texts), BUCKETS * len(LENGTHS))
    for row, text in enumerate(texts):
        assert np.array_equal(hashed_ngrams([text])[0], together[row])


def test_a_column_of_ngrams_is_named_by_the_text_behind_it():
    texts = ["abc" * 10, "xyz" * 10]
    column = int(np.argmax(hashed_ngrams(texts)[0, :BUCKETS]))
    assert ngram_of(column, texts) in {"abc", "bca", "cab"}


def test_chinese_texts_differ_by_their_characters():
    same, other = hashed_ngrams(["学习率预热"]), hashed_ngrams(["批量大小"])
    assert (same @ other.T).item() < 0.1


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_standardised_columns_know_no_unit_and_missing_values_become_a_column(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(30, 2))
    x[3, 1] = np.nan
    found = standardised(x)
    assert found.shape == (30, 5)
    assert found[:, 4].tolist() == [float(row == 3) for row in range(30)]
    assert standardised(x * [1000, 0.001] + 7) == pytest.approx(found, abs=1e-6)


@given(seeds, st.integers(3, 20), st.integers(3, 20))
@settings(max_examples=20, deadline=None)
def test_small_pictures_keep_the_mean_of_every_block(seed, height, width):
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(2, height, width))
    found = small_pictures(images)
    rows = np.linspace(0, height, min(height, 8) + 1).astype(int)
    columns = np.linspace(0, width, min(width, 8) + 1).astype(int)
    blocks = [images[0, a:b, c:d].mean() for a, b in pairwise(rows) for c, d in pairwise(columns)]
    assert found[0, :-2] == pytest.approx(blocks)
    assert found[0, -2:] == pytest.approx([images[0].mean(), images[0].std()])
