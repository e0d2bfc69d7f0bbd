"""Weights towards deployment: against the ratio of densities that is known, and what they leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.training.domain_weights import domain_weights, effective_share


def two_sets(shift, n=4000, m=4000, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) + np.array([shift, 0.0])


@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_the_weights_are_the_ratio_of_two_normal_densities(shift):
    train, target = two_sets(shift)
    found = domain_weights(train, target)
    exact = np.exp(shift * train[:, 0] - shift**2 / 2)
    assert np.corrcoef(np.log(found.weights), np.log(exact))[0, 1] > 0.98
    # the weighted training mean is the target's, to 4 standard errors of either
    moved = float(np.average(train[:, 0], weights=found.weights))
    error = 4 * np.hypot(1 / np.sqrt(4000 * found.effective_share), 1 / np.sqrt(4000))
    assert abs(moved - shift) < error
    # E[w]^2 / E[w^2] of the exact ratio is exp(-shift^2); the largest few weights make it noisy
    assert found.effective_share == pytest.approx(np.exp(-(shift**2)), rel=0.3)


def test_one_distribution_leaves_nearly_every_example():
    train, target = two_sets(0.0)
    assert domain_weights(train, target).effective_share > 0.98


def test_a_strength_of_zero_weighs_all_the_same():
    train, target = two_sets(1.0, 200, 200)
    found = domain_weights(train, target, 0.0)
    assert np.allclose(found.weights, 1.0)
    assert found.effective_share == pytest.approx(1.0)


@pytest.mark.parametrize("pair", [(0.0, 0.25), (0.25, 0.5), (0.5, 1.0)])
def test_a_stronger_weighting_leaves_fewer_examples(pair):
    train, target = two_sets(1.0, 600, 600)
    weak, strong = (domain_weights(train, target, each) for each in pair)
    assert strong.effective_share < weak.effective_share
    assert strong.weights.mean() == pytest.approx(1.0)


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=50))
def test_the_effective_share_lies_between_one_example_and_all(weights):
    assert 1 / len(weights) - 1e-9 <= effective_share(weights) <= 1.0 + 1e-9
    assert effective_share([weights[0]] * 7) == pytest.approx(1.0)


def test_test_examples_are_refused():
    train, target = two_sets(0.5, 50, 50)
    with pytest.raises(InputError, match="2 Test examples"):
        domain_weights(train, target, test_ids=["a", "b", "c"], target_ids=["b"], train_ids=["c", "d"])


def test_what_cannot_be_weighed_is_refused():
    train, target = two_sets(0.5, 50, 50)
    for arguments, problem in [
        ((train, target[:, :1]), "do not fit"),
        ((train, target[:5]), "do not fit"),
        ((train * np.nan, target), "no table"),
        ((train, target, 1.5), "between 0 and 1"),
    ]:
        with pytest.raises(InputError, match=problem):
            domain_weights(*arguments)


def test_weighting_mends_a_straight_line_fitted_to_the_wrong_part_of_a_curve():
    # y = x^2 with a straight line: the best line where deployment is (around 1.5) is not that of the training data (around 0).
    rng = np.random.default_rng(5)
    train, target = rng.normal(0.0, 1.0, (3000, 1)), rng.normal(1.5, 0.5, (3000, 1))
    weights = domain_weights(train, target).weights

    def error(weight):
        design = np.hstack([train, np.ones((len(train), 1))])
        line = np.linalg.lstsq(design * np.sqrt(weight)[:, None], train[:, 0] ** 2 * np.sqrt(weight), rcond=None)[0]
        return float(np.mean((target[:, 0] * line[0] + line[1] - target[:, 0] ** 2) ** 2))

    assert error(weights) < 0.3 * error(np.ones(len(train)))


def test_what_is_noted_is_what_rules_read():
    from playnote.playbook.measured import PROCEDURES

    train, target = two_sets(0.5, 60, 60)
    ids = {"test_ids": ["t"], "train_ids": ["a"], "target_ids": ["b"]}
    assert set(PROCEDURES["weights"].reads) <= set(domain_weights(train, target, **ids).as_facts())
    # without ids nobody looked whether Test was used
    assert "used_test" not in domain_weights(train, target).as_facts()
