"""Training curves with known answers: longer, shorter, overfitting, noise at the end.

"What would the same schedule stretched to 1.5 times have given" is answered by running the noiseless
dynamics again. Healthy look-alikes stand beside the sick ones: dev loss that rises while the metric
still improves, a bump that recovers, a sawtooth at every epoch, tails that fall only because the
learning rate falls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from playnote.testing import schedules
from playnote.testing.curve_oracles import learning_oracle, rise_oracle, variance_oracle
from playnote.testing.dynamics import TICKS, Dynamics, draw_dynamics
from playnote.testing.known import Case, Floats, KnownCase, MetricView, Truth, draw_view
from playnote.testing.noise_laws import any_law, autocorrelated

VERDICTS = ("still_improving", "saturated_early", "overfitting", "step_variance_high")
KINDS = ("ordinary", "overfit", "rising-dev-loss", "recovering-bump", "two-lengths", "no-schedule", "too-few")


@dataclass(frozen=True, slots=True)
class Rise:
    """Overfitting of the dev metric: `height` at the end of the base run, from `onset` (share of it) on.

    `recovers` makes it a bump (epoch-wise double descent) that is gone by the end.
    """

    onset: float
    height: float
    power: float
    recovers: bool = False

    def at(self, ticks: int) -> Floats:
        """array, shape (ticks,): cost added after each tick; a longer run goes on rising."""
        along = np.clip((np.arange(1, ticks + 1) / TICKS - self.onset) / (1.0 - self.onset), 0.0, None)
        if self.recovers:
            return np.asarray(self.height * np.exp(-(((along - 0.35) / 0.12) ** 2)))
        return np.asarray(self.height * along**self.power)


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that decides a noiseless dev-metric curve."""

    dynamics: Dynamics
    schedule: str
    warmup: float
    rise: Rise | None
    peak_lr: float = 0.01

    def loss(self, stretch: float) -> Floats:
        """Noiseless loss of the run stretched (schedule and all) to `stretch` times its length."""
        return self.dynamics.run(schedules.factors(self.schedule, round(stretch * TICKS), self.warmup))

    def cost(self, stretch: float = 1.0) -> Floats:
        """Noiseless dev cost, lower is better."""
        base = self.loss(stretch)
        return base if self.rise is None else base + self.rise.at(len(base))


