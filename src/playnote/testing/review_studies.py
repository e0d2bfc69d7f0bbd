"""Optuna studies with planted truths, as people have them: default sampler and pruner, some failures, nothing declared.

A study says for every sentence a review may utter whether it is true of the response it was drawn from. Errors are a
saturating bowl in unit coordinates plus seed noise; curves fall to the error, with reading noise on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from playnote.testing.optuna_samplers import optuna_library

Kind = Literal["narrow", "nothing", "ties", "edge", "dead", "healthy"]
KINDS: tuple[Kind, ...] = ("narrow", "nothing", "ties", "edge", "dead", "healthy")
SAMPLERS = ("tpe", "tpe", "tpe", "random", "qmc")
STEPS = 12
CHOICES = ("relu", "gelu")
NAMES = ("lr", "weight_decay", "momentum", "width")


@dataclass(frozen=True)
class Planted:
    """A study's truth, in unit coordinates of the searched ranges.

    best    where the bowl's bottom lies, by name; outside [0, 1]: the range stops too early on that side
    depth   what each hyperparameter costs at a distance of one range, by name; 0 does nothing
    choice  what each of the two choices of "activation" adds
    cliff   lr coordinate above which training diverges, None without
    seed_sd, reading_sd  noise of a run, and of one reading on top of it
    """

    kind: Kind
    sampler: str
    trials: int
    seed: int
    best: dict[str, float]
    depth: dict[str, float]
    choice: tuple[float, float]
    cliff: float | None = None
    seed_sd: float = 0.001
    reading_sd: float = 0.001
    overfits: bool = False
    fails: float = 0.03

    def error(self, unit: dict[str, float], choice: int) -> float:
        """Noiseless error: 0.05 at the bottom, bending over as it grows."""
        cost = sum(self.depth[name] * (unit[name] - self.best[name]) ** 2 for name in unit)
        return 0.05 + 0.3 * (1.0 - math.exp(-cost / 0.3)) + self.choice[choice]

    def late(self, step: int) -> float:
        """What a reading at this step lies above the trial's own error: the fall at the start, a rise at the end."""
        rise = 0.06 * max(0.0, step / STEPS - 0.6) if self.overfits else 0.0
        return 0.3 * math.exp(-5.0 * step / STEPS) + rise

    def rise(self) -> float:
        """The noiseless end of a curve minus its noiseless best."""
        curve = [self.late(step) for step in range(1, STEPS + 1)]
        return curve[-1] - min(curve)

    def doubling(self, trials: int) -> float:
        """What twice as many independent trials improve the best by, on average over 400 draws of both."""
        rng = np.random.default_rng(0)
        gains = []
        for _ in range(400):
            errors = [
                self.error(dict(zip(self.best, rng.random(len(self.best)), strict=True)), int(rng.integers(2)))
                + float(rng.normal(0.0, self.seed_sd))
                for _ in range(2 * trials)
            ]
            gains.append(min(errors[:trials]) - min(errors))
        return sum(gains) / len(gains)

    def reach(self, name: str) -> float:
        """Worst minus best over the range of one hyperparameter, the others at their best."""
        at = {each: min(max(self.best[each], 0.0), 1.0) for each in self.best}
        errors = [self.error({**at, name: step / 50}, 0) for step in range(51)]
        return max(errors) - min(errors)

    def gain(self, name: str, side: Literal["low", "high"]) -> float:
        """What widening this side by half the range would improve the best result by."""
        if self.cliff is not None and name == "lr" and side == "high":
            return 0.0
        least = min(max(self.best[name], 0.0), 1.0)
        wider = min(max(self.best[name], -0.5 if side == "low" else 0.0), 1.5 if side == "high" else 1.0)
        at = {each: min(max(self.best[each], 0.0), 1.0) for each in self.best}
        return self.error({**at, name: least}, 0) - self.error({**at, name: wider}, 0)


