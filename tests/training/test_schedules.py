"""Schedules: lengths, peak and area are exact; a longer run keeps the peak and does not waste its steps."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.training.schedules import LearningRate, extension_is_wasted, torch_schedule

schedules = st.builds(
    lambda kind, steps, warmup, hold, end: LearningRate(
        peak=0.3, steps=steps, kind=kind, warmup=warmup, hold=min(hold, steps), end=end
    ),
    st.sampled_from(["constant", "linear", "cosine"]),
    st.integers(1, 300),
    st.integers(0, 50),
    st.integers(0, 300),
    st.sampled_from([0.0, 0.1]),
)


@given(schedules)
def test_the_rate_is_zero_at_the_first_step_of_a_warmup_and_the_peak_at_its_end(schedule):
    assert schedule.rate(0) == (0.0 if schedule.warmup else schedule.peak * schedule.factor(0))
    if schedule.hold or schedule.kind == "constant" or schedule.decay:
        assert schedule.rate(schedule.warmup) == schedule.peak
    assert max(schedule.rate(step) for step in range(schedule.total + 1)) == schedule.peak


@given(schedules, st.integers(0, 60))
def test_a_warmup_is_put_before_and_leaves_what_follows_as_it_was(schedule, warmup):
    plain = schedule.with_warmup(0)
    warm = plain.with_warmup(warmup)
    assert warm.total == plain.total + warmup
    assert [warm.rate(warmup + step) for step in range(plain.total + 1)] == [
        plain.rate(step) for step in range(plain.total + 1)
    ]


@given(schedules, st.integers(0, 1000))
def test_a_longer_run_keeps_peak_warmup_and_the_length_of_a_linear_decay(schedule, more):
    longer = schedule.stretched(schedule.steps + more)
    assert (longer.peak, longer.warmup, longer.total) == (schedule.peak, schedule.warmup, schedule.total + more)
    if schedule.kind == "linear":
        assert longer.decay == schedule.decay
        assert longer.low_steps() == schedule.low_steps()
        assert not extension_is_wasted(schedule, longer)


@given(schedules)
def test_the_rate_never_rises_after_the_warmup_and_ends_where_it_was_asked_to(schedule):
    rates = [schedule.rate(step) for step in range(schedule.warmup, schedule.total + 1)]
    assert rates == sorted(rates, reverse=True)
    end = 1.0 if schedule.kind == "constant" or not schedule.decay else schedule.end
    assert rates[-1] == pytest.approx(schedule.peak * end, abs=1e-15)


def test_areas_are_those_of_the_closed_forms():
    n = 1000
    assert LearningRate(peak=2.0, steps=n).area() == pytest.approx(2.0 * n)
    assert LearningRate(peak=2.0, steps=n, kind="linear").area() == pytest.approx(n + 1.0)
    assert LearningRate(peak=2.0, steps=n, kind="cosine").area() == pytest.approx(n + 1.0)
    assert LearningRate(peak=2.0, steps=n, warmup=100).area() == pytest.approx(2.0 * n + 2.0 * 49.5)


def test_a_cosine_spends_a_fifth_of_its_steps_low_and_a_tail_after_a_linear_decay_is_wasted():
    cosine = LearningRate(peak=1.0, steps=1000, kind="cosine")
    assert cosine.low_steps() == pytest.approx(1000 * math.acos(0.8) / math.pi, abs=1)
    short = LearningRate(peak=1.0, steps=100, kind="linear")
    assert not extension_is_wasted(short, short.stretched(1000))
    crawling = LearningRate(peak=1.0, steps=200, kind="linear", end=0.0)
    flat = LearningRate(peak=1.0, steps=180)
    assert extension_is_wasted(flat, crawling)


def test_a_schedule_that_makes_no_sense_is_refused():
    with pytest.raises(InputError, match="makes no sense"):
        LearningRate(peak=1.0, steps=10, hold=11)


def test_the_torch_scheduler_steps_through_exactly_these_rates():
    torch = pytest.importorskip("torch")
    schedule = LearningRate(peak=0.2, steps=20, kind="cosine", warmup=5)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch_schedule(optimizer, schedule)
    seen = []
    for _ in range(schedule.total):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert seen == pytest.approx([schedule.rate(step) for step in range(schedule.total)])
