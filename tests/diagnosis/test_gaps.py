"""The ladder of splits: posteriors against draws, and the traps that leave a gap unknown."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.diagnosis.gaps import GAPS, Count, answer_gap, measure_gaps

FULL = {
    "human": Count(20, 2000), "train": Count(500, 5000), "train_dev": Count(260, 2000), "dev": Count(285, 2000),
    "test": Count(500, 2000),
}  # fmt: skip


def labels(splits: dict[str, Count], same: bool | None = False, mode: bool | None = True) -> dict[str, str]:
    facts = measure_gaps(splits, min_effect=0.02, same_distribution=same, train_eval_mode=mode)
    return {name: answer_gap(facts, name).label for name in GAPS}


def test_each_gap_is_told_from_the_others() -> None:
    assert labels(FULL) == {
        "high_bias": "yes", "high_variance": "yes", "data_mismatch": "unknown", "dev_overfit": "yes",
    }  # fmt: skip
    assert labels(FULL | {"dev": Count(13000, 100_000), "train_dev": Count(13000, 100_000)})["data_mismatch"] == "no"


@pytest.mark.parametrize(
    ("lost", "unknown"),
    [
        ("human", {"high_bias"}), ("train", {"high_bias", "high_variance"}),
        ("train_dev", {"high_variance", "data_mismatch"}), ("test", {"dev_overfit"}),
    ],
)  # fmt: skip
def test_a_missing_split_leaves_its_gaps_unknown(lost: str, unknown: set[str]) -> None:
    found = labels({name: count for name, count in FULL.items() if name != lost})
    assert {name for name in unknown if found[name] == "unknown"} == unknown


@pytest.mark.parametrize("mode", [False, None])
def test_a_train_error_in_training_mode_says_nothing(mode: bool | None) -> None:
    found = labels(FULL, mode=mode)
    assert found["high_bias"] == found["high_variance"] == "unknown"
    assert found["dev_overfit"] == "yes"


def test_without_train_dev_one_distribution_still_shows_variance() -> None:
    without = {name: count for name, count in FULL.items() if name != "train_dev"}
    assert labels(without, same=True)["high_variance"] == "yes"
    assert labels(without, same=None)["high_variance"] == "unknown"


def test_probabilities_agree_with_a_grid_over_the_prior() -> None:
    """The likelihood of a gap by normal approximation (thousands of examples), the prior from scipy, on a grid."""
    from scipy.stats import norm
    from scipy.stats import t as student

    facts = measure_gaps(FULL, min_effect=0.02, same_distribution=False, train_eval_mode=True)
    size = np.linspace(-0.2, 0.4, 60_001)
    prior = 0.4 * norm.pdf(size, scale=0.01) + 0.6 * student.pdf(size, 3, scale=0.05)
    for gap in facts.gaps:
        rates = [FULL[split].errors / FULL[split].n for split in gap.between]
        sd = np.sqrt(sum(rate * (1 - rate) / FULL[split].n for rate, split in zip(rates, gap.between, strict=True)))
        joint = prior * norm.pdf(size, loc=rates[1] - rates[0], scale=sd)
        assert gap.p == pytest.approx(joint[size >= 0.02].sum() / joint.sum(), abs=0.03)


def test_a_gap_is_what_the_counts_alone_say() -> None:
    facts = measure_gaps(FULL, min_effect=0.02, same_distribution=False, train_eval_mode=True)
    rng = np.random.default_rng(0)
    draws = {name: rng.beta(c.errors + 0.5, c.n - c.errors + 0.5, 200_000) for name, c in FULL.items()}
    for gap in facts.gaps:
        first, second = gap.between
        size = draws[second] - draws[first]
        assert gap.gap == pytest.approx(float(size.mean()), abs=0.001)
    assert sum(gap.largest or 0.0 for gap in facts.gaps) == pytest.approx(1.0)


def test_counts_that_are_none_count_as_absent() -> None:
    for bad in (Count(5, 0), Count(-1, 10), Count(11, 10), Count(float("nan"), 10)):
        assert labels(FULL | {"test": bad})["dev_overfit"] == "unknown"
