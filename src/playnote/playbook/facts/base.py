"""What a fact is about, who gives it, and how far it reaches.

A provider takes a `Giver` and a target. Through the giver it asks for the facts that it builds on, so that each
of them is computed once for a state, however many rules read it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeVar

from playnote.records.state import ProjectState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """What a verdict is about; unset parts do not matter."""

    round: int | None = None
    hyperparameter: str | None = None
    trial: str | None = None

    def as_mapping(self) -> dict[str, object]:
        """The set parts, as a verdict's `target`."""
        named = {"round": self.round, "hyperparameter": self.hyperparameter, "trial": self.trial}
        return {name: value for name, value in named.items() if value is not None}


class Giver(Protocol):
    """Holds one state and computes each fact of it once."""

    @property
    def state(self) -> ProjectState:
        """The state that the facts are about."""
        ...

    def give(self, kind: type[T], target: Target) -> T:
        """The value of a type for a target."""
        ...


class Reach(IntEnum):
    """How much of a target a fact depends on: a fact of the project is the same for every round."""

    PROJECT = 0
    ROUND = 1
    TARGET = 2


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a type comes from, and how far its value reaches."""

    reach: Reach
    function: Callable[[Giver, Target], object]

    def narrowed(self, target: Target) -> Target:
        """The part of a target that the value depends on."""
        if self.reach is Reach.PROJECT:
            return Target()
        return Target(round=target.round) if self.reach is Reach.ROUND else target


def of_project(function: Callable[[Giver], object]) -> Provider:
    """A fact of the whole project."""
    return Provider(Reach.PROJECT, lambda giver, _: function(giver))


def of_round(function: Callable[[Giver, Target], object]) -> Provider:
    """A fact of one round."""
    return Provider(Reach.ROUND, function)


def of_target(function: Callable[[Giver, Target], object]) -> Provider:
    """A fact of one hyperparameter or trial of a round."""
    return Provider(Reach.TARGET, function)
