"""A warm restart lifts the loss: what it explains is taken out, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.diagnosis.instability import measure_instability
from playnote.stats.lr_rises import without_lr_rises
from playnote.stats.schedule import Schedule, lr_at

N = 600
TIME = np.arange(1, N + 1) / N
RESTARTS = Schedule("restarts", 0.1, 0.0, N)


def _loss(seed: int, lift: float) -> np.ndarray:
    noise = 0.05 * np.random.default_rng(seed).standard_normal(N)
    return 1.0 + 2.0 / (1.0 + 20.0 * TIME) + noise + lift * RESTARTS.relative(TIME)


def test_the_part_that_follows_the_learning_rate_is_found_from_the_restarts() -> None:
    """The lift is 8 noise SDs; two restarts tell it to about half a noise SD."""
    flat = without_lr_rises(_loss(1, 0.4), np.full(N, 0.05), RESTARTS.relative(TIME))
    assert np.polyfit(RESTARTS.relative(TIME)[210:], (_loss(1, 0.4) - flat)[210:], 1)[0] == pytest.approx(0.4, abs=0.08)


def test_a_schedule_without_restarts_changes_nothing() -> None:
    for kind in ("constant", "cosine", "linear", "wsd", "step"):
        relative = Schedule(kind, 0.1, 60.0, N).relative(TIME)
        np.testing.assert_array_equal(without_lr_rises(_loss(2, 0.0), np.full(N, 0.05), relative), _loss(2, 0.0))


def test_a_restart_is_not_instability_where_the_schedule_is_known() -> None:
    steps = np.arange(1, N + 1)
    known = [measure_instability(steps, _loss(seed, 0.2), schedule=RESTARTS).p for seed in range(20)]
    assert sum(p is not None and p >= 0.5 for p in known) <= 1


def test_a_spike_at_one_of_two_restarts_is_still_seen() -> None:
    spiked = _loss(3, 0.2)
    spiked[200:260] += 1.0 * np.exp(-np.arange(60) / 30.0)
    p = measure_instability(np.arange(1, N + 1), spiked, schedule=RESTARTS).p
    assert p is not None
    assert p > 0.8


def test_a_logged_learning_rate_goes_before_the_name_of_the_schedule() -> None:
    steps = np.arange(1.0, 11.0)
    np.testing.assert_allclose(lr_at(steps, steps, steps, RESTARTS, 10.0), steps / 10.0)
    assert lr_at(steps, steps, None, None, 10.0) is None
