"""Batch size against a made-up device whose knee, memory and data loader are known."""

import numpy as np
import pytest

from playnote.diagnosis.batch_size import BatchProbe, answer_batch_size, measure_batch_size, time_to_target


def device(batches, overhead=0.016, per_example=0.0001, noise=0.01, loader=0.0, memory=10**9, seed=0, **more):
    """t(B) = max(overhead, per_example B), or the loader's time where that is longer."""
    rng = np.random.default_rng(seed)
    probes = []
    for batch in batches:
        step = max(overhead, per_example * batch)
        wait = max(0.0, loader * batch - step)
        times = (step + wait) * np.exp(rng.normal(0, noise, 40))
        share = None if more.get("blind") else wait / (step + wait)
        probes.append(BatchProbe(batch, times, share, fits=batch <= memory))
    return measure_batch_size(probes)


DOUBLES = [16, 32, 64, 128, 256, 512]


def test_the_knee_is_found_and_the_last_paying_doubling_is_taken():
    facts = device(DOUBLES)
    assert facts.knee == pytest.approx(160, rel=0.1)
    finding = answer_batch_size(facts)
    assert (finding.label, finding.batch, finding.stop) == ("yes", 128, "slowing")
    assert finding.still_faster == 256


def test_a_slow_loader_is_a_bottleneck_and_not_saturation():
    finding = answer_batch_size(device(DOUBLES, loader=0.0004))
    assert finding.stop == "waiting"
    assert "data" in finding.note.en


def test_growth_that_goes_on_asks_for_the_next_doubling():
    finding = answer_batch_size(device([8, 16, 32, 64]))
    assert (finding.label, finding.batch, finding.settles[0].runs) == ("no", 64, 1)


def test_memory_ends_the_ladder_without_a_question():
    finding = answer_batch_size(device([8, 16, 32, 64, 128], memory=64))
    assert finding.batch == 64
    assert not finding.settles
    assert "128" in finding.note.en


def test_a_stall_of_unknown_cause_is_unknown():
    finding = answer_batch_size(device([128, 256, 512, 1024], overhead=0.05, per_example=0.0004, blind=True))
    assert finding.label == "unknown"
    assert finding.missing


@pytest.mark.parametrize("batches", [[], [32], [32, 64]])
def test_fewer_than_three_sizes_are_unknown(batches):
    assert answer_batch_size(device(batches)).label == "unknown"


def test_nan_times_and_thin_sizes_are_left_out():
    probes = [BatchProbe(8, [float("nan")] * 50), BatchProbe(16, [0.1] * 5), BatchProbe(32, [0.1] * 30)]
    assert measure_batch_size(probes).sizes == (32,)


def test_ratio_intervals_hold_the_truth():
    """200 ladders of noise 10 %: a 95 % interval misses at most 24 of 200 with probability above 0.9999."""
    missed = 0
    for seed in range(200):
        step = device([16, 32], noise=0.1, seed=seed).doublings[0]
        missed += not step.interval[0] <= 2.0 <= step.interval[1]
    assert missed <= 24


def test_time_to_target_halves_with_the_batch_until_the_critical_one():
    slow, fast = (time_to_target(1.0, batch, 1000, 1000) for batch in (1, 2))
    assert slow / fast == pytest.approx(2.0, rel=0.01)
