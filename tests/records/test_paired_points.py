"""Points run for several scientific values are one observation each, not several."""

import numpy as np
import pytest

from playnote.diagnosis.importance import answer_importance, measure_importance
from playnote.records.points import points_of
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Float
from playnote.space.space import Space

SPACE = Space((Float(name="lr", low=0.0, high=1.0), Float(name="idle", low=0.0, high=1.0)))


def table(points, levels, rng, *, diverged=()):
    """Every point run at every level; lr matters, idle does not."""
    unit = np.tile(points, (len(levels), 1))
    error = (unit[:, 0] - 0.4) ** 2 + np.repeat(levels, len(points)) + 0.01 * rng.normal(size=len(unit))
    bad = np.isin(np.arange(len(unit)), diverged)
    n = len(unit)
    made = TrialTable(
        space=SPACE,
        ids=tuple(f"t{at:04d}" for at in range(n)),
        unit=unit,
        error=np.where(bad, np.nan, error),
        ok=~bad,
        diverged=bad,
        pruned=np.zeros(n, dtype=bool),
        failed=np.zeros(n, dtype=bool),
        last_error=np.full(n, np.nan),
    )
    return made, [f"r1/{level}" for level in np.repeat(levels, len(points))]


def test_a_complete_round_gives_the_mean_of_each_point():
    rng = np.random.default_rng(0)
    made, studies = table(rng.random((30, 2)), [0.0, 0.3, 0.5], rng)
    points = points_of(made, studies)
    assert len(points) == 30
    np.testing.assert_allclose(points.error, made.error.reshape(3, 30).mean(axis=0), rtol=1e-9)


def test_a_point_that_diverged_for_one_value_keeps_its_place_in_the_order():
    rng = np.random.default_rng(1)
    place = rng.random((30, 2))
    made, studies = table(place, [0.0, 5.0], rng, diverged=[3, 33, 34])
    points = points_of(made, studies)
    assert points.diverged[3]
    assert not points.ok[3]
    assert points.ok[4]
    # The fourth point has only its study at level 0: without that level taken out it would be the best by far.
    whole = points_of(*table(place, [0.0, 5.0], np.random.default_rng(1)))
    assert points.error[4] == pytest.approx(whole.error[4], abs=0.05)


def test_points_run_once_are_left_as_they_are():
    rng = np.random.default_rng(2)
    made, studies = table(rng.random((20, 2)), [0.0], rng)
    assert points_of(made, studies) is made


def test_a_hyperparameter_that_does_nothing_is_called_decisive_no_more_often_than_its_band_says():
    """200 rounds of three values on 50 points: at most the nominal 5 % plus 4 SD; taken row by row it is far more."""
    rows = by_point = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        made, studies = table(rng.random((50, 2)), [0.0, 0.01, 0.02], rng)
        by_point += answer_importance(measure_importance(points_of(made, studies), shuffles=100), "idle").label == "yes"
        rows += answer_importance(measure_importance(made, shuffles=100), "idle").label == "yes"
    assert by_point <= 10 + 4 * np.sqrt(200 * 0.05 * 0.95)
    assert rows > 2 * by_point
