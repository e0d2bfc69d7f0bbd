"""Overfitting, still improving, saturated, step variance, checkpoint bias: known answers, unknowns and laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_curves import CONSTANT, COSINE, STEPS, falling, risen

from playnote.diagnosis.checkpoint_bias import answer_checkpoint_bias, measure_checkpoint_bias
from playnote.diagnosis.overfitting import answer_overfitting, measure_overfitting
from playnote.diagnosis.step_variance import answer_step_variance, measure_step_variance
from playnote.diagnosis.still_improving import (
    answer_saturated_early,
    answer_still_improving,
    measure_saturated_early,
    measure_still_improving,
)
from playnote.records.finding import Finding
from playnote.records.settings import Settings

Ask = Callable[..., Finding]


def _ask(measure: Callable[..., Any], answer: Callable[..., Finding]) -> Ask:
    return lambda *args, **known: answer(measure(*args, **known))


OVERFITTING = _ask(measure_overfitting, answer_overfitting)
STILL = _ask(measure_still_improving, answer_still_improving)
SATURATED = _ask(measure_saturated_early, answer_saturated_early)
VARIANCE = _ask(measure_step_variance, answer_step_variance)
BIAS = _ask(measure_checkpoint_bias, answer_checkpoint_bias)
ALL = {"overfitting": OVERFITTING, "still": STILL, "saturated": SATURATED, "variance": VARIANCE, "bias": BIAS}
every_question = pytest.mark.parametrize("ask", ALL.values(), ids=ALL.keys())


@pytest.mark.parametrize("onset", [0.08, 0.3, 0.6])
def test_a_rise_well_above_min_effect_is_overfitting_even_when_it_starts_early(onset: float) -> None:
    finding = OVERFITTING(STEPS, risen(onset, 0.04), schedule=COSINE, min_effect=0.01)
    assert finding.label == "yes"
    assert finding.estimate is not None
    assert 0.02 < finding.estimate < 0.05


def test_a_curve_that_only_falls_does_not_overfit() -> None:
    assert OVERFITTING(STEPS, falling(0.1), schedule=COSINE, min_effect=0.01).label == "no"


def test_a_bump_that_recovers_is_not_overfitting_at_the_end() -> None:
    bump = 0.03 * np.exp(-(((STEPS / STEPS[-1] - 0.4) / 0.06) ** 2) / 2)
    assert OVERFITTING(STEPS, falling(0.1) + bump, schedule=COSINE, min_effect=0.01).label != "yes"


def test_one_bad_evaluation_at_the_end_is_not_overfitting() -> None:
    errors = falling(0.1)
    errors[-1] += 0.05
    assert OVERFITTING(STEPS, errors, schedule=COSINE, min_effect=0.01).label != "yes"


def test_noise_of_half_of_min_effect_is_not_taken_for_overfitting() -> None:
    """50 noisy healthy curves; at a false-alarm rate of 4 %, more than 7 have probability below 1e-2."""
    alarms = sum(
        OVERFITTING(STEPS, falling(0.1, 0.005, seed), schedule=COSINE, min_effect=0.01).label == "yes"
        for seed in range(50)
    )
    assert alarms <= 7


def test_a_steadily_falling_curve_under_constant_lr_is_still_improving() -> None:
    finding = STILL(STEPS, falling(0.8), schedule=CONSTANT, min_effect=0.01)
    assert finding.label == "yes"
    assert SATURATED(STEPS, falling(0.8), schedule=CONSTANT, min_effect=0.01).label == "no"


def test_a_long_flat_curve_has_stopped_improving_and_half_the_steps_would_have_done() -> None:
    assert STILL(STEPS, falling(0.05), schedule=CONSTANT, min_effect=0.02).label == "no"
    assert SATURATED(STEPS, falling(0.05), schedule=CONSTANT, min_effect=0.02).label == "yes"


@pytest.mark.parametrize("ask", [STILL, SATURATED])
def test_without_a_schedule_the_length_questions_are_unknown(ask: Ask) -> None:
    finding = ask(STEPS, falling(0.8), min_effect=0.01)
    assert finding.label == "unknown"
    assert finding.p is None
    assert finding.missing
    assert finding.settles


def test_the_noise_of_a_steep_tail_is_not_its_trend() -> None:
    quiet = 1.0 - 0.5 * STEPS / STEPS[-1] + 0.001 * np.random.default_rng(1).standard_normal(len(STEPS))
    assert VARIANCE(STEPS, quiet, schedule=CONSTANT, min_effect=0.01).label == "no"
    assert VARIANCE(STEPS, falling(0.1, 0.03, 2), schedule=CONSTANT, min_effect=0.01).label == "yes"


def test_the_best_of_many_noisy_checkpoints_flatters_by_about_c_times_the_noise() -> None:
    finding = BIAS(STEPS, falling(0.02, 0.01, 3), schedule=CONSTANT, min_effect=0.01)
    assert finding.label == "yes"
    assert finding.estimate is not None
    assert 0.01 < finding.estimate < 0.04
    assert BIAS(STEPS, falling(0.02, 0.001, 3), schedule=CONSTANT, min_effect=0.01).label == "no"


@every_question
def test_without_min_effect_the_answer_is_unknown_and_says_from_where_it_matters(ask: Ask) -> None:
    finding = ask(STEPS, risen(0.3, 0.04), schedule=CONSTANT)
    assert finding.label == "unknown"
    assert finding.p is None
    assert any("min_effect" in fact.en for fact in finding.missing)
    assert finding.estimate is not None


@every_question
def test_with_too_few_evaluations_the_answer_is_unknown(ask: Ask) -> None:
    for n in (0, 1, 2, 3, 4):
        finding = ask(STEPS[:n], falling(0.1)[:n], schedule=COSINE, min_effect=0.01)
        assert finding.label == "unknown"
        assert finding.missing


@pytest.mark.parametrize("ask", [OVERFITTING, STILL, SATURATED])
def test_readings_that_stop_before_the_run_does_leave_its_end_unknown(ask: Ask) -> None:
    errors = risen(0.3, 0.04)
    errors[-8:] = np.nan
    assert ask(STEPS, errors, schedule=COSINE, min_effect=0.01).label == "unknown"


@every_question
@pytest.mark.parametrize("factor", [2.0**-33, 0.01, 2.0**40])
def test_the_unit_of_the_metric_and_of_the_steps_changes_no_label(ask: Ask, factor: float) -> None:
    for seed in range(4):
        errors = risen(0.3, [0.0, 0.005, 0.01, 0.03][seed], 0.004, seed)
        lr = 0.1 * (1 - STEPS / STEPS[-1])
        plain = ask(STEPS, errors, lr=lr, min_effect=0.01)
        scaled = ask(STEPS * 64, errors * factor, lr=lr * 8, min_effect=0.01 * factor)
        assert scaled.label == plain.label
        assert scaled.p == pytest.approx(plain.p, abs=5e-3)


@every_question
def test_shifting_the_metric_changes_no_label(ask: Ask) -> None:
    for seed in range(4):
        errors = risen(0.3, [0.0, 0.005, 0.01, 0.03][seed], 0.004, seed)
        plain = ask(STEPS, errors, schedule=COSINE, min_effect=0.01)
        shifted = ask(STEPS, errors - 3.0, schedule=COSINE, min_effect=0.01)
        assert shifted.label == plain.label
        assert shifted.p == pytest.approx(plain.p, abs=5e-3)


@every_question
def test_the_order_in_which_evaluations_were_written_changes_nothing(ask: Ask) -> None:
    order = np.random.default_rng(5).permutation(len(STEPS))
    errors = risen(0.3, 0.02)
    plain = ask(STEPS, errors, schedule=COSINE, min_effect=0.01)
    shuffled = ask(STEPS[order], errors[order], schedule=COSINE, min_effect=0.01)
    assert shuffled == plain


@every_question
def test_every_answer_quotes_the_settings_it_was_decided_by(ask: Ask) -> None:
    finding = ask(STEPS, falling(0.1), schedule=COSINE, min_effect=0.01)
    assert len(finding.thresholds) >= 3
    assert all(threshold.source for threshold in finding.thresholds)


def test_a_project_that_wants_surer_answers_gets_them() -> None:
    facts = measure_overfitting(STEPS, risen(0.3, 0.04), schedule=COSINE, min_effect=0.01)
    sure = answer_overfitting(facts, Settings({"overfitting.yes": 1.0}), {"trial": "t0001"})
    assert sure.label == "unknown"
    assert sure.target == {"trial": "t0001"}


_ANY = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1.0, 1e300, -1e300])
_EFFECT = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@every_question
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_ANY, _ANY, _ANY), max_size=15), _EFFECT, st.sampled_from([None, COSINE, CONSTANT]))
def test_no_input_crashes_and_label_and_probability_never_contradict(
    ask: Ask, rows: list[tuple[float, float, float]], effect: float | None, schedule: object
) -> None:
    steps, errors, lr = (np.array([row[i] for row in rows]) for i in range(3))
    finding = ask(steps, errors, lr=lr, schedule=schedule, min_effect=effect)
    assert finding.p is None or 0.0 <= finding.p <= 1.0
    if finding.label == "yes":
        assert finding.p is not None
        assert finding.p >= 0.5
    if finding.label == "no":
        assert finding.p is not None
        assert finding.p <= 0.5
