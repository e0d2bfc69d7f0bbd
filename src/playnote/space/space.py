"""A space: hyperparameters by name, and which of them exist in a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playnote.space.hyperparameter import Hyperparameter, Value

Configuration = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Space:
    """An ordered set of hyperparameters; parents stand before the children that depend on them."""

    hyperparameters: tuple[Hyperparameter, ...]

    def __iter__(self) -> Iterator[Hyperparameter]:
        return iter(self.hyperparameters)

    def __len__(self) -> int:
        return len(self.hyperparameters)

    def __getitem__(self, name: str) -> Hyperparameter:
        for hyperparameter in self.hyperparameters:
            if hyperparameter.name == name:
                return hyperparameter
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(hyperparameter.name for hyperparameter in self.hyperparameters)

    def active(self, hyperparameter: Hyperparameter, configuration: Configuration) -> bool:
        """Whether the hyperparameter exists in this configuration: every parent exists and has the value asked for."""
        return all(configuration.get(parent) == value for parent, value in hyperparameter.when.items())

    def only(self, names: Iterator[str] | tuple[str, ...]) -> Space:
        """The part of the space with these names, in this space's order."""
        kept = set(names)
        return Space(tuple(h for h in self.hyperparameters if h.name in kept))