def planted(kind: Kind, seed: int) -> Planted:
    """A study of this kind; everything else is drawn."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    names = NAMES[: int(rng.integers(2, len(NAMES) + 1))]
    best = {name: float(rng.uniform(0.25, 0.75)) for name in names}
    depth = {name: float(np.exp(rng.uniform(math.log(0.03), math.log(0.8)))) for name in names}
    choice = (0.0, 0.0) if kind == "dead" or rng.random() < 0.3 else (0.0, float(rng.uniform(0.002, 0.04)))
    cliff = None
    depth["lr"] = float(rng.uniform(0.3, 1.0))
    if kind == "narrow":
        best["lr"] = float(rng.choice([-1, 1]) * rng.uniform(0.65, 0.95) + 0.5)
    elif kind == "nothing":
        depth, choice = dict.fromkeys(names, 0.0), (0.0, 0.0)
    elif kind == "ties":
        depth = {name: 0.02 * value for name, value in depth.items()}
    elif kind == "edge":
        cliff = float(rng.uniform(0.55, 0.85))
        best["lr"] = cliff + float(rng.uniform(-0.02, 0.15))
    return Planted(
        kind,
        str(rng.choice(SAMPLERS)),
        int(rng.choice([40, 60, 80, 120])),
        seed,
        best,
        depth,
        choice,
        cliff,
        seed_sd=float(np.exp(rng.uniform(math.log(3e-4), math.log(4e-3)))),
        reading_sd=float(np.exp(rng.uniform(math.log(2e-4), math.log(3e-3)))),
        overfits=bool(rng.random() < 0.25),
        fails=float(rng.choice([0.0, 0.03, 0.08])),
    )


def run_planted(truth: Planted) -> Any:
    """Run the study with the real library, in memory; the study."""
    optuna = optuna_library()
    study = optuna.create_study(
        study_name=f"{truth.kind}-{truth.seed}",
        sampler=_sampler(optuna, truth),
        pruner=optuna.pruners.MedianPruner() if truth.seed % 3 else optuna.pruners.NopPruner(),
    )
    rng = np.random.default_rng([truth.seed, 7])
    study.optimize(lambda trial: _objective(optuna, truth, trial, rng), n_trials=truth.trials, catch=(RuntimeError,))
    return study


def _sampler(optuna: Any, truth: Planted) -> Any:
    made: dict[str, Any] = {
        "tpe": optuna.samplers.TPESampler,
        "random": optuna.samplers.RandomSampler,
        "qmc": optuna.samplers.QMCSampler,
    }
    return made[truth.sampler](seed=truth.seed)


def _objective(optuna: Any, truth: Planted, trial: Any, rng: np.random.Generator) -> float:
    unit = {name: _suggest(trial, name) for name in truth.best}
    choice = CHOICES.index(trial.suggest_categorical("activation", list(CHOICES)))
    end = truth.error(unit, choice) + float(rng.normal(0.0, truth.seed_sd))
    diverges = truth.cliff is not None and unit["lr"] > truth.cliff
    broken = rng.random() < truth.fails
    value = math.nan
    for step in range(1, STEPS + 1):
        value = end + truth.late(step) + float(rng.normal(0.0, truth.reading_sd))
        if diverges and step > 3:
            value = math.nan
        trial.report(value, step)
        if broken and step == 2:
            raise _Broken
        if diverges and step > 3:
            return math.nan
        if trial.should_prune():
            stopped = optuna.TrialPruned  # Optuna's own protocol
            raise stopped
    return value


class _Broken(RuntimeError):
    """The machine's fault, not the configuration's."""


def _suggest(trial: Any, name: str) -> float:
    """Suggest on the hyperparameter's own scale; back in unit coordinates."""
    if name in ("lr", "weight_decay"):
        low, high = (1e-5, 1e-1) if name == "lr" else (1e-7, 1e-2)
        value = trial.suggest_float(name, low, high, log=True)
        return math.log(value / low) / math.log(high / low)
    if name == "width":
        return (float(trial.suggest_int(name, 32, 288, step=8)) - 32.0) / 256.0
    return (float(trial.suggest_float(name, 0.5, 0.99)) - 0.5) / 0.49
