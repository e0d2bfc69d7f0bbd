"""A project without a file: what a `Round` in Python declares, as the same record that `playnote.toml` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from playnote.errors import InputError
from playnote.records.objective import Objective
from playnote.records.project import Budget, Project
from playnote.records.settings import Settings
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value, named
from playnote.space.showing import shown
from playnote.text import Text


def project_of(
    *,
    name: str,
    objective: Objective,
    scientific: Mapping[str, Sequence[Value]],
    nuisance: Mapping[str, Hyperparameter],
    fixed: Mapping[str, Value],
    budget: Budget,
    settings: Mapping[str, float],
    folder: Path,
) -> Project:
    """The project of one round.

    The space of a scientific hyperparameter spans its values; a fixed one is a constant. Raises InputError with
    every problem of the space, and for a name in two roles.
    """
    for other in (scientific, fixed):
        _refuse_shared(nuisance, other)
    _refuse_shared(scientific, fixed)
    hyperparameters = [
        *(_spanned(each, values) for each, values in scientific.items()),
        *(named(each, key) for key, each in nuisance.items()),
        *(Categorical(name=each, choices=(value,)) for each, value in fixed.items()),
    ]
    return Project(
        name=name,
        objective=objective,
        space=space_of(hyperparameters),
        baseline=dict(fixed),
        budget=budget,
        settings=Settings(dict(settings)),
        folder=str(folder.absolute()),
    )


def _spanned(name: str, values: Sequence[Value]) -> Hyperparameter:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values) or len(set(numbers)) < 2:
        return Categorical(name=name, choices=tuple(dict.fromkeys(values)))
    if all(isinstance(value, int) for value in numbers):
        return Integer(name=name, low=min(int(value) for value in numbers), high=max(int(value) for value in numbers))
    return Float(name=name, low=float(min(numbers)), high=float(max(numbers)))


def _refuse_shared(one: Mapping[str, object], other: Mapping[str, object]) -> None:
    for name in one:
        if name in other:
            raise InputError(
                Text(en="{name} has two roles in this round.", zh="{name} 在这一轮里有两个角色。").fill(
                    name=shown(name)
                ),
                fix=Text(
                    en="Name it once: scientific, nuisance or fixed.", zh="只写一处：scientific、nuisance 或 fixed。"
                ),
            )
