"""A made-up case together with what is true of it.

The case itself is a plain dict in the exchange format and holds nothing that gives the answer away;
the truths stand beside it. A truth of `None` means that the case cannot decide: the only right
answer there is "unknown".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Case = dict[str, Any]
Floats = NDArray[np.float64]
Target = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one (verdict, target).

    `value` is the event as the exchange format defines it, `None` where the data cannot decide.
    `oracle` is the probability that a reader who knows the noise law and the shape of the effect, but
    not its size, would state from the same data; `None` where no such reader was built.
    """

    verdict: str
    target: Target
    value: bool | None
    oracle: float | None = None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """One case, the kind it belongs to in the tables, its truths, and facts that only the tables group by."""

    case: Case
    kind: str
    truths: tuple[Truth, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def truth(self, verdict: str, target: Mapping[str, Any]) -> Truth | None:
        """The truth of one verdict, or `None` where nothing is claimed."""
        key = as_target(target)
        return next((truth for truth in self.truths if truth.verdict == verdict and truth.target == key), None)


def as_target(target: Mapping[str, Any]) -> Target:
    """A target as a hashable key; lists become tuples and coupled pairs lose their order."""
    return tuple(sorted((name, _plain(value)) for name, value in target.items()))


def from_target(target: Target) -> dict[str, Any]:
    """The target as the exchange format writes it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in target}


def _plain(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True, slots=True)
class MetricView:
    """How an internal cost (lower is better) is shown as a metric: `offset -/+ scale * cost`.

    Every generator works in costs, so each study exists in both directions and at any scale.
    """

    direction: Literal["minimize", "maximize"]
    offset: float
    scale: float
    kind: str = "score"

    def value(self, cost: float) -> float | None:
        """The metric of one cost, `None` for a cost that is not finite."""
        if not np.isfinite(cost):
            return None
        sign = 1.0 if self.direction == "minimize" else -1.0
        return float(self.offset + sign * self.scale * cost)

    def metric(self, min_effect_cost: float, **more: Any) -> Case:
        """The `study.metric` entry for a smallest effect given in cost units."""
        return {
            "name": "dev_metric",
            "direction": self.direction,
            "min_effect": float(self.scale * min_effect_cost),
            "kind": self.kind,
            **more,
        }


def draw_view(rng: np.random.Generator) -> MetricView:
    """A metric of random direction, offset and scale (1e-3 to 1e3)."""
    direction: Literal["minimize", "maximize"] = "minimize" if rng.random() < 0.5 else "maximize"
    return MetricView(direction, float(rng.normal(0, 3)), float(10.0 ** rng.uniform(-3, 3)))
