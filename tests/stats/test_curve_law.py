"""The curve law's closed forms against direct computation, and its laws."""

from __future__ import annotations

import numpy as np
import pytest

from playnote.stats import curve_law
from playnote.stats.curve_fit import fit_curve
from playnote.stats.schedule import GRID, KINDS, Schedule, relative_lr, walk


def test_cofactor_inverses_are_inverses() -> None:
    rng = np.random.default_rng(1)
    root = rng.standard_normal((50, 3, 3))
    matrices = root @ np.swapaxes(root, 1, 2) + 0.1 * np.eye(3)
    inverse, determinant = curve_law._inverse(matrices)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrices), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(determinant, np.linalg.det(matrices), rtol=1e-8)


def test_every_fall_goes_from_one_to_zero_without_rising() -> None:
    path = np.linspace(0.03, 1.5, 200)
    shapes = curve_law.falls(path)
    assert (np.diff(shapes, axis=1) <= 1e-12).all()
    np.testing.assert_allclose(shapes[:, 0], 1.0)


def test_the_posterior_mean_solves_the_ridge_equations() -> None:
    rng = np.random.default_rng(2)
    time, values = np.linspace(0.05, 1, 20), rng.standard_normal(20)
    relative = np.linspace(1.0, 0.0, GRID + 1)
    columns = curve_law.basis(time, walk(relative))
    design = np.concatenate((columns.falls, columns.noises, columns.rises))
    index = curve_law._columns(columns)
    sums = curve_law._sums(design, values, np.ones(20))
    mean = curve_law._posterior(sums, index, 1.0)[0]
    for g in (0, 777, len(index) - 1):
        x = design[index[g]] - design[index[g]].mean(axis=1, keepdims=True)
        prior = np.diag(curve_law._PRIOR_SD**-2.0)
        expected = np.linalg.solve(x @ x.T + prior, x @ (values - values.mean()) + prior @ curve_law._PRIOR_MEAN)
        np.testing.assert_allclose(mean[g], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_noiseless_curve_is_followed(kind: str) -> None:
    schedule = Schedule(kind, 0.1, 20, 1000)
    relative = relative_lr(None, None, schedule, 1000)
    assert relative is not None
    steps = walk(relative)
    time = np.linspace(0.04, 1.0, 25)
    path = np.interp(time, steps.time, steps.path)
    errors = 0.2 + 0.5 * np.exp(-path / 0.2) + 0.05 * np.interp(time, steps.time, steps.noise[1])
    fit = fit_curve(time * 1000, errors, schedule=schedule)
    assert fit.law is not None
    fitted = fit.curve.centre + fit.curve.scale * (fit.law.weights @ fit.law.at(fit.curve.time))
    assert np.abs(fitted - errors).max() < 0.05 * np.ptp(errors)


def test_the_path_of_a_stretched_schedule_grows_in_proportion() -> None:
    relative = np.linspace(1.0, 0.0, GRID + 1)
    np.testing.assert_allclose(walk(relative, 1.5).path, 1.5 * walk(relative).path)
    np.testing.assert_allclose(walk(relative).path[-1], 1.0)


def test_residual_noise_stays_between_zero_and_the_peak() -> None:
    rng = np.random.default_rng(3)
    relative = rng.uniform(size=GRID + 1)
    noise = walk(relative).noise[:-1]
    assert (noise >= 0).all()
    assert (noise <= 1).all()


def test_a_recorded_series_goes_before_the_name_of_the_schedule() -> None:
    at = np.linspace(0, 100, 11)
    relative = relative_lr(at, np.full(11, 0.3), Schedule("cosine", 0.3, 0, 100), 100.0)
    assert relative is not None
    np.testing.assert_allclose(relative, 1.0)


def test_nothing_recorded_is_no_schedule() -> None:
    assert relative_lr(None, None, None, 100.0) is None
    assert relative_lr([1, 2], [0.1, 0.1], Schedule("unheard-of"), 100.0) is None
