"""The warmup ladder: shortest stable length, pooling that never goes down, and what it may not say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from playnote.diagnosis.warmup import answer_warmup, ladder_lengths, measure_warmup, pooled_upwards

ladders = st.dictionaries(
    st.integers(1, 10_000), st.lists(st.booleans(), min_size=1, max_size=6), min_size=1, max_size=8
)


@given(ladders)
def test_pooled_shares_never_fall_and_agree_with_isotonic_regression(ladder):
    rungs = measure_warmup(ladder).rungs
    shares = [rung.pooled[0] / rung.pooled[1] for rung in rungs]
    assert shares == sorted(shares)
    lengths = sorted(ladder)
    raw = [np.mean(ladder[each]) for each in lengths]
    weight = [len(ladder[each]) for each in lengths]
    assert shares == pytest.approx(
        list(IsotonicRegression().fit_transform(lengths, raw, sample_weight=weight)), abs=1e-6
    )


@given(ladders)
def test_pooling_again_changes_nothing(ladder):
    once = measure_warmup(ladder).rungs
    assert [rung.pooled for rung in pooled_upwards(once)] == [rung.pooled for rung in once]


@given(ladders, st.integers(0, 7))
def test_one_more_stable_run_never_asks_for_a_longer_warmup(ladder, at):
    steps = sorted(ladder)[at % len(ladder)]
    better = {**ladder, steps: [*ladder[steps], True]}
    before, after = measure_warmup(ladder).shortest, measure_warmup(better).shortest
    assert before is None or (after is not None and after <= before)


def test_the_shortest_stable_length_is_found():
    finding = answer_warmup(
        measure_warmup({10: [False, False], 100: [False, True], 1000: [True, True], 3000: [True] * 4})
    )
    assert (finding.label, finding.steps) == ("yes", 1000)


def test_two_stable_runs_alone_are_not_enough_but_longer_ones_back_them():
    alone = answer_warmup(measure_warmup({10: [False] * 2, 100: [False] * 2, 1000: [True] * 2}))
    assert alone.label == "unknown"
    assert alone.settles[0].runs


def test_a_ladder_that_never_gets_stable_says_lower_the_rate():
    finding = answer_warmup(measure_warmup({10: [False] * 2, 100: [False] * 2, 1000: [False] * 2}))
    assert finding.label == "no"
    assert finding.note is not None


def test_a_long_warmup_asks_for_longer_training():
    finding = answer_warmup(measure_warmup({10: [False] * 2, 50: [False] * 2, 70: [True] * 4}, total_steps=1000))
    assert finding.extend


@pytest.mark.parametrize("ladder", [{}, {10: [True, True]}, {10: [True], 100: [True], 1000: [True]}, {5: []}])
def test_too_short_a_ladder_is_unknown(ladder):
    assert answer_warmup(measure_warmup(ladder)).label == "unknown"


@pytest.mark.parametrize("total", [20, 500, 5_000, 1_000_000])
def test_lengths_to_try_rise_and_end_at_the_cap(total):
    lengths = ladder_lengths(total)
    assert list(lengths) == sorted(set(lengths))
    assert lengths[-1] <= max(2, 0.1 * total + 1)
    assert len(lengths) >= 2
