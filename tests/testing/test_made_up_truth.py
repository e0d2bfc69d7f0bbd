"""The generators' own laws: what they plant is what they say, recomputed by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from playnote.testing import catalog, schedules
from playnote.testing.curve_cases import Run, answers_of
from playnote.testing.dynamics import TICKS, Family, Quadratic, draw_dynamics
from playnote.testing.known import MetricView
from playnote.testing.noise_laws import autocorrelated, log_normal, normal, student
from playnote.testing.responses import GRID, HIGH, INSIDE, LOW, Response, draw_response, solve
from playnote.testing.samplers import halton_points


def test_the_bowl_follows_its_recursion_one_mode_at_a_time() -> None:
    bowl = Quadratic(h=np.array([1.0]), start=np.array([4.0]), sigma2=0.5, lr=0.1, floor=0.25)
    square, expected = 4.0, []
    for factor in (1.0, 0.5, 0.0):
        square = (1 - 0.1 * factor) ** 2 * square + (0.1 * factor) ** 2 * 0.5
        expected.append(0.25 + 0.5 * square)
    assert bowl.run(np.array([1.0, 0.5, 0.0])) == pytest.approx(expected, rel=1e-12)


def test_the_bowl_agrees_with_the_mean_of_simulated_gradient_descents() -> None:
    bowl = Quadratic(h=np.array([1.0, 0.3]), start=np.array([2.0, 1.0]), sigma2=0.4, lr=0.3, floor=0.0)
    factors, rng, runs = schedules.factors("cosine", 40), np.random.default_rng(5), 40_000
    place = np.sqrt(bowl.start)[:, None] * np.ones((2, runs))
    for factor in factors:
        rate = bowl.lr * factor * bowl.h[:, None]
        place = place - rate * (place + np.sqrt(bowl.sigma2) * rng.normal(size=place.shape))
    losses = 0.5 * bowl.h @ place**2
    # Six standard errors: false alarm about 2e-9.
    assert abs(losses.mean() - bowl.run(factors)[-1]) < 6 * losses.std() / np.sqrt(runs)


@pytest.mark.parametrize("kind", schedules.KINDS)
def test_a_stretched_schedule_is_the_same_shape_with_more_ticks(kind: str) -> None:
    short, long = schedules.factors(kind, 200, 0.05), schedules.factors(kind, 600, 0.05)
    assert np.all((short >= 0) & (short <= 1))
    # Every third tick of the long one stands at the middle of a tick of the short one.
    assert long[1::3] == pytest.approx(short, abs=1e-12)


def test_the_answers_are_those_of_running_again() -> None:
    rng = np.random.default_rng(3)
    for kind in schedules.KINDS:
        run = Run(draw_dynamics(rng), kind, 0.02, None)
        answers = answers_of(run)
        base = run.dynamics.run(schedules.factors(kind, TICKS, 0.02))
        longer = run.dynamics.run(schedules.factors(kind, TICKS * 3 // 2, 0.02))
        shorter = run.dynamics.run(schedules.factors(kind, TICKS // 2, 0.02))
        assert answers["gain_longer"] == base[-1] - longer[-1]
        assert answers["loss_shorter"] == shorter[-1] - base[-1]
        assert answers["end_over_best"] == base[-1] - base.min()


def test_without_annealing_a_family_never_gets_worse_with_steps() -> None:
    for name in ("pow", "exp", "mmf", "janoschek", "sigmoid"):
        curve = Family(name, 2.0, 1.0, 5.0, 1.2, 0.0, 5.0).run(np.ones(300))
        assert np.all(np.diff(curve) <= 1e-12)


@pytest.mark.parametrize("law", [normal, student, log_normal])
def test_a_noise_law_has_mean_zero_and_sd_one(law) -> None:  # type: ignore[no-untyped-def]
    n = 200_000
    draw = law(np.random.default_rng(11), n)
    # Six standard errors of a mean and of a second moment (fourth moment from the draw).
    assert abs(draw.mean()) < 6 / np.sqrt(n)
    assert abs(np.mean(draw**2) - 1) < 6 * np.std(draw**2) / np.sqrt(n)


def test_autocorrelated_noise_keeps_its_sd_and_shows_its_correlation() -> None:
    draws = np.array([autocorrelated(np.random.default_rng([7, k]), 6, 0.6) for k in range(20_000)])
    assert np.all(np.abs((draws**2).mean(axis=0) - 1) < 6 * np.sqrt(2 / 20_000))
    assert abs(np.mean(draws[:, 2] * draws[:, 3]) - 0.6) < 6 * np.sqrt(2 / 20_000)


def test_the_exact_optimum_by_parts_is_that_of_a_brute_force_grid() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        response = draw_response(rng, 3)
        answers = solve(response)
        coarse = GRID[::20]
        inside = coarse[(coarse >= 0) & (coarse <= 1)]
        best = _brute(response, inside, inside, inside)
        if not np.isfinite(best):
            continue
        # A coarse grid can only miss the optimum, so no brute-force gain over the exact inner optimum beats `gain`.
        exact = best - _refined(response)
        assert exact >= -1e-9
        for index, side in itertools.product(range(3), ("low", "high")):
            axes = [inside] * 3
            axes[index] = coarse[coarse <= 1.0] if side == "low" else coarse[coarse >= 0.0]
            assert best - _brute(response, *axes) <= answers.gain[index, side] + exact + 1e-9


def test_a_quadratic_with_its_optimum_outside_gains_what_algebra_says() -> None:
    response = Response(
        family="quadratic",
        best=np.array([1.3, 0.5]),
        weight=np.array([50.0, 20.0]),
        shape=np.array([2.0, 2.0]),
        coupling=0.0,
        cliff=np.inf,
        tilt=0.0,
        ceiling=30.0,
    )
    answers = solve(response)
    assert answers.gain[0, "high"] == pytest.approx(50 * 0.3**2, rel=1e-9)
    assert answers.gain[0, "low"] == pytest.approx(0.0, abs=1e-9)
    assert answers.reach[1] == pytest.approx(20 * 0.5**2, rel=1e-9)
    assert answers.best_lr == pytest.approx(1.0)


def test_a_cliff_below_the_edge_leaves_nothing_to_gain_beyond_it() -> None:
    response = Response("quadratic", np.array([1.3, 0.5]), np.array([50.0, 20.0]), np.full(2, 2.0), 0.0, 0.8, 0.0, 30.0)
    answers = solve(response)
    assert answers.gain[0, "high"] == 0.0
    assert answers.best_lr == pytest.approx(0.8)


def test_a_halton_sequence_fills_every_elementary_interval_of_its_first_axis() -> None:
    points = halton_points(np.random.default_rng(1), 64, 3)
    unshifted = np.sort(points[:, 0])
    gaps = np.diff(np.append(unshifted, unshifted[0] + 1))
    assert gaps.max() < 2.5 / 64


def test_a_metric_view_keeps_order_in_its_direction() -> None:
    up, down = MetricView("maximize", 1.0, 2.0), MetricView("minimize", 1.0, 2.0)
    assert up.value(0.0) > up.value(1.0)  # type: ignore[operator]
    assert down.value(0.0) < down.value(1.0)  # type: ignore[operator]
    assert down.value(np.inf) is None


@pytest.mark.parametrize("task", catalog.TASKS)
def test_the_same_seed_gives_the_same_case_in_any_order(task: str) -> None:
    first = [catalog.draw(task, 5, index, adaptive=False) for index in range(6)]
    again = [catalog.draw(task, 5, index, adaptive=False) for index in reversed(range(6))][::-1]
    assert [known.case for known in first] == [known.case for known in again]
    assert catalog.draw(task, 6, 0, adaptive=False).case != first[0].case


def _brute(response: Response, *axes: np.ndarray) -> float:
    return float(response.cost(np.array(list(itertools.product(*axes)))).min())


def _refined(response: Response) -> float:
    surface = response.surface()[INSIDE, INSIDE]
    row, column = np.unravel_index(int(np.argmin(surface)), surface.shape)
    inner = GRID[INSIDE]
    third = inner[int(np.argmin(response._single(2, inner)))]
    assert len(GRID[LOW]) == len(GRID[HIGH]) == 301
    return float(response.cost(np.array([[inner[row], inner[column], third]]))[0])
