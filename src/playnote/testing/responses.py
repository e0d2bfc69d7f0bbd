"""Made-up responses of the best dev cost to hyperparameters, with exact optima inside any box.

A response is a pair surface over the first two hyperparameters plus one function per further
hyperparameter, joined by a sum or a product and passed through a rising link. So the optimum in a
box is the optimum of each part, and widening a side has an exact gain. Costs are in units of the
seed SD; coordinates u run from 0 to 1 over the searched range, and from -0.5 to 1.5 when widened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.testing.known import Floats

FAMILIES = ("quadratic", "saturating", "multiplicative", "plateau-at-chance", "asymmetric-cliff")
GRID = np.linspace(-0.5, 1.5, 401)
FURTHER_FAMILIES = ("worst-part", "exploding", "root", "hyperbolic")
"""Only for fitting: a law fitted on these too does not lean on the shapes that the tables are counted on."""
# Indices of GRID for the searched range and for each side widened by half of it.
INSIDE, LOW, HIGH = slice(100, 301), slice(0, 301), slice(100, 401)


@dataclass(frozen=True, slots=True)
class Response:
    """A response of d >= 2 hyperparameters; hyperparameter 0 is the learning rate."""

    family: str
    best: Floats
    """shape (d,): where each hyperparameter is best, 0 to 1 inside the range."""
    weight: Floats
    """shape (d,): cost of a whole range away from the best; 0 for one that does nothing."""
    shape: Floats
    """shape (d,): power of the distance, 1.5 to 2."""
    coupling: float
    """How far the best of hyperparameter 1 moves while the learning rate crosses its range."""
    cliff: float
    """u of the learning rate beyond which training diverges; infinite where it never does."""
    tilt: float
    """How far the cliff moves while hyperparameter 1 crosses its range."""
    ceiling: float
    """Largest cost, for the families that saturate."""

    def cost(self, u: Floats) -> Floats:
        """array, shape (n, d) -> array, shape (n,): noiseless cost, infinite where training diverges."""
        parts = [self._pair(u[:, 0], u[:, 1])]
        parts += [self._single(index, u[:, index]) for index in range(2, u.shape[1])]
        out = self._join(np.array(parts))
        return np.asarray(np.where(self.diverges(u[:, 0], u[:, 1]), np.inf, out))

    def diverges(self, lr: Floats, other: Floats) -> Floats:
        """Whether training diverges, elementwise."""
        return np.asarray(lr > self.cliff + self.tilt * (other - 0.5))

    def _distance(self, index: int, u: Floats, best: Floats | float) -> Floats:
        away = u - best
        if self.family == "asymmetric-cliff" and index == 0:
            away = np.where(away > 0, 2.0 * away, 0.8 * away)
        return np.asarray(np.abs(away) ** self.shape[index])

    def _pair(self, lr: Floats, other: Floats) -> Floats:
        moved = self.best[1] + self.coupling * (lr - self.best[0])
        return np.asarray(
            self.weight[0] * self._distance(0, lr, self.best[0]) + self.weight[1] * self._distance(1, other, moved)
        )

    def _single(self, index: int, u: Floats) -> Floats:
        return np.asarray(self.weight[index] * self._distance(index, u, self.best[index]))

    def _join(self, parts: Floats) -> Floats:
        total = parts.sum(axis=0)
        if self.family == "multiplicative":
            unit = self.ceiling
            return np.asarray(unit * (np.prod(1.0 + parts / unit, axis=0) - 1.0))
        if self.family == "saturating":
            return np.asarray(self.ceiling * (1.0 - np.exp(-total / self.ceiling)))
        if self.family == "plateau-at-chance":
            return np.asarray(np.minimum(total, self.ceiling))
        return self._join_further(parts, total)

    def _join_further(self, parts: Floats, total: Floats) -> Floats:
        unit = self.ceiling
        if self.family == "worst-part":
            return np.asarray(parts.max(axis=0))
        if self.family == "exploding":
            return np.asarray(unit * np.expm1(np.minimum(total / unit, 50.0)))
        if self.family == "root":
            return np.asarray(unit**0.3 * total**0.7)
        if self.family == "hyperbolic":
            return np.asarray(total / (1.0 + total / unit))
        return np.asarray(total)

    def surface(self) -> Floats:
        """array, shape (401, 401): the pair surface on GRID x GRID, infinite where training diverges."""
        lr, other = np.meshgrid(GRID, GRID, indexing="ij")
        return np.where(self.diverges(lr, other), np.inf, self._pair(lr, other))


@dataclass(frozen=True, slots=True)
class Answers:
    """What widening each side gains, what each hyperparameter's range is worth, and where the optimum lies."""

    gain: dict[tuple[int, str], float]
    reach: list[float]
    best_lr: float


def solve(response: Response) -> Answers:
    """The exact answers, by the parts; the grid step is 1/200 of a range."""
    d, surface = len(response.best), response.surface()
    inside = surface[INSIDE, INSIDE]
    singles = [response._single(index, GRID) for index in range(2, d)]
    floor = [float(inside.min()), *(float(part[INSIDE].min()) for part in singles)]

    def joined(position: int, value: float) -> float:
        parts = np.array([*floor[:position], value, *floor[position + 1 :]])
        return float(response._join(parts[:, None])[0])

    base = joined(0, floor[0])
    gain: dict[tuple[int, str], float] = {}
    for side, wide in (("low", LOW), ("high", HIGH)):
        gain[0, side] = base - joined(0, float(surface[wide, INSIDE].min()))
        gain[1, side] = base - joined(0, float(surface[INSIDE, wide].min()))
        for index, part in enumerate(singles):
            gain[index + 2, side] = base - joined(index + 1, float(part[wide].min()))
    profiles = [inside.min(axis=1), inside.min(axis=0)]
    reach = [joined(0, _largest(profile)) - base for profile in profiles]
    reach += [joined(index + 1, float(part[INSIDE].max())) - base for index, part in enumerate(singles)]
    row = int(np.argmin(inside.min(axis=1)))
    return Answers(gain, reach, float(GRID[INSIDE][row]))


def _largest(profile: Floats) -> float:
    return float(profile[np.isfinite(profile)].max())


def draw_response(rng: np.random.Generator, d: int, families: Sequence[str] = FAMILIES) -> Response:
    """A random response: one hyperparameter in four does nothing, one optimum in four lies outside its range."""
    best = rng.uniform(0.2, 0.8, d)
    for index in range(d):
        if rng.random() < 0.25:
            beyond = rng.uniform(0.1, 0.6)
            best[index] = -beyond if rng.random() < 0.5 else 1.0 + beyond
    weight = 10.0 ** rng.uniform(1.2, 2.1, d)
    weight[1:][rng.random(d - 1) < 0.3] *= 0.0
    has_cliff = rng.random() < 0.6
    cliff = float(rng.uniform(0.55, 1.2)) if has_cliff else np.inf
    if has_cliff and rng.random() < 0.4:
        best[0] = cliff + rng.uniform(-0.05, 0.3)
    return Response(
        family=str(rng.choice(families)),
        best=best,
        weight=weight,
        shape=rng.uniform(1.5, 2.0, d),
        coupling=float(rng.choice([-0.6, 0.6])) if rng.random() < 0.25 and weight[1] > 0 else 0.0,
        cliff=cliff,
        tilt=float(rng.uniform(-0.15, 0.15)) if has_cliff and rng.random() < 0.3 else 0.0,
        ceiling=float(rng.uniform(15.0, 50.0)),
    )
