"""Made-up workflows whose right choice is known: values tuned equally, input pipelines, checkpoints along a curve.

Response   error floor of each value plus a parabola in the log of the rate, with the rate's optimum of each value
Pipeline   step time, loader time, workers and prefetching: waits in closed form
Path       dev error along a run: where it is lowest and what the end is worth are known
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from playnote.procedures.measure.bench import Bench, bench_of
from playnote.procedures.measure.contract import Point, Seen
from playnote.records.curves import Curve
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Hyperparameter, Value
from playnote.space.space import Space


def bench_with(
    hyperparameters: tuple[Hyperparameter, ...],
    baseline: Mapping[str, Value],
    *,
    options: Mapping[str, float] | None = None,
    min_effect: float | None = 0.01,
    task: Mapping[str, str] | None = None,
    steps: int = 200,
    read: str = "best",
) -> Bench:
    """The bench of a project that declares exactly these hyperparameters."""
    project = Project(
        name="made",
        task=task or {},
        objective=Objective(formula="dev/error", direction="minimize", min_effect=min_effect, read=read),  # type: ignore[arg-type]
        workflow=Workflow(function="made:train", max_train_steps=steps, evaluate_every=max(1, steps // 20)),
        space=Space(hyperparameters),
        baseline=baseline,
    )
    return bench_of(ProjectState(project=project), options)


@dataclass(frozen=True)
class Response:
    """Error of a configuration: floor(value) + bend x (decades of the rate from its optimum)^2 + noise of the seed.

    floors  by value of `name`; `optima` the best rate by value (0.1 where not given)
    noise   SD over seeds; a seed's luck is its own in every configuration
    limits  the rate by value from which training diverges
    facts   what every trial notes
    """

    name: str
    floors: Mapping[Any, float]
    optima: Mapping[Any, float] = field(default_factory=dict)
    bend: float = 0.05
    noise: float = 0.003
    limits: Mapping[Any, float] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    salt: int = 0

    def __call__(self, point: Point) -> Seen:
        """One training."""
        value, rate = point.configuration[self.name], float(point.configuration["lr"])
        away = math.log10(rate / self.optima.get(value, 0.1))
        key = (self.salt, point.seed, int(1e6 * rate) % 2**31, zlib.crc32(str(value).encode()))
        luck = np.random.default_rng(key).normal(0.0, self.noise)
        name = f"{value}/{rate:.4g}/{point.seed}"
        if rate > self.limits.get(value, math.inf):
            return Seen(point=point, trial=name, outcome="nan", facts=self.facts)
        error = self.floors[value] + self.bend * away**2 + float(luck)
        steps = np.arange(10.0, 201.0, 10.0)
        curve = Curve(steps, error + np.exp(-steps / 30.0))
        curves = {"dev/error": curve, "step_seconds": Curve(steps, np.full(len(steps), 0.01))}
        return Seen(point=point, trial=name, outcome="ok", error=error, curves=curves, facts=self.facts)


@dataclass(frozen=True)
class Pipeline:
    """Seconds of a step. Without prefetching a step takes work + load; with it max(work, load / workers).

    sync       seconds that gathering metrics takes, at the steps where it is done
    jitter     SD of the log of a whole run's speed: the machine drifts between processes
    contention share of the work added while loaders run: what waiting alone does not show
    """

    work: float = 0.010
    load: float = 0.0
    sync: float = 0.0
    jitter: float = 0.01
    contention: float = 0.0
    salt: int = 0

    def seconds(self, configuration: Mapping[str, Value]) -> tuple[float, float]:
        """Expected seconds of a step, and those of waiting among them."""
        sync = self.sync / max(1.0, float(configuration.get("sync_every", 1)))
        if str(configuration.get("cached_data", False)).lower() == "true":
            return self.work + sync, 0.0
        workers = int(float(configuration.get("workers", 0)))
        busy = self.work * (1.0 + (self.contention if self.load else 0.0))
        wait = max(0.0, self.load / workers - busy) if workers else self.load
        return busy + wait + sync, wait

    def __call__(self, point: Point) -> Seen:
        """One short training."""
        key = (self.salt, point.seed, zlib.crc32(repr(sorted(point.configuration.items())).encode()))
        rng = np.random.default_rng(key)
        total, wait = self.seconds(point.configuration)
        speed = math.exp(rng.normal(0.0, self.jitter))
        count = point.steps or 60
        # Loaders deliver in bursts: every fourth step waits for four.
        bursts = np.where(np.arange(count) % 4 == 3, 4.0, 0.0) * wait * count / max(1, 4 * (count // 4))
        seconds = ((total - wait) + bursts) * speed
        steps = np.arange(count, dtype=float)
        curves = {"step_seconds": Curve(steps, seconds), "data_wait": Curve(steps, bursts * speed)}
        return Seen(point=point, trial=f"p{key[-1]}", outcome="ok", curves=curves)


@dataclass(frozen=True)
class Path:
    """Dev error along a run: level(share of the run) + noise with lag-one correlation `rho`.

    True gain of stopping at a step is level(1) - level(step).
    """

    level: Callable[[float], float]
    noise: float = 0.003
    rho: float = 0.0
    count: int = 20
    salt: int = 0

    def __call__(self, point: Point) -> Seen:
        """One training."""
        rng = np.random.default_rng((self.salt, point.seed))
        total = point.steps or 200
        steps = np.linspace(total / self.count, total, self.count)
        draws = rng.normal(size=self.count)
        noise = np.empty(self.count)
        noise[0] = draws[0]
        for at in range(1, self.count):
            noise[at] = self.rho * noise[at - 1] + math.sqrt(1.0 - self.rho**2) * draws[at]
        values = np.array([self.level(step / total) for step in steps]) + self.noise * noise
        curves = {"dev/error": Curve(steps, values), "lr": Curve(steps, np.full(self.count, 0.1))}
        return Seen(point=point, trial=f"r{point.seed}", outcome="ok", error=float(values.min()), curves=curves)


def flat(share: float) -> float:
    """Falls fast and stays: the last checkpoint is as good as any."""
    return 0.1 + 0.4 * math.exp(-share / 0.05)


def rising(rise: float) -> Callable[[float], float]:
    """Lowest at three tenths of the run, `rise` above that at the end."""
    return lambda share: flat(share) + rise * max(0.0, (share - 0.3) / 0.7)
