"""The process against dense algebra, its gradient against differences, its bands against truth."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from playnote.stats.gaussian_process import _loss, fit_process, told


def wave(points):
    return np.sin(5 * points[:, 0]) + 0.5 * points[:, 1] ** 2


def test_prediction_is_the_dense_formula():
    rng = np.random.default_rng(0)
    points, at = rng.random((20, 2)), rng.random((7, 2))
    process = fit_process(points, wave(points))

    def kernel(a, b):
        r = np.sqrt(5) * np.linalg.norm((a[:, None] - b[None]) / process.lengths, axis=-1)
        return (1 + r + r**2 / 3) * np.exp(-r)

    noise = (process.noise / process.scale) ** 2
    inverse = np.linalg.inv(kernel(points, points) + (noise + 1e-8) * np.eye(20))
    mean = process.mean + kernel(at, points) @ inverse @ (wave(points) - process.mean)
    variance = 1 - np.einsum("ij,jk,ik->i", kernel(at, points), inverse, kernel(at, points))
    found, spread = process.predict(at)
    np.testing.assert_allclose(found, mean, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(spread, process.scale * np.sqrt(np.maximum(variance, 0)), atol=2e-4)


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(1)
    points = rng.random((15, 3))
    y = rng.normal(size=15)
    squared = (points[:, None] - points[None]) ** 2
    for _ in range(5):
        at = rng.normal(scale=0.5, size=4) - 0.5
        wrong = check_grad(
            lambda p: _loss(p, squared, y, -0.2)[0], lambda p: _loss(p, squared, y, -0.2)[1], at, epsilon=1e-6
        )
        assert wrong < 1e-3 * (1 + np.linalg.norm(_loss(at, squared, y, -0.2)[1]))


def test_bands_hold_the_truth_and_an_idle_dimension_gets_a_long_scale():
    rng = np.random.default_rng(2)
    points = rng.random((60, 3))
    process = fit_process(points, np.sin(5 * points[:, 0]) + 0.05 * rng.normal(size=60))
    at = rng.random((300, 3))
    mean, spread = process.predict(at)
    inside = np.abs(mean - np.sin(5 * at[:, 0])) <= 2.6 * spread
    assert inside.mean() > 0.95
    assert process.lengths[0] < process.lengths[1:].min()
    assert process.noise == pytest.approx(0.05, rel=0.6)


def test_equal_targets_and_repeated_points_do_not_break_it():
    points = np.repeat(np.array([[0.2, 0.3], [0.7, 0.1]]), 5, axis=0)
    mean, spread = fit_process(points, np.ones(10)).predict(points)
    assert np.isfinite(mean).all()
    assert np.isfinite(spread).all()
    process = fit_process(points, np.arange(10.0))
    again = told(process, points, np.arange(10.0))
    np.testing.assert_allclose(process.predict(points)[0], again.predict(points)[0])
