"""Loss instability, gradient outliers and clipping: known answers, healthy look-alikes, unknowns and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_curves import Floats, healthy_loss, with_spike

from playnote.diagnosis.gradient_outliers import (
    GradientOutliersFinding,
    answer_clip,
    answer_gradient_outliers,
    measure_clip,
    measure_gradient_outliers,
)
from playnote.diagnosis.instability import InstabilityFinding, answer_instability, measure_instability


def _unstable(loss: Floats, **dev: object) -> InstabilityFinding:
    return answer_instability(measure_instability(np.arange(1, len(loss) + 1), loss, **dev))  # type: ignore[arg-type]


def _outliers(norms: Floats, clipped: bool | None = False) -> GradientOutliersFinding:
    return answer_gradient_outliers(measure_gradient_outliers(np.arange(len(norms)), norms, clipped=clipped))


@pytest.mark.parametrize(("at", "early"), [(500, False), (30, True)])
def test_a_lasting_spike_is_instability_wherever_it_stands(at: int, early: bool) -> None:
    finding = _unstable(with_spike(healthy_loss(), at, 2.0, 12))
    assert finding.label == "yes"
    assert finding.sign == "excursion"
    assert finding.at is not None
    assert abs(finding.at - at) < 10
    assert finding.early is early


def test_slow_divergence_is_instability() -> None:
    loss = healthy_loss()
    loss[500:] += np.linspace(0, 0.6, 300)
    finding = _unstable(loss)
    assert finding.label == "yes"
    assert finding.sign == "slow-divergence"


def test_a_loss_that_is_not_a_number_is_instability_even_in_a_short_series() -> None:
    finding = _unstable(np.array([2.0, 1.5, np.nan]))
    assert finding.label == "yes"
    assert finding.sign == "not-finite"
    assert finding.at == 3


def _look_alike(kind: str, seed: int) -> Floats:
    loss, rng = healthy_loss(seed=seed), np.random.default_rng(seed + 1000)
    if kind == "hard batches":
        loss[rng.integers(20, 780, 5)] += 1.5
    elif kind == "mixed difficulty":
        loss += 0.5 * (rng.random(800) < 0.2)
    elif kind == "epoch sawtooth":
        loss += 0.15 * (1 - np.arange(800) % 80 / 80)
    elif kind == "edge of stability":
        loss[200:500] += 0.15 * np.sin(np.arange(300) * 2.1)
    elif kind == "lr drop":
        loss[400:] -= 0.4 * (1 - np.exp(-np.arange(400) / 10))
    elif kind == "heavy tails":
        loss += 0.05 * rng.standard_t(3, 800)
    return loss


@pytest.mark.parametrize(
    "kind", ["hard batches", "mixed difficulty", "epoch sawtooth", "edge of stability", "lr drop", "heavy tails"]
)
def test_a_healthy_look_alike_is_rarely_called_unstable(kind: str) -> None:
    """20 runs of each kind; at a false-alarm rate of 3 %, more than 4 have probability below 1e-3."""
    assert sum(_unstable(_look_alike(kind, seed)).label == "yes" for seed in range(20)) <= 4


def test_a_rise_that_the_evaluations_do_not_follow_is_not_called_instability() -> None:
    loss = with_spike(healthy_loss(), 500, 1.0, 60)
    steps = np.arange(10, 801, 10)
    calm = 1 + np.exp(-steps / 100) + 0.01 * np.random.default_rng(1).standard_normal(len(steps))
    follows = calm + np.where((steps >= 500) & (steps < 640), 0.5, 0.0)
    assert _unstable(loss, dev_steps=steps, dev_errors=calm).label == "unknown"
    assert _unstable(loss, dev_steps=steps, dev_errors=follows).label == "yes"


def test_a_short_loss_series_is_unknown() -> None:
    for n in (0, 1, 10, 100, 149):
        finding = _unstable(healthy_loss()[:n])
        assert finding.label == "unknown"
        assert finding.p is None
        assert finding.missing


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5000), st.sampled_from([2.0**-30, 1.0, 2.0**30]), st.sampled_from([-8.0, 0.0, 64.0]))
def test_the_unit_and_level_of_the_loss_and_the_unit_of_steps_change_no_label(
    seed: int, factor: float, shift: float
) -> None:
    loss = with_spike(healthy_loss(400, seed), 200, [0.0, 0.2, 1.0][seed % 3], 10)
    plain = answer_instability(measure_instability(np.arange(400), loss))
    moved = answer_instability(measure_instability(np.arange(400) * 8, (loss + shift) * factor))
    assert moved.label == plain.label
    # Where rounding turns a tie of two medians, a strength moves by a few hundredths, and p by a percent at most.
    assert moved.p == pytest.approx(plain.p, abs=0.02)


def test_a_giant_norm_is_an_outlier_and_log_normal_norms_are_not() -> None:
    norms = np.exp(0.4 * np.random.default_rng(1).standard_normal(600))
    assert _outliers(norms).label == "no"
    norms[300] *= 60
    finding = _outliers(norms)
    assert finding.label == "yes"
    assert finding.at == 300


def test_norms_logged_after_clipping_or_in_an_unsaid_way_are_unknown() -> None:
    norms = np.exp(0.4 * np.random.default_rng(1).standard_normal(600))
    for clipped in (True, None):
        finding = _outliers(norms, clipped)
        assert finding.label == "unknown"
        assert finding.p is None


def test_few_norms_are_unknown() -> None:
    assert _outliers(np.ones(49)).label == "unknown"


def test_infinite_norms_under_mixed_precision_are_counted_but_are_no_outliers() -> None:
    norms = np.exp(0.3 * np.random.default_rng(2).standard_normal(300))
    norms[[10, 20]] = np.inf
    facts = measure_gradient_outliers(np.arange(300), norms)
    assert facts.infinite == 2
    assert answer_gradient_outliers(facts).label == "no"


def test_the_clip_threshold_is_the_ninetieth_percentile_after_warmup() -> None:
    norms = np.exp(np.random.default_rng(3).standard_normal(1000))
    norms[:100] *= 50
    facts = measure_clip(np.arange(1000), norms, warmup_steps=99, in_use=0.2)
    assert facts.threshold == pytest.approx(float(np.quantile(norms[100:], 0.9)))
    finding = answer_clip(facts)
    assert finding.label == "yes"
    assert finding.over is not None
    assert finding.over > 0.9


def test_a_threshold_that_clips_a_tenth_is_not_too_low_and_few_norms_give_none() -> None:
    norms = np.exp(np.random.default_rng(4).standard_normal(1000))
    assert answer_clip(measure_clip(np.arange(1000), norms, in_use=3.6)).label == "no"
    short = answer_clip(measure_clip(np.arange(150), norms[:150], in_use=3.6))
    assert short.label == "unknown"
    assert short.estimate is None
    assert answer_clip(measure_clip(np.arange(1000), norms, clipped=True)).label == "unknown"


_ANY = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1.0, 1e300, -1e300])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_ANY, _ANY), max_size=12), st.integers(1, 30))
def test_no_series_crashes(rows: list[tuple[float, float]], times: int) -> None:
    steps = np.array([row[0] for row in rows] * times)
    values = np.array([row[1] for row in rows] * times)
    findings = (
        answer_instability(measure_instability(steps, values, dev_steps=steps, dev_errors=values)),
        answer_instability(measure_instability(np.arange(len(values)), np.nan_to_num(values))),
        answer_gradient_outliers(measure_gradient_outliers(np.arange(len(values)), values)),
        answer_clip(measure_clip(np.arange(len(values)), values, in_use=1.0)),
    )
    assert all(finding.p is None or 0.0 <= finding.p <= 1.0 for finding in findings)
