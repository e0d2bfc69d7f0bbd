"""The seed noise that an error rate must have: against simulated runs, and on numbers that are none."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.stats.seed_floor import seed_noise_floor


def test_calibrated_runs_of_two_classes_vary_by_just_the_floor() -> None:
    """4,000 runs on 500 examples. A calibrated ensemble: of the examples that a share q of the runs calls class 1, a
    share q is of class 1. The standard error of an SD from 4,000 runs is 1.1 %; four of them are allowed."""
    rng = np.random.default_rng(1)
    q = rng.beta(0.4, 0.4, 500)
    truth = rng.random(500) < q
    errors = ((rng.random((4000, 500)) < q) != truth).mean(axis=1)
    # Given these 500 truths the variance is the mean of q (1 - q) over n; its expectation is err / 2 over n.
    assert np.sqrt(np.mean(q * (1 - q)) / 500) == pytest.approx(errors.std(), rel=0.045)
    assert seed_noise_floor(float(np.mean(2 * q * (1 - q))), 500) == pytest.approx(errors.std(), rel=0.045)


def test_five_percent_of_ten_thousand_examples_is_sixteen_hundredths_of_a_percent() -> None:
    assert seed_noise_floor(0.05, 10_000) == pytest.approx(0.00158, abs=1e-5)


@pytest.mark.parametrize(("error", "examples"), [(-0.1, 10), (1.1, 10), (0.1, 0), (float("nan"), 10), (0.1, np.inf)])
def test_what_is_no_rate_or_no_count_has_no_floor(error: float, examples: float) -> None:
    assert seed_noise_floor(error, examples) is None
