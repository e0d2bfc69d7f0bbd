"""Series are brought into order the same way whatever their unit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playnote.stats.readings import in_order, readings

_VALUES = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 3)), min_size=2, max_size=30)


def test_steps_are_sorted_and_the_last_reading_of_a_step_wins() -> None:
    at, value = in_order([3, 1, 3, 2], [30.0, 10.0, 33.0, 20.0])
    assert at.tolist() == [1, 2, 3]
    assert value.tolist() == [10.0, 20.0, 33.0]


def test_readings_that_are_not_finite_are_left_out_but_their_steps_count_for_the_length() -> None:
    curve = readings([1, 2, 4], [1.0, 2.0, float("nan")])
    assert curve.time.tolist() == [0.25, 0.5]


@given(_VALUES, st.sampled_from([2.0**-20, 0.5, 8.0, 2.0**40]))
def test_multiplying_the_metric_changes_only_the_scale(values: list[float], factor: float) -> None:
    steps = np.arange(1, len(values) + 1)
    first, second = readings(steps, values), readings(steps * 10, np.array(values) * factor)
    np.testing.assert_allclose(first.values, second.values, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(first.time, second.time)


@given(_VALUES)
def test_going_to_the_scale_and_back_is_the_identity(values: list[float]) -> None:
    curve = readings(np.arange(1, len(values) + 1), values)
    np.testing.assert_allclose(curve.from_scale(curve.to_scale(0.25)), 0.25, rtol=1e-12)


def test_empty_constant_and_enormous_series_have_a_scale() -> None:
    for values in ([], [2.0], [5.0] * 4, [1e300, -1e300, 0.0], [float("nan")] * 3):
        curve = readings(np.arange(len(values)), values)
        assert curve.scale > 0
        assert np.isfinite(curve.values).all()
