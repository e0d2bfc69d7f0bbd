"""Made-up training machines whose limits are known in closed form, and a driver that answers a procedure with them.

Quadratic   loss curvature x^2 / 2: gradient descent is stable up to 2 / curvature, heavy ball up to 2 (1 + beta) / curvature
Quartic     loss x^4 / 4 from x0 = 1: stable up to exactly 2; the shortest stable warmup to 10, 20, 200 is 6, 12, 116 steps
Spiky       a quadratic on which a small share of steps has its gradient noise multiplied
Device      memory a + b B, step time max(t0, c B), a loader that may sleep, an out-of-memory that may come late
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Found, Point, Seen, Steps
from playnote.records.curves import Curve
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.state import ProjectState
from playnote.space.hyperparameter import Categorical, Float, Integer, Value
from playnote.space.space import Space

Machine = Callable[[Point], Seen]
_HUGE = 1e60


def drive(procedure: Steps, machine: Machine) -> tuple[Found, list[Seen]]:
    """Answer what a procedure asks with a machine, to its end; what it found, and everything it saw."""
    shown: list[Seen] = []
    try:
        ask = next(procedure)
        while True:
            seen = tuple(machine(point) for point in ask.points)
            shown += seen
            ask = procedure.send(seen)
    except StopIteration as end:
        found: Found = end.value
        return found, shown


def made_bench(
    baseline: Mapping[str, Value] | None = None,
    options: Mapping[str, float] | None = None,
    steps: int = 200,
    without: tuple[str, ...] = (),
    state: ProjectState | None = None,
) -> Bench:
    """A project that declares everything procedures vary, but for the names in `without`."""
    from playnote.procedures.measure.bench import bench_of

    declared = (
        Float(name="lr", low=0.001, high=10.0, scale="log"),
        Integer(name="warmup_steps", low=0, high=1000),
        Float(name="clip_norm", low=0.01, high=10.0, scale="log", off=0.0),
        Integer(name="batch_size", low=1, high=4096, scale="log"),
        Categorical(name="schedule", choices=("constant", "cosine")),
    )
    values: dict[str, Value] = {"lr": 0.1, "warmup_steps": 0, "clip_norm": 0.0, "batch_size": 16, "schedule": "cosine"}
    project = Project(
        name="made",
        objective=Objective(formula="dev/error", direction="minimize"),
        workflow=Workflow(function="made:train", max_train_steps=steps, evaluate_every=max(1, steps // 20)),
        space=Space(tuple(each for each in declared if each.name not in without)),
        baseline={n: v for n, v in {**values, **(baseline or {})}.items() if n not in without},
    )
    return bench_of(state or ProjectState(project=project), options)


@dataclass
class Descent:
    """Gradient descent in one dimension, as a machine: rate, warmup, clipping and momentum as the configuration says.

    gradient, loss  of x
    noise           drawn a step and added to the gradient: (generator, step) -> number
    """

    loss: Callable[[float], float]
    gradient: Callable[[float], float]
    beta: float = 0.0
    start: float = 1.0
    steps: int = 200
    noise: Callable[[np.random.Generator, int], float] = field(default=lambda rng, step: 0.0)
    evaluate: int = 1

    def __call__(self, point: Point) -> Seen:
        """One training."""
        rate, warm = float(point.configuration["lr"]), int(point.configuration.get("warmup_steps", 0))
        clip = float(point.configuration.get("clip_norm", 0.0))
        rng = np.random.default_rng(point.seed)
        x, velocity, losses, norms = self.start, 0.0, [], []
        for step in range(point.steps or self.steps):
            losses.append(self.loss(x))
            slope = self.gradient(x) + self.noise(rng, step)
            norms.append(abs(slope))
            if not math.isfinite(losses[-1]) or abs(x) > _HUGE:
                break
            if clip and abs(slope) > clip:
                slope = math.copysign(clip, slope)
            velocity = self.beta * velocity + slope
            x -= rate * (min(step / warm, 1.0) if warm else 1.0) * velocity
        return _shown(point, losses, norms, diverged=losses[-1] > 10 * max(losses[0], 1e-300))


def quadratic(curvature: float = 1.0, beta: float = 0.0, **more: object) -> Descent:
    """Stable up to 2 (1 + beta) / curvature."""
    return Descent(lambda x: curvature * x * x / 2, lambda x: curvature * x, beta, **more)  # type: ignore[arg-type]


def quartic(**more: object) -> Descent:
    """Stable up to 2 from x = 1 without warmup."""
    return Descent(lambda x: x * x * x * x / 4, lambda x: x * x * x, **more)  # type: ignore[arg-type]


def spiky(share: float = 0.002, times: float = 1000.0, sd: float = 0.01, **more: object) -> Descent:
    """A quadratic of curvature 1 whose gradient noise is `times` as large in a share of the steps."""

    def noise(rng: np.random.Generator, step: int) -> float:
        size = sd * (times if rng.random() < share else 1.0)
        return float(size * rng.normal())

    return Descent(lambda x: x * x / 2, lambda x: x, noise=noise, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Device:
    """A device and its loader. Seconds of a step: max(overhead, per_example B), and what the loader makes it wait.

    memory    bytes (any unit) there are; a step of B examples takes fixed + each B
    loader    seconds the loader takes for one example; a step waits for what exceeds its own time
    late      batch sizes from here on run out of memory at step 20 only
    jitter    SD of the log of the step time
    """

    overhead: float = 0.01
    per_example: float = 1e-4
    memory: float = 1000.0
    fixed: float = 100.0
    each: float = 1.0
    loader: float = 0.0
    late: int | None = None
    jitter: float = 0.0
    steps: int = 60

    def __call__(self, point: Point) -> Seen:
        """One short training at a batch size."""
        batch = int(point.configuration["batch_size"])
        rng = np.random.default_rng(point.seed + batch)
        if self.fixed + self.each * batch > self.memory:
            return Seen(point=point, trial=f"b{batch}", outcome="oom")
        count = 20 if self.late is not None and batch >= self.late else (point.steps or self.steps)
        work = max(self.overhead, self.per_example * batch)
        wait = max(0.0, self.loader * batch - work)
        seconds = (work + wait) * np.exp(self.jitter * rng.normal(size=count))
        steps = np.arange(count, dtype=float)
        curves = {"step_seconds": Curve(steps, seconds), "data_wait": Curve(steps, np.full(count, wait))}
        out = self.late is not None and batch >= self.late
        return Seen(point=point, trial=f"b{batch}", outcome="oom" if out else "ok", curves=curves)


def _shown(point: Point, losses: list[float], norms: list[float], *, diverged: bool) -> Seen:
    steps = np.arange(len(losses), dtype=float)
    curves = {"train/loss": Curve(steps, np.array(losses)), "grad_norm": Curve(steps[: len(norms)], np.array(norms))}
    curves["train_eval/error"] = Curve(steps, np.array(losses) / (losses[0] or 1.0))
    tail = losses[-max(1, len(losses) // 5) :]
    return Seen(
        point=point,
        trial=f"{point.configuration['lr']:g}/{point.seed}",
        outcome="exploded" if diverged else "ok",
        error=None if diverged else float(np.mean(tail)),
        curves=curves,
    )


__all__ = ["Descent", "Device", "Machine", "drive", "made_bench", "quadratic", "quartic", "spiky"]