@dataclass(frozen=True, slots=True)
class _Noise:
    """Dev readings: their SD through the run (shape (ticks,)), and how they hang together."""

    sd: Floats
    rho: float
    tail_sd: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of one run, and what only its maker knows: shapes (n,), but `loss` at every tick."""

    at: Floats
    loss: Floats
    sd: Floats
    clean: Floats
    noise: Floats
    stretch: float


def answers_of(run: Run) -> dict[str, float]:
    """Noiseless gain of 1.5x, loss of 0.5x, and end minus best; positive means better, worse, worse."""
    cost = run.cost()
    return {
        "gain_longer": float(cost[-1] - run.cost(1.5)[-1]),
        "loss_shorter": float(run.cost(0.5)[-1] - cost[-1]),
        "end_over_best": float(cost[-1] - cost.min()),
    }


def curve_case(rng: np.random.Generator, *, kind: str = "ordinary") -> KnownCase:
    """One trial (two for `two-lengths`) whose smallest effect is set against its own answers."""
    run = _draw_run(rng, kind)
    answers = answers_of(run)
    smallest = _smallest_effect(rng, answers, kind)
    evaluations = int(rng.integers(3, 5)) if kind == "too-few" else int(rng.choice([12, 20, 30, 50, 80]))
    noise = _draw_noise(rng, run, smallest)
    view, total = draw_view(rng), int(rng.choice([2_400, 12_000, 48_000]))
    reading = _read(rng, run, noise, evaluations)
    trials = [_trial(rng, "t0", run, reading, view, total, kind)]
    truths = _truths(answers, noise, smallest, kind, _oracles(run, noise, reading, answers, smallest))
    if kind == "two-lengths":
        half = _read(rng, run, noise, max(6, evaluations // 2), 0.5)
        trials.append(_trial(rng, "half", run, half, view, total, kind))
    case: Case = {
        "case_id": f"curve-{kind}",
        "task": "curve",
        "study": {"metric": view.metric(smallest), "trials": trials},
    }
    return KnownCase(case, kind, truths, {"schedule": run.schedule, **answers})


def _draw_run(rng: np.random.Generator, kind: str) -> Run:
    dynamics = draw_dynamics(rng)
    warmup = float(rng.choice([0.0, 0.02, 0.05, 0.1]))
    run = Run(dynamics, str(rng.choice(schedules.KINDS)), warmup, None, float(10 ** rng.uniform(-4, 0)))
    span = float(np.ptp(run.cost()))
    onset = float(10 ** rng.uniform(-1.3, -0.15))
    if kind == "overfit":
        rise = Rise(onset, span * float(10 ** rng.uniform(-1.7, -0.2)), float(rng.uniform(0.7, 2.0)))
    elif kind == "recovering-bump":
        rise = Rise(float(rng.uniform(0.1, 0.4)), span * float(rng.uniform(0.05, 0.4)), 1.0, recovers=True)
    else:
        return run
    return replace(run, rise=rise)


def _smallest_effect(rng: np.random.Generator, answers: dict[str, float], kind: str) -> float:
    """Two thirds clearly on one side of the answer the kind is about, the rest anywhere near it."""
    if kind == "overfit":
        about = answers["end_over_best"]
    else:
        about = answers["gain_longer"] if rng.random() < 0.6 else 2.0 * answers["loss_shorter"]
    about = max(abs(about), 1e-3)
    ratio = float(rng.choice([rng.uniform(0.15, 0.6), rng.uniform(1.7, 6.0), rng.uniform(0.6, 1.7)]))
    return about * ratio


def _draw_noise(rng: np.random.Generator, run: Run, smallest: float) -> _Noise:
    ratio = float(10 ** rng.uniform(-1.3, -0.4)) if rng.random() < 0.75 else float(10 ** rng.uniform(-0.2, 0.7))
    shape = np.ones(TICKS)
    if rng.random() < 0.5:
        cost = run.loss(1.0)
        shape = 0.6 + 0.8 * (cost - cost.min()) / max(float(np.ptp(cost)), 1e-12)
    tail = float(np.sqrt(np.mean((ratio * smallest * shape[-TICKS // 4 :]) ** 2)))
    return _Noise(ratio * smallest * shape, float(rng.choice([0.0, 0.0, 0.3, 0.6])), tail)


def _read(rng: np.random.Generator, run: Run, noise: _Noise, evaluations: int, stretch: float = 1.0) -> _Reading:
    loss, clean = run.loss(stretch), run.cost(stretch)
    at = np.unique(np.linspace(len(loss) / evaluations, len(loss), evaluations).round().astype(int)) - 1
    sd = noise.sd[np.minimum((at / stretch).astype(int), TICKS - 1)]
    return _Reading(at, loss, sd, clean[at], sd * autocorrelated(rng, len(at), noise.rho, any_law(rng)), stretch)


def _trial(
    rng: np.random.Generator, name: str, run: Run, reading: _Reading, view: MetricView, total: int, kind: str
) -> Case:
    at, loss, sd, stretch = reading.at, reading.loss, reading.sd, reading.stretch
    readings = reading.clean + reading.noise
    known = kind != "no-schedule"
    lrs = run.peak_lr * schedules.factors(run.schedule, len(loss), run.warmup)
    epoch = 0.01 * (np.arange(len(loss)) % 40) * (rng.random() < 0.3)
    train = loss - epoch - 0.1 * np.arange(len(loss)) / len(loss) * (rng.random() < 0.5)
    dev_loss = readings + 0.5 * float(np.ptp(loss)) * (at / len(loss)) ** 2 * (kind == "rising-dev-loss")
    steps = [round(total * stretch * (tick + 1) / len(loss)) for tick in at]
    curve = [
        {
            "step": step,
            "train_loss": float(train[tick] + 0.5 * sd[index] * rng.normal()),
            "dev_loss": float(dev_loss[index]),
            "dev_metric": view.value(float(readings[index])),
            "lr": float(lrs[tick]) if known else None,
        }
        for index, (tick, step) in enumerate(zip(at, steps, strict=True))
    ]
    best = view.value(float(readings.min()))
    length = round(total * stretch)
    trial: Case = {"trial_id": name, "role": "search", "seed": 0, "status": "complete", "value": best}
    trial.update(arm="same", total_steps=length, params={"lr": run.peak_lr}, curve=curve)
    if known:
        trial["schedule"] = schedules.as_record(run.schedule, run.peak_lr, run.warmup, length)
    return trial


def _truths(
    answers: dict[str, float], noise: _Noise, smallest: float, kind: str, oracles: dict[str, float]
) -> tuple[Truth, ...]:
    values: dict[str, bool | None] = {
        "still_improving": answers["gain_longer"] >= smallest,
        "saturated_early": answers["loss_shorter"] < smallest / 2,
        "overfitting": answers["end_over_best"] >= smallest,
        "step_variance_high": noise.tail_sd >= smallest,
    }
    if kind == "no-schedule":
        values.update(still_improving=None, saturated_early=None)
    if kind == "too-few":
        values = dict.fromkeys(VERDICTS)
    target = (("trial_id", "t0"),)
    return tuple(
        Truth(verdict, target, value, None if value is None else oracles[verdict]) for verdict, value in values.items()
    )


def _oracles(
    run: Run, noise: _Noise, reading: _Reading, answers: dict[str, float], smallest: float
) -> dict[str, float]:
    """What the readers of `curve_oracles` state on the very same readings."""
    cost, at = run.cost(), reading.at
    height = answers["end_over_best"]
    rise = np.clip(cost - np.minimum.accumulate(cost), 0, None)
    template = rise[at] / height if height > 1e-9 else (at / TICKS) ** 2
    readings = reading.clean + reading.noise
    more, less = 0.0, 0.0
    if run.rise is not None:
        rises = run.rise.at(3 * TICKS // 2)
        readings = readings - rises[at]
        more, less = float(rises[-1] - rises[TICKS - 1]), float(rises[TICKS // 2 - 1] - rises[TICKS - 1])
    tail = at >= TICKS * 3 // 4
    longer, shorter = learning_oracle(
        run.dynamics,
        lambda stretch: schedules.factors(run.schedule, round(stretch * TICKS), run.warmup),
        at,
        readings,
        reading.sd * np.sqrt((1 + noise.rho) / (1 - noise.rho)),
        smallest + more,
        smallest / 2 - less,
    )
    return {
        "still_improving": longer,
        "saturated_early": shorter,
        "overfitting": rise_oracle(height, template, reading.noise, reading.sd, noise.rho, smallest),
        "step_variance_high": variance_oracle(reading.noise[tail], noise.rho, smallest),
    }
