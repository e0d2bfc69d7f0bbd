"""Training length: first passage where it is exact, best-step shares, and schedules that forbid a reading."""

import math

import numpy as np
import pytest

from playnote.diagnosis.steps import (
    TrainCurve,
    answer_first_length,
    answer_length_in_use,
    first_passage,
    measure_first_length,
    measure_length_in_use,
    running_median,
)

RNG = np.random.default_rng


def descent(rate, eps=1e-6, n=400, noise=0.0):
    """Gradient descent on a quadratic of curvature 1: error (1 - rate)^(2t)."""
    steps = np.arange(n, dtype=float)
    error = np.abs(1 - rate) ** (2 * steps)
    return TrainCurve(f"lr{rate}", rate, steps, error * np.exp(RNG(0).normal(0, noise, n)))


def test_steps_on_a_quadratic_are_the_closed_form():
    facts = measure_first_length([descent(rate) for rate in (0.1, 0.2, 0.5, 0.7, 1.6)], 1e-6, RNG(0))
    exact = math.ceil(math.log(1e-6) / (2 * math.log(0.3)))
    assert exact <= facts.steps <= exact + 2
    assert facts.fastest == "lr0.7"
    assert answer_first_length(facts).label == "yes"


def test_a_fastest_rate_at_the_end_of_the_range_could_be_much_shorter():
    finding = answer_first_length(
        measure_first_length([descent(r) for r in (0.01, 0.02, 0.05, 0.1, 0.2)], 1e-3, RNG(0))
    )
    assert finding.label == "unknown"
    assert finding.settles


def test_a_target_that_nobody_reaches_is_refused():
    finding = answer_first_length(
        measure_first_length([descent(r) for r in (0.01, 0.02, 0.03, 0.04, 0.05)], 0.0, RNG(0))
    )
    assert finding.label == "no"


def test_few_rates_or_a_single_success_are_unknown():
    assert answer_first_length(measure_first_length([descent(0.5), descent(0.4)], 1e-6, RNG(0))).label == "unknown"
    assert answer_first_length(measure_first_length([], 1e-6, RNG(0))).label == "unknown"


def test_the_interval_holds_the_noiseless_passage():
    curve = descent(0.02, noise=0.3)
    facts = measure_first_length([curve, descent(0.01), descent(0.015), descent(0.021, n=2)], 0.05, RNG(1))
    clean = first_passage(np.arange(400.0), running_median(0.98 ** (2 * np.arange(400.0))), 0.05)
    assert facts.interval[0] - 5 <= clean <= facts.interval[1] + 5


def test_one_lucky_reading_is_no_passage():
    smooth = np.array([3.0, 0.5, 3.0, 2.0, 0.9, 0.8])
    assert first_passage(np.arange(6.0), smooth, 1.0) == 4.0


@pytest.mark.parametrize("n", [0, 1, 4, 5, 30])
def test_the_running_median_is_that_of_the_last_readings(n):
    errors = RNG(n).random(n)
    plain = [np.median(errors[max(0, i - 4) : i + 1]) for i in range(n)]
    assert list(running_median(errors)) == pytest.approx(plain)


def test_best_steps_that_are_always_early_mean_too_long():
    finding = answer_length_in_use(measure_length_in_use([50, 80, 60, 90], 1000, constant=None))
    assert (finding.label, finding.verdict, finding.suggested) == ("yes", "too-long", 180)


@pytest.mark.parametrize(("constant", "verdict"), [(True, "too-short"), (False, "unknown"), (None, "unknown")])
def test_a_late_best_says_something_only_at_a_constant_rate(constant, verdict):
    finding = answer_length_in_use(measure_length_in_use([990, 950, 980, 1000], 1000, constant=constant))
    assert finding.verdict == verdict


def test_two_trials_are_too_few():
    assert answer_length_in_use(measure_length_in_use([10, 20], 1000, constant=True)).label == "unknown"


def test_flat_plateaus_are_rarely_called_too_short():
    """Five trials, best step uniform: three or more of five late has probability 0.10; 400 draws stay under 20 %."""
    rng = RNG(4)
    wrong = 0
    for _ in range(400):
        facts = measure_length_in_use(rng.random(5) * 1000, 1000, constant=True)
        wrong += answer_length_in_use(facts).verdict == "too-short"
    assert wrong <= 80
