"""Searches over 2 to 6 hyperparameters with a known response: random, Halton, TPE, TPE with a pruner.

Divergence is planted beyond a cliff of the learning rate; unrelated failures (0, 3 or 35 %) strike
anywhere; pruned trials are stopped by a pruner and keep what was read until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playnote.testing.known import Case, Floats, KnownCase, MetricView, Truth, draw_view
from playnote.testing.noise_laws import any_law
from playnote.testing.optuna_samplers import Evaluate, reading, tpe_points
from playnote.testing.responses import FAMILIES, Answers, Response, draw_response, solve
from playnote.testing.samplers import halton_points, uniform_points

SAMPLERS = ("random", "halton", "tpe", "tpe-pruner")
FAILURE_SHARES = (0.0, 0.03, 0.35)
BANDS = {"n6-10": (6, 10), "n16-25": (16, 25), "n40-64": (40, 64), "n100-200": (100, 200)}
NAMES = ("lr", "weight_decay", "dropout", "label_smoothing", "warmup", "ema", "beta1", "beta2")
EDGE_NEAR, EDGE_FAR = 0.12, 0.3
COUPLED_SHIFT = 0.25


@dataclass(frozen=True, slots=True)
class Axis:
    """One searched hyperparameter: its range and scale."""

    name: str
    low: float
    high: float
    log: bool

    def at(self, u: float) -> float:
        """The value at u in [0, 1]."""
        if self.log:
            return float(np.exp(np.log(self.low) + u * (np.log(self.high) - np.log(self.low))))
        return float(self.low + u * (self.high - self.low))

    def as_space(self) -> Case:
        """The entry of `study.search.space`."""
        scale = "log" if self.log else "linear"
        return {"name": self.name, "type": "float", "low": self.low, "high": self.high, "scale": scale}


def search_case(
    rng: np.random.Generator,
    *,
    band: str = "n40-64",
    sampler: str = "random",
    failures: float = 0.0,
    size: tuple[int, int] | None = None,
    families: Sequence[str] = FAMILIES,
) -> KnownCase:
    """One search; the smallest effect is 1 to 3 seed SDs and unclear gains are drawn again half of the time.

    `size` (trials, hyperparameters; at most 8 of these) stands in for the band.
    """
    n, d = size or (int(rng.integers(BANDS[band][0], BANDS[band][1] + 1)), int(rng.integers(2, 7)))
    response, answers, smallest = _clear_response(rng, d, families)
    law, growing = any_law(rng), rng.random() < 0.3

    def evaluate(u: Floats) -> float:
        cost = float(response.cost(u[None, :])[0])
        sd = 1.0 + (0.05 * min(cost, 40.0) if growing and np.isfinite(cost) else 0.0)
        return cost + sd * float(law(rng, 1)[0])

    points, costs, stopped = _sample(rng, evaluate, n, d, sampler)
    view, axes = draw_view(rng), _axes(rng, d)
    unrelated = rng.random(n) < failures
    trials = [
        _trial(index, points[index], costs[index], stopped[index], bool(unrelated[index]), axes, view)
        for index in range(n)
    ]
    return _known(trials, axes, view, answers, response, smallest, band, sampler, failures)


def undecidable_search(rng: np.random.Generator) -> KnownCase:
    """At most four finished trials: nothing about the space can be told."""
    known = search_case(rng, band="n6-10", sampler=str(rng.choice(SAMPLERS[:2])))
    finished = 0
    kept = []
    for trial in known.case["study"]["trials"]:
        finished += trial["status"] == "complete"
        if trial["status"] == "complete" and finished <= 4:
            kept.append(trial)
    known.case["study"]["trials"] = kept
    truths = tuple(Truth(truth.verdict, truth.target, None) for truth in known.truths)
    return KnownCase(known.case, "too-few", truths, {**known.facts, "band": "too-few"})


def _clear_response(rng: np.random.Generator, d: int, families: Sequence[str]) -> tuple[Response, Answers, float]:
    while True:
        response, smallest = draw_response(rng, d, families), float(rng.uniform(1.0, 3.0))
        if np.mean(response.diverges(*rng.random((2, 200)))) > 0.5:
            continue
        answers = solve(response)
        ratios = [gain / smallest for gain in answers.gain.values()]
        ratios += [reach / smallest for reach in answers.reach]
        unclear = any(0.6 < ratio < 1.4 for ratio in ratios)
        between = EDGE_NEAR < response.cliff - answers.best_lr < EDGE_FAR
        if not between and (not unclear or rng.random() < 0.5):
            return response, answers, smallest


def _sample(
    rng: np.random.Generator, evaluate: Evaluate, n: int, d: int, sampler: str
) -> tuple[Floats, Floats, list[int | None]]:
    if sampler.startswith("tpe"):
        seed = int(rng.integers(2**31))
        return tpe_points(evaluate, n, d, seed=seed, with_pruner=sampler == "tpe-pruner")
    points = (uniform_points if sampler == "random" else halton_points)(rng, n, d)
    return points, np.array([evaluate(point) for point in points]), [None] * n


def _axes(rng: np.random.Generator, d: int) -> list[Axis]:
    axes = [Axis("lr", 1e-4, float(10.0 ** rng.uniform(-1.5, 0.5)), True)]
    for name in NAMES[1:d]:
        log = bool(rng.random() < 0.5)
        axes.append(Axis(name, 1e-6 if log else 0.0, 1e-1 if log else float(rng.choice([0.5, 1.0, 100.0])), log))
    return axes


def _trial(
    index: int, u: Floats, cost: float, stopped: int | None, unrelated: bool, axes: list[Axis], view: MetricView
) -> Case:
    params = {axis.name: axis.at(float(u[column])) for column, axis in enumerate(axes)}
    trial: Case = {"trial_id": f"t{index}", "role": "search", "seed": 0, "params": params, "value": None}
    if unrelated:
        return {**trial, "status": "failed"}
    if not np.isfinite(cost):
        return {**trial, "status": "diverged"}
    if stopped is not None:
        curve = [
            {"step": 100 * point, "train_loss": None, "dev_loss": None, "dev_metric": view.value(reading(cost, point))}
            for point in range(1, stopped + 1)
        ]
        return {**trial, "status": "pruned", "curve": curve}
    return {**trial, "status": "complete", "value": view.value(cost)}


def _known(
    trials: list[Case],
    axes: list[Axis],
    view: MetricView,
    answers: Answers,
    response: Response,
    smallest: float,
    band: str,
    sampler: str,
    failures: float,
) -> KnownCase:
    truths = [
        Truth("boundary_too_narrow", (("param", axes[index].name), ("side", side)), gain >= smallest)
        for (index, side), gain in answers.gain.items()
    ]
    truths += [
        Truth("hp_inert", (("param", axis.name),), reach < smallest)
        for axis, reach in zip(axes, answers.reach, strict=True)
    ]
    near = response.cliff - answers.best_lr <= EDGE_NEAR and response.cliff < 1.0
    truths.append(Truth("lr_at_divergence_edge", (("param", "lr"),), bool(near)))
    for other in range(1, len(axes)):
        pair = tuple(sorted(("lr", axes[other].name)))
        coupled = other == 1 and abs(response.coupling) >= COUPLED_SHIFT
        truths.append(Truth("hp_coupled", (("params", pair),), coupled))
    study: Case = {
        "metric": view.metric(smallest),
        "search": {"algorithm": sampler.split("-")[0], "space": [axis.as_space() for axis in axes]},
        "trials": trials,
    }
    case: Case = {"case_id": f"boundary-{band}-{sampler}", "task": "boundary", "study": study}
    facts: dict[str, Any] = {"band": band, "sampler": sampler, "failures": failures, "family": response.family}
    facts["coupling"], facts["tilt"] = response.coupling, response.tilt
    facts["gains"] = {f"{axes[index].name} {side}": gain / smallest for (index, side), gain in answers.gain.items()}
    return KnownCase(case, band, tuple(truths), facts)
