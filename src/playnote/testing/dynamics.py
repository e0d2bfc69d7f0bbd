"""Noiseless training runs that can be run again, longer or shorter.

Two machines, neither of them the law the estimators fit. `Quadratic` is an explicit recursion of the
expected squared distances in a noisy quadratic bowl with a power-law spectrum: the loss floor follows
the learning rate because the recursion says so. `Family` moves a curve family (pow, exp, mmf,
janoschek, sigmoid) along the learning rate travelled, plus a floor that follows the learning rate
with a lag. "What would 1.5 times the steps have given" is answered by running again.

References: Zhang et al. 2019 (noisy quadratic model), Mohr & van Rijn 2022 (curve families).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from playnote.testing.known import Floats

TICKS = 240
FAMILIES = ("pow", "exp", "mmf", "janoschek", "sigmoid")


class Dynamics(Protocol):
    """Learning-rate factors in, expected loss after each tick out."""

    def run(self, factors: Floats) -> Floats:
        """array, shape (ticks,) -> array, shape (ticks,): noiseless loss, lower is better."""
        ...


@dataclass(frozen=True, slots=True)
class Quadratic:
    """Expected loss of SGD in a bowl: curvatures `h` (sum over modes), gradient noise `sigma2` per mode."""

    h: Floats
    start: Floats
    sigma2: float
    lr: float
    floor: float

    def run(self, factors: Floats) -> Floats:
        """The recursion e <- (1 - lr h)^2 e + (lr h)^2 sigma2, summed with weights h / 2."""
        squares = self.start.copy()
        out = np.empty(len(factors))
        for index, factor in enumerate(factors):
            rate = self.lr * factor * self.h
            squares = (1.0 - rate) ** 2 * squares + rate**2 * self.sigma2
            out[index] = self.floor + 0.5 * float(self.h @ squares)
        return out


@dataclass(frozen=True, slots=True)
class Family:
    """One curve family over the learning rate travelled, and a floor that lags behind the learning rate."""

    name: str
    start: float
    drop: float
    speed: float
    power: float
    noise_floor: float
    lag: float

    def run(self, factors: Floats) -> Floats:
        """Loss after each tick; travelled distance 1 is one base run at constant learning rate."""
        travelled = np.cumsum(factors) / TICKS
        return self.start - self.drop * self._progress(travelled) + self.noise_floor * self._lagged(factors)

    def _progress(self, travelled: Floats) -> Floats:
        at = self.speed * travelled
        if self.name == "pow":
            return np.asarray(1.0 - (1.0 + at) ** -self.power)
        if self.name == "exp":
            return np.asarray(1.0 - np.exp(-at))
        if self.name == "mmf":
            return np.asarray(at**self.power / (1.0 + at**self.power))
        if self.name == "janoschek":
            return np.asarray(1.0 - np.exp(-(at**self.power)))
        return np.asarray(1.0 / (1.0 + np.exp(-(np.log(at + 1e-9) * 2.0 * self.power))))

    def _lagged(self, factors: Floats) -> Floats:
        level, out = float(factors[0]), np.empty(len(factors))
        for index, factor in enumerate(factors):
            level += (factor - level) / self.lag
            out[index] = level
        return out


def draw_dynamics(rng: np.random.Generator) -> Dynamics:
    """A random machine: the bowl one time in three, else a curve family, slow or fast."""
    if rng.random() < 1 / 3:
        h = np.arange(1, 25, dtype=float) ** -rng.uniform(0.8, 1.8)
        return Quadratic(
            h=h,
            start=np.full(24, rng.uniform(0.5, 2.0)) * np.arange(1, 25) ** rng.uniform(-0.3, 0.5),
            sigma2=float(10 ** rng.uniform(-2.5, -0.7)),
            lr=float(10 ** rng.uniform(-2.0, -0.3)),
            floor=float(rng.uniform(0.2, 1.0)),
        )
    drop = float(rng.uniform(0.5, 2.0))
    return Family(
        name=str(rng.choice(FAMILIES)),
        start=drop + float(rng.uniform(0.2, 1.0)),
        drop=drop,
        speed=float(10 ** rng.uniform(-0.2, 1.6)),
        power=float(rng.uniform(0.7, 1.6)),
        noise_floor=float(drop * rng.choice([0.0, 0.02, 0.05, 0.1])),
        lag=float(rng.uniform(2.0, 25.0)),
    )
