"""The objective: the one number, its direction, how a curve is read, and the constraints that come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["minimize", "maximize"]
Read = Literal["best", "last", "window"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A satisficing constraint on a logged metric; equality satisfies it, unmeasured is undetermined."""

    metric: str
    at_most: float | None = None
    at_least: float | None = None

    def satisfied(self, value: float | None) -> bool | None:
        """True, False, or None where the metric was not measured."""
        if value is None or value != value:
            return None
        below = self.at_most is None or value <= self.at_most
        above = self.at_least is None or value >= self.at_least
        return bool(below and above)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One version of the objective.

    formula     a metric's name ("dev/error") or arithmetic over metrics ("dev/f1 - 0.1 * latency_ms")
    min_effect  smallest difference that matters, in the score's unit; None until declared
    read        at which step of a curve the score stands: the best, the last, or the mean over the last `window` readings
    chance      the score of doing nothing, or a word that says how to compute it ("majority-class")
    human       (error, n): a measured proxy for the Bayes error
    """

    formula: str
    direction: Direction
    min_effect: float | None = None
    read: Read = "best"
    window: int = 5
    constraints: tuple[Constraint, ...] = ()
    chance: float | str | None = None
    human: tuple[float, int] | None = None
    version: int = 1

    @property
    def sign(self) -> float:
        """+1 where lower is better, -1 where higher is: `sign * score` is an error."""
        return 1.0 if self.direction == "minimize" else -1.0
