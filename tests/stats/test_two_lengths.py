"""Two lengths of one configuration: what was seen goes before what a law expects."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.diagnosis.still_improving import (
    answer_saturated_early,
    answer_still_improving,
    measure_saturated_early,
    measure_still_improving,
)
from playnote.stats.curve_fit import CurveFit, fit_curve
from playnote.stats.schedule import Schedule
from playnote.stats.two_lengths import LengthContrast, length_contrast, narrowed, nearest


def _run(end: float, total: float, seed: int, kind: str | None = "constant") -> CurveFit:
    """A curve that has long settled at `end`."""
    steps = np.linspace(total / 24, total, 24)
    errors = end + np.exp(-12.0 * steps / total) + 0.002 * np.random.default_rng(seed).standard_normal(24)
    schedule = None if kind is None else Schedule(kind, 1.0, 0.0, total)
    return fit_curve(steps, errors, schedule=schedule)


def test_the_difference_of_two_ends_is_what_the_runs_show() -> None:
    seen = length_contrast(_run(1.0, 1000, 1), _run(1.3, 500, 2))
    assert seen.ratio == pytest.approx(0.5)
    unit = _run(1.0, 1000, 1).curve.scale
    assert seen.quantile(0.02) * unit < 0.3 < seen.quantile(0.98) * unit


def test_seeds_widen_the_difference() -> None:
    calm, wild = (length_contrast(_run(1.0, 1000, 1), _run(1.3, 500, 2), sd) for sd in (0.0, 0.1))
    assert wild.spread > calm.spread
    assert wild.middle == calm.middle


def test_without_a_schedule_a_run_of_half_the_steps_says_whether_half_would_do() -> None:
    run = _run(1.0, 1000, 1, None)
    alone = answer_saturated_early(measure_saturated_early([], [], min_effect=0.1, fit=run))
    assert alone.label == "unknown"
    worse = measure_saturated_early([], [], min_effect=0.1, fit=run, others=[_run(1.3, 500, 2, None)])
    assert answer_saturated_early(worse).label == "no"
    same = measure_saturated_early([], [], min_effect=0.1, fit=run, others=[_run(1.0, 500, 3, None)])
    assert answer_saturated_early(same).label == "yes"


def test_without_a_schedule_only_a_run_of_the_length_asked_for_helps() -> None:
    run, half, longer = _run(1.0, 1000, 1, None), _run(1.3, 500, 2, None), _run(0.8, 1500, 4, None)
    facts = measure_still_improving([], [], min_effect=0.1, fit=run, others=[half])
    assert answer_still_improving(facts).label == "unknown"
    facts = measure_still_improving([], [], min_effect=0.1, fit=run, others=[longer])
    assert answer_still_improving(facts).label == "yes"


def test_a_law_that_sees_no_loss_is_overridden_by_a_run_that_lost() -> None:
    """The curve is flat from a third on, so its law expects half the steps to do; the second run ended far worse."""
    run = _run(1.0, 1000, 1)
    before = measure_saturated_early([], [], min_effect=0.1, fit=run)
    after = measure_saturated_early([], [], min_effect=0.1, fit=run, others=[_run(1.4, 500, 2)])
    assert answer_saturated_early(before).label == "yes"
    assert answer_saturated_early(after).label == "no"
    assert after.amount == pytest.approx(0.4, abs=0.02)


def test_what_a_second_run_showed_moves_the_weights_towards_the_draws_that_predict_it() -> None:
    run = _run(1.0, 1000, 1)
    assert run.law is not None
    predicted = run.law.at(np.array([2.0]), 2.0)[:, 0] - run.law.at(np.array([1.0]))[:, 0]
    low = float(np.quantile(predicted, 0.1))
    weights = narrowed(run.law, [LengthContrast(2.0, low, 0.01)])
    assert weights.sum() == pytest.approx(1.0)
    assert abs(weights @ predicted - low) < abs(run.law.weights @ predicted - low)


def test_the_nearest_length_is_only_taken_within_six_percent() -> None:
    half, other = LengthContrast(0.52, 0.0, 1.0), LengthContrast(0.6, 0.0, 1.0)
    assert nearest([other, half], 0.5) is half
    assert nearest([other], 0.5) is None
