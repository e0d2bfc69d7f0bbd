"""Branches of a conditional space, and which coordinate each hyperparameter takes.

A branch is one assignment of the searched switches (choices that decide what else
exists). Each branch has a sequence of its own. Unconditional hyperparameters take
the first coordinates, so that studies of different scientific values share them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from playnote.space.conditions import is_switch
from playnote.space.hyperparameter import Categorical, Hyperparameter
from playnote.space.space import Configuration, Space


def branches(space: Space, searched: Collection[str], given: Configuration) -> tuple[Configuration, ...]:
    """Every consistent assignment of the searched switches, in the order of their choices; one empty one without."""
    switches = [each for each in space if each.name in searched and is_switch(each, space.hyperparameters)]
    return tuple(_assignments(space, switches, {**given}, {}))


def _assignments(
    space: Space, switches: list[Hyperparameter], known: dict[str, object], made: dict[str, object]
) -> Iterator[Configuration]:
    if not switches:
        yield made  # type: ignore[misc]
        return
    first, rest = switches[0], switches[1:]
    if not isinstance(first, Categorical) or not space.active(first, known):  # type: ignore[arg-type]
        yield from _assignments(space, rest, known, made)
        return
    for choice in first.choices:
        yield from _assignments(space, rest, {**known, first.name: choice}, {**made, first.name: choice})


def coordinates(
    space: Space, searched: Collection[str], given: Configuration, branch: Configuration
) -> tuple[str, ...]:
    """Names in the order of their coordinates in this branch, unconditional ones first."""
    known = {**given, **branch}
    varied = [each for each in space if each.name in searched and each.name not in known]
    present = [each for each in varied if _may_exist(space, each, known, searched)]
    return tuple(each.name for each in sorted(present, key=lambda each: bool(each.when)))


def _may_exist(space: Space, each: Hyperparameter, known: Configuration, searched: Collection[str]) -> bool:
    # A condition on a hyperparameter that is itself drawn (a whole number) may hold in some points.
    return all(
        known[parent] == value
        if parent in known
        else parent in searched and _may_exist(space, space[parent], known, searched)
        for parent, value in each.when.items()
    )


def dimension(space: Space, searched: Collection[str], given: Configuration) -> int:
    """Coordinates of the branch that needs most."""
    return max(len(coordinates(space, searched, given, branch)) for branch in branches(space, searched, given))
