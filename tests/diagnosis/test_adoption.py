"""Adoption and seed noise: false alarms, laws and honest unknowns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.diagnosis.adoption import ONCE, Examples, Looks, answer_adoption, measure_adoption
from playnote.diagnosis.seed_noise import answer_seed_noise, measure_seed_noise

ARM = st.lists(st.integers(0, 60).map(float), min_size=3, max_size=8)


def adopted(n: int, effect: float, count: int, seed: int, groups: int = 0) -> int:
    """How many of `count` made-up comparisons adopt; normal noise of SD 1."""
    rng, total = np.random.default_rng(seed), 0
    for _ in range(count):
        history = [rng.normal(rng.normal(0, 5), 1, 3) for _ in range(groups)]
        facts = measure_adoption(rng.normal(effect, 1, n), rng.normal(0, 1, n), history=history)
        total += answer_adoption(facts).label == "yes"
    return total


@pytest.mark.parametrize(("n", "groups", "count", "most"), [(3, 0, 500, 48), (5, 0, 500, 48), (3, 6, 60, 14)])
def test_a_change_that_does_nothing_is_rarely_adopted(n: int, groups: int, count: int, most: int) -> None:
    """`most` is the 0.9999 quantile of Binomial(count, 0.05) or above: a true 5 % fails with probability below 1e-4."""
    assert adopted(n, 0.0, count, seed=5, groups=groups) <= most


def test_history_finds_more_than_the_arms_alone() -> None:
    """With three SDs and two runs a known variance has power 0.91; half of it stands 5 standard errors away."""
    assert adopted(2, 3.0, 40, seed=6, groups=8) >= 20
    assert adopted(2, 3.0, 40, seed=6, groups=0) == 0


def test_more_seeds_of_the_same_effect_never_lower_p_on_average() -> None:
    rng = np.random.default_rng(2)
    means = []
    for n in (3, 5, 10, 20):
        facts = [measure_adoption(rng.normal(1, 1, n), rng.normal(0, 1, n)) for _ in range(80)]
        means.append(float(np.mean([fact.chance.above_margin for fact in facts if fact.chance])))
    assert means == sorted(means)


@settings(max_examples=60, deadline=None)
@given(ARM, ARM)
def test_p_and_label_never_contradict_and_swapping_arms_negates_the_gain(a: list[float], b: list[float]) -> None:
    one, other = measure_adoption(a, b), measure_adoption(b, a)
    assert one.gain == pytest.approx(-other.gain if other.gain is not None else None)
    for facts in (one, other):
        found = answer_adoption(facts)
        assert found.p is None or not (found.label == "yes" and found.p < 0.5)
        assert found.p is None or not (found.label == "no" and found.p > 0.5)
        if facts.interval is not None and facts.chance is not None:
            shares = facts.chance
            assert shares.better + shares.none + shares.worse == pytest.approx(1.0)
            low, high = facts.interval
            assert low <= (facts.gain or 0.0) <= high
            # The lower end of a 90 % interval is the one-sided 5 % test.
            assert (low > 0) == (facts.p_value is not None and facts.p_value < 0.05) or abs(low) < 1e-6


def test_one_run_an_arm_is_unknown_with_and_without_history() -> None:
    history = [[1.0, 1.1, 0.9], [2.0, 2.1, 2.2], [3.0, 2.9, 3.1]]
    for earlier in ([], history):
        found = answer_adoption(measure_adoption([9.0], [1.0], history=earlier, min_effect=0.1))
        assert found.label == "unknown"
        assert "lucky seed" in found.missing[0].en
        assert found.settles


def test_failures_bar_a_candidate_and_equal_failures_do_not() -> None:
    a, b = [5.0, 5.1, 4.9, 5.2, 5.0, 5.1, 4.8, 5.0], [1.0, 1.1, 0.9, 1.2, 1.0, 1.1, 0.8, 1.0]
    nan = float("nan")
    assert answer_adoption(measure_adoption([*a[:7], nan], [*b[:7], nan])).label == "yes"
    failing = answer_adoption(measure_adoption(a, [*b[:3], nan, nan, nan, nan, nan]))
    assert failing.barred
    assert failing.label == "no"


def test_a_population_claim_without_examples_is_unknown_and_with_them_more_careful() -> None:
    rng = np.random.default_rng(0)
    hits = (rng.random((2, 5, 400)) < 0.8).astype(float)
    a, b = 1 - hits[0].mean(axis=1), 1 - hits[1].mean(axis=1) - 0.02
    assert answer_adoption(measure_adoption(a, b, population=True)).label == "unknown"
    lean = np.where(np.arange(400) < 200, 1.0, 0.0)
    examples = Examples(np.tile(lean, (5, 1)), np.tile(1 - lean, (5, 1)))
    with_them = measure_adoption(a, b, population=True, examples=examples)
    plain = measure_adoption(a, b)
    assert with_them.dev_sd is not None
    assert with_them.dev_sd == pytest.approx(2 * lean.std(ddof=1) / 20)
    assert with_them.interval is not None
    assert plain.interval is not None
    assert with_them.interval[0] < plain.interval[0]


def test_planned_looks_need_a_level_that_falls_with_their_number() -> None:
    a, b = [1.0, 1.2, 1.1, 1.3], [0.5, 0.6, 0.7, 0.4]
    needed = [measure_adoption(a, b, looks=looks).needed for looks in (ONCE, Looks.up_to(6), Looks.up_to(20))]
    assert needed == sorted(needed, reverse=True)


def test_seed_noise_is_the_pooled_sd_with_its_chi_square_interval() -> None:
    from scipy.stats import chi2

    rng = np.random.default_rng(1)
    groups = [rng.normal(k, 0.5, 4) for k in range(6)]
    facts = measure_seed_noise(groups, min_effect=0.2)
    pooled = float(np.sqrt(np.mean([group.var(ddof=1) for group in groups])))
    assert facts.sd == pytest.approx(pooled)
    assert facts.interval == pytest.approx(tuple(pooled * np.sqrt(18 / chi2.ppf([0.975, 0.025], 18))))
    assert facts.p == pytest.approx(chi2.cdf(18 * pooled**2 / 0.2**2, 18))
    assert answer_seed_noise(facts).label == "yes"
    assert answer_seed_noise(measure_seed_noise(groups, min_effect=5.0)).label == "no"


def test_seed_noise_without_repeats_min_effect_or_spread_is_unknown() -> None:
    for facts in (
        measure_seed_noise([[1.0], [2.0]], min_effect=0.1),
        measure_seed_noise([[1.0, 1.2, 1.1]]),
        measure_seed_noise([[1.0, 1.0, 1.0]], min_effect=0.1),
        measure_seed_noise([], min_effect=0.1),
        measure_seed_noise([[float("nan"), 1.0, float("inf")]], min_effect=0.1),
    ):
        found = answer_seed_noise(facts)
        assert found.label == "unknown"
        assert found.missing
        assert found.settles
