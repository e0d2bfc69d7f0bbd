"""Overuse of a split: the usual luck against draws, the bounds, and the guarded gate."""

import numpy as np
import pytest

from playnote.diagnosis import test_overuse as overuse

answer, measure = overuse.answer_test_overuse, overuse.measure_test_overuse


def test_the_usual_luck_is_the_expected_maximum_of_draws():
    """20,000 maxima of 20: standard error below 0.004."""
    facts = measure(30, 20, 1000, paired_sd=0.3, min_effect=0.01)
    draws = np.random.default_rng(0).normal(0, 0.3 / np.sqrt(1000), (20_000, 20)).max(axis=1)
    assert facts.optimism == pytest.approx(draws.mean(), rel=0.02)
    assert facts.p == pytest.approx((draws > 0.005).mean(), abs=0.02)


def test_many_decisions_on_a_small_split_are_overuse_and_few_on_a_large_one_are_not():
    assert answer(measure(60, 50, 500, paired_sd=0.4, min_effect=0.01)).label == "yes"
    assert answer(measure(60, 5, 200_000, paired_sd=0.2, min_effect=0.01)).label == "no"


def test_without_predictions_only_a_bound_can_say_no():
    assert answer(measure(60, 50, 500, min_effect=0.01)).label == "unknown"
    assert answer(measure(3, 3, 10_000_000, min_effect=0.01)).label == "no"


def test_a_single_decision_chose_nothing():
    assert answer(measure(1, 1, 500, min_effect=0.01)).label == "no"


def test_a_measured_drop_beyond_its_noise_is_overuse():
    finding = answer(measure(9, 9, 500, min_effect=0.01, drop=(0.03, 0.01)))
    assert finding.label == "yes"
    assert finding.interval[0] > 0


def test_without_min_effect_or_examples_it_is_unknown():
    assert answer(measure(60, 50, 500, paired_sd=0.4)).label == "unknown"
    assert answer(measure(60, 50, 0, paired_sd=0.4, min_effect=0.01)).label == "unknown"


@pytest.mark.parametrize("k", [2, 10, 100])
def test_more_decisions_are_never_less_overuse(k):
    less, more = (measure(k, each, 1000, paired_sd=0.3, min_effect=0.01) for each in (k, k + 1))
    assert more.p >= less.p
    assert more.union >= less.union
    assert more.optimism >= less.optimism


def test_the_gate_shows_only_what_beats_the_best_by_its_noise():
    rng = np.random.default_rng(1)
    best = (rng.random(2000) < 0.2).astype(float)
    same = rng.permutation(best)
    clearly = best * (rng.random(2000) < 0.5)
    assert overuse.ladder_reveals(best, clearly)
    assert not overuse.ladder_reveals(best, best)
    assert not overuse.ladder_reveals(best, same + 0.02)


def test_paired_spread_is_small_for_models_that_err_alike():
    rng = np.random.default_rng(2)
    base = (rng.random(5000) < 0.1).astype(float)
    like = np.where(rng.random(5000) < 0.02, 1 - base, base)
    unlike = (rng.random(5000) < 0.1).astype(float)
    assert overuse.paired_spread(base, like) < overuse.paired_spread(base, unlike)
