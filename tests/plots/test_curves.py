"""Curves are thinned without losing what matters in them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playnote.plots.curves import CurveFacts, Line, curves_data, lines_of, measure_curves
from playnote.plots.thinning import LARGEST, thinned
from playnote.records.curves import Curve, NoCurves

values = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=400)


@given(values, st.integers(4, 50))
def test_a_thinned_curve_is_a_part_of_the_curve_with_its_ends_and_extremes(held: list[float], most: int) -> None:
    whole = Curve(np.arange(len(held), dtype=float), np.array(held))
    thin = thinned(whole, most)
    assert len(thin) <= most
    assert np.array_equal(thin.values, whole.values[thin.steps.astype(int)], equal_nan=True)
    assert thin.steps[0] == whole.steps[0]
    assert thin.steps[-1] == whole.steps[-1]
    if np.isfinite(whole.values).any():
        assert np.nanmax(thin.values) == np.nanmax(whole.values)
        assert np.nanmin(thin.values) == np.nanmin(whole.values)


def test_a_long_curve_is_drawn_with_at_most_two_thousand_points() -> None:
    long = Curve(np.arange(100_001, dtype=float), np.sin(np.arange(100_001)))
    assert len(thinned(long)) <= LARGEST == 2000


def test_what_is_not_finite_becomes_null_and_a_trial_without_a_curve_is_named() -> None:
    curve = Curve(np.array([0.0, 1.0]), np.array([1.0, np.nan]))
    data = curves_data(CurveFacts("dev/error", "steps", ((Line("t1", "0.2", 0), curve),)), "en")
    assert data["lines"][0]["y"] == [1.0, None]
    assert measure_curves(NoCurves(), "dev/error", lines_of({"0.2": ["t1"]}, "t9")).without == ("t1", "t9")


def test_the_window_leaves_out_the_first_fall_and_keeps_an_early_spike() -> None:
    steps = np.arange(0, 101, dtype=float)
    fall = 5 * np.exp(-steps / 5) + 0.1
    spike = fall.copy()
    spike[10] = 20.0
    shown = {
        name: curves_data(CurveFacts("train/loss", "steps", ((Line("t1", "0.2", 0), Curve(steps, values)),)), "zh")
        for name, values in (("fall", fall), ("spike", spike))
    }
    assert shown["fall"]["range"][1] < 1
    assert shown["spike"]["range"][1] > 20
