"""Problems whose best lies at the edge of divergence: six shapes, one to six dimensions.

Every coordinate runs from 0 to 1. The edge lies elsewhere for every seed, so that no searcher can be fitted to it.
Scores carry noise, as training does; the true error of a configuration is known and is what is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from playnote.space.hyperparameter import Float, Value
from playnote.space.space import Space

NOISE = 0.002


@dataclass(frozen=True, slots=True)
class Problem:
    """One shape at one place.

    error     true error at a point, array shape (d,); the best is about 0.1
    diverges  probability of divergence there
    """

    dimensions: int
    error: Callable[[np.ndarray], float]
    diverges: Callable[[np.ndarray], float]

    @property
    def space(self) -> Space:
        """One range from 0 to 1 for each dimension."""
        return Space(tuple(Float(name=f"x{at}", low=0.0, high=1.0) for at in range(self.dimensions)))

    def point(self, configuration: Mapping[str, Value]) -> np.ndarray:
        """: array, shape (d,)."""
        return np.array([float(configuration[f"x{at}"]) for at in range(self.dimensions)])


def straight(rng: np.random.Generator) -> Problem:
    """The better the nearer to the edge, and nothing else matters."""
    edge = rng.uniform(0.4, 0.85)
    return Problem(1, lambda x: 0.1 + 0.3 * abs(edge - x[0]), lambda x: float(x[0] > edge))


def bowl(rng: np.random.Generator) -> Problem:
    """A bowl that the edge cuts before its bottom."""
    edge, other = rng.uniform(0.4, 0.85), rng.uniform(0.2, 0.8)
    return Problem(
        2,
        lambda x: 0.1 + (x[0] - edge - 0.1) ** 2 - 0.01 + 0.5 * (x[1] - other) ** 2,
        lambda x: float(x[0] > edge),
    )


def soft(rng: np.random.Generator) -> Problem:
    """An edge that is a slope: a seed more or less decides."""
    edge, others = rng.uniform(0.4, 0.8), rng.uniform(0.2, 0.8, 2)
    return Problem(
        3,
        lambda x: 0.1 + 0.3 * max(edge - x[0], 0.0) + float(0.4 * ((x[1:] - others) ** 2).sum()),
        lambda x: 1.0 / (1.0 + math.exp(-min((x[0] - edge) / 0.02, 500.0))),
    )


def tilted(rng: np.random.Generator) -> Problem:
    """Two hyperparameters share the edge, as a learning rate and a momentum do."""
    edge, others = rng.uniform(0.8, 1.2), rng.uniform(0.2, 0.8, 2)
    return Problem(
        3,
        lambda x: 0.1 + 0.25 * max(edge - x[0] - 0.7 * x[1], 0.0) + float(0.4 * ((x[1:] - others) ** 2).sum()),
        lambda x: float(x[0] + 0.7 * x[1] > edge),
    )


def curved(rng: np.random.Generator) -> Problem:
    """The edge bends with a second hyperparameter, and two more want a value of their own."""
    edge, others = rng.uniform(0.5, 0.8), rng.uniform(0.2, 0.8, 3)

    def limit(x: np.ndarray) -> float:
        return float(edge + 0.15 * math.sin(4.0 * x[1]))

    return Problem(
        4,
        lambda x: 0.1 + 0.3 * abs(limit(x) - x[0]) + float(0.3 * ((x[1:] - others) ** 2).sum()),
        lambda x: float(x[0] > limit(x)),
    )


def corner(rng: np.random.Generator) -> Problem:
    """Two edges that meet, in six dimensions of which two hardly matter."""
    edges, others = rng.uniform(0.5, 0.85, 2), rng.uniform(0.2, 0.8, 4)
    weights = np.array([0.3, 0.2, 0.01, 0.01])
    return Problem(
        6,
        lambda x: 0.1 + float(0.2 * np.abs(edges - x[:2]).sum()) + float((weights * (x[2:] - others) ** 2).sum()),
        lambda x: float((x[:2] > edges).any()),
    )


PROBLEMS: dict[str, Callable[[np.random.Generator], Problem]] = {
    "straight, d=1": straight,
    "bowl, d=2": bowl,
    "soft, d=3": soft,
    "tilted, d=3": tilted,
    "curved, d=4": curved,
    "corner, d=6": corner,
}
