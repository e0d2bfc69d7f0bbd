"""A logistic law: several views of one question joined into one probability, fitted on cases with known truth.

Ridge-penalised maximum likelihood by iteratively reweighted least squares (Hastie, Tibshirani & Friedman 2009, 4.4).
Law: `Law.shown` never falls as the probability rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playnote.stats.probability import from_log_odds

Floats = NDArray[np.float64]

_STEPS, _CLOSE = 30, 1e-6


@dataclass(frozen=True, slots=True)
class Law:
    """P = 1 / (1 + exp(-(level + sum of weight times view))).

    level   : float
    weights : mapping          weight of each view, by its name
    merged  : (low, high, share), None  answers with a probability from low to high are stated together: in `share`
              of them the event holds
    """

    level: float
    weights: Mapping[str, float]
    merged: tuple[float, float, float] | None = None

    def p(self, seen: Mapping[str, float]) -> float:
        """The probability of the event. seen : the views, by name; views that the law does not weigh are ignored."""
        return from_log_odds(self.level + sum(weight * seen[name] for name, weight in self.weights.items()))

    def shown(self, p: float) -> float:
        """The probability as it is stated: where answers are merged, that of the whole group."""
        if self.merged is None or not self.merged[0] <= p < self.merged[1]:
            return p
        return self.merged[2]


def fit_law(rows: Sequence[Mapping[str, float]], event: NDArray[np.bool_], ridge: float = 3.0) -> Law:
    """The law of the views in `rows` (one mapping a case, the same names in each) for the events, shape (n,)."""
    names = list(rows[0])
    views = np.array([[row[name] for name in names] for row in rows])
    centre, spread = views.mean(axis=0), views.std(axis=0) + 1e-9
    weights = _maximum(np.column_stack((np.ones(len(views)), (views - centre) / spread)), event.astype(float), ridge)
    own = weights[1:] / spread
    return Law(float(weights[0] - own @ centre), dict(zip(names, (float(each) for each in own), strict=True)))


def _maximum(x: Floats, event: Floats, ridge: float) -> Floats:
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -500.0, 500.0)))
        curvature = (x * (p * (1.0 - p) + 1e-9)[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curvature, x.T @ (event - p) - penalty * weights)
        weights = weights + step
        if np.abs(step).max() < _CLOSE:
            break
    return weights


def merged_above(
    p: Floats, event: NDArray[np.bool_], cut: float, least: float = 0.5
) -> tuple[float, float, float] | None:
    """The smallest group of answers from `cut` up in which the event holds in at least `least` of the cases.

    A "yes" from a cut below one half is right less often than not near the cut; stated together with its neighbours
    above it is right on the whole, and what is stated is how often. None where nobody near the cut needs it.

    p, event : arrays, shape (n,)
    """
    order = np.argsort(p[p >= cut], kind="stable")
    stated, holds = p[p >= cut][order], event[p >= cut][order]
    if cut >= least or not len(stated):
        return None
    shares = np.cumsum(holds) / np.arange(1, len(holds) + 1)
    enough = np.flatnonzero((shares >= least) & (stated >= least))
    if not len(enough):
        return None
    return cut, float(stated[enough[0]]), float(shares[enough[0]])
