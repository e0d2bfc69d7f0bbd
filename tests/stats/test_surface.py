"""The surface against a direct posterior, and its lowest place against a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.stats.links import NAMES, linked
from playnote.stats.response import fit_response
from playnote.stats.surface import Surface, fit_surface, heights, lowest


def _bowl() -> Surface:
    rng = np.random.default_rng(5)
    cross = np.zeros((6, 2, 2))
    cross[:, 0, 1] = cross[:, 1, 0] = rng.uniform(-1, 1, 6)
    none = np.zeros((6, 0))
    return Surface(np.zeros(6), rng.normal(size=(6, 2)), rng.uniform(0.6, 2, (6, 2)), cross, none, np.ones(6), 0.0, 0.0)


def test_lowest_place_of_a_bowl_is_that_of_a_grid() -> None:
    surface = _bowl()
    low, high = np.array([[-1.0, -1.0], [-1.0, -2.0]]), np.array([[1.0, 1.0], [1.0, 1.0]])
    found, _ = lowest(surface, np.zeros(2), low, high, sweeps=60)
    for box in range(2):
        sides = [np.linspace(low[box, j], high[box, j], 401) for j in range(2)]
        grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(1, -1, 2)
        best = heights(surface, np.broadcast_to(grid, (6, *grid.shape[1:]))).min(axis=1)
        assert found[:, box] == pytest.approx(best, abs=1e-3)


def test_surface_finds_a_quadratic_it_was_given() -> None:
    rng = np.random.default_rng(0)
    c = 2 * rng.random((200, 2)) - 1
    z = 0.5 + c @ [1.0, -2.0] + c**2 @ [1.5, 0.7] + 0.4 * c[:, 0] * c[:, 1] + 0.01 * rng.standard_normal(200)
    surface = fit_surface(c, np.empty((200, 0)), z, np.ones(200), rng, draws=400)
    assert surface.linear.mean(axis=0) == pytest.approx([1.0, -2.0], abs=0.02)
    assert surface.square.mean(axis=0) == pytest.approx([1.5, 0.7], abs=0.02)
    assert surface.cross[:, 0, 1].mean() == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_back_to_the_errors(name: str) -> None:
    errors = np.array([0.0, 0.01, 0.2, 0.5, 0.7, 1.0])
    seen = linked(name, errors)
    assert seen.back(seen.z) == pytest.approx(errors)
    assert seen.weight.mean() == pytest.approx(1.0)
    assert np.all(np.diff(seen.z) > 0)


def test_a_link_weighs_by_its_slope_so_that_noise_stays_alike() -> None:
    errors = np.linspace(0.0, 1.0, 9)
    for name in NAMES:
        seen = linked(name, errors)
        slope = (seen.back(seen.z + 1e-6) - seen.back(seen.z - 1e-6)) / 2e-6
        assert seen.weight / seen.weight[4] == pytest.approx((slope / slope[4]) ** 2, rel=1e-3)


def test_density_of_a_link_is_that_of_the_change_of_variable() -> None:
    errors = np.linspace(0.0, 1.0, 9)
    for name in NAMES:
        seen = linked(name, errors)
        slope = (seen.back(seen.z + 1e-6) - seen.back(seen.z - 1e-6)) / 2e-6
        assert seen.density == pytest.approx(-np.log(slope).sum(), rel=1e-4, abs=1e-4)


def test_a_plateau_of_runs_that_never_learned_is_set_apart() -> None:
    rng = np.random.default_rng(3)
    unit = rng.random((40, 2))
    errors = np.where(unit[:, 0] < 0.4, 0.9 + 0.002 * rng.standard_normal(40), 0.2 + 0.3 * unit[:, 1] ** 2)
    response = fit_response(unit, errors, np.empty((40, 0)))
    assert response is not None
    assert response.levelled == pytest.approx(np.mean(unit[:, 0] < 0.4))


@pytest.mark.parametrize("errors", [np.full(9, 0.3), np.full(9, 1e300) * 0 + 1e150, np.zeros(9)])
def test_errors_that_do_not_differ_have_no_response(errors: np.ndarray) -> None:
    assert fit_response(np.random.default_rng(0).random((9, 2)), errors, np.empty((9, 0))) is None


def test_results_that_nothing_explains_show_nothing_and_a_bowl_shows_itself() -> None:
    """Log Bayes factor: of 40 studies of pure noise none reaches 3, whose chance under one level is at most e^-3 each."""
    rng = np.random.default_rng(11)
    blank = [fit_response(rng.random((60, 3)), rng.standard_normal(60), np.empty((60, 0))) for _ in range(40)]
    assert sum(response is not None and response.seen >= 3.0 for response in blank) == 0
    unit = rng.random((60, 3))
    bowl = fit_response(unit, (unit[:, 0] - 0.4) ** 2 + 0.02 * rng.standard_normal(60), np.empty((60, 0)))
    assert bowl is not None
    assert bowl.seen > 10.0


@given(st.floats(0.01, 100.0), st.floats(-5.0, 5.0))
@settings(max_examples=20, deadline=None)
def test_what_a_study_shows_has_no_unit(scale: float, shift: float) -> None:
    unit = np.random.default_rng(2).random((30, 2))
    errors = (unit[:, 0] - 0.3) ** 2 + 0.1 * unit[:, 1]
    one = fit_response(unit, errors, np.empty((30, 0)))
    other = fit_response(unit, scale * errors + shift, np.empty((30, 0)))
    assert one is not None
    assert other is not None
    assert other.seen == pytest.approx(one.seen, rel=1e-6, abs=1e-6)
