"""Conditions: a hyperparameter that exists only where others have certain values.

A condition asks for equality, so its parent is a choice or a whole number. Whether a
condition can ever hold is decided over the whole chain of parents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from playnote.errors import Detail
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Value
from playnote.space.membership import check_value
from playnote.space.showing import instead_of, one_of, shown
from playnote.text import Text


def ordered(hyperparameters: tuple[Hyperparameter, ...]) -> tuple[Hyperparameter, ...]:
    """Parents before children, otherwise in the order given; members of a cycle come last."""
    placed, stuck = _placed(hyperparameters)
    return (*placed, *stuck)


def _placed(hyperparameters: tuple[Hyperparameter, ...]) -> tuple[list[Hyperparameter], list[Hyperparameter]]:
    # Stuck ones stand in a cycle or below one.
    waiting, placed = list(hyperparameters), list[Hyperparameter]()
    open_names = {each.name for each in waiting}
    while ready := [each for each in waiting if not open_names.intersection(each.when)]:
        placed.append(ready[0])
        waiting.remove(ready[0])
        open_names = {each.name for each in waiting}
    return placed, waiting


def check_conditions(hyperparameters: tuple[Hyperparameter, ...], faulty: Collection[str] = ()) -> tuple[Detail, ...]:
    """Unknown parents, values a parent never takes, cycles, and chains that contradict themselves.

    faulty  names whose values are already reported as wrong: what they may take is not known
    """
    by_name = {each.name: each for each in hyperparameters}
    single = tuple(detail for each in hyperparameters for detail in _parents(each, by_name, faulty))
    cycles = tuple(_cycles(by_name))
    if cycles:
        return (*single, *(_cycle_detail(names) for names in cycles))
    return (*single, *(detail for each in hyperparameters for detail in _contradiction(each, by_name)))


def requirements(hyperparameter: Hyperparameter, by_name: Mapping[str, Hyperparameter]) -> dict[str, list[Value]]:
    """Everything the chain of parents asks for, by name; two different values for one name can never hold."""
    asked: dict[str, list[Value]] = {}
    for parent, value in hyperparameter.when.items():
        asked.setdefault(parent, []).append(value)
        if parent in by_name:
            for name, values in requirements(by_name[parent], by_name).items():
                asked.setdefault(name, []).extend(values)
    return asked


def _parents(child: Hyperparameter, by_name: Mapping[str, Hyperparameter], faulty: Collection[str]) -> Iterator[Detail]:
    for parent, value in child.when.items():
        path = f"{child.name}.when.{parent}"
        if parent not in by_name:
            others = tuple(name for name in by_name if name != child.name)
            yield Detail(path, shown(parent), one_of(others), instead_of(parent, others))
        elif parent != child.name and parent not in faulty:
            yield from _asked_value(by_name[parent], value, path)


def _asked_value(parent: Hyperparameter, value: Value, path: str) -> Iterator[Detail]:
    if isinstance(parent, Float):
        yield Detail(
            path,
            shown(value),
            Text(en="A parent with choices or whole numbers.", zh="上级超参要有选项，或是整数。"),
            Text(
                en="{name} is a real number and almost never equals {value}: "
                "add a true/false hyperparameter and ask for that.",
                zh="{name} 是实数，几乎不会正好等于 {value}：另加一个 true / false 超参，以它为条件。",
            ).fill(name=parent.name, value=shown(value)),
        )
        return
    wrong = check_value(parent, value, path)
    if wrong is not None:
        yield wrong


def _cycles(by_name: Mapping[str, Hyperparameter]) -> Iterator[tuple[str, ...]]:
    """One cycle after another, each without the members of those before it."""
    left = dict(by_name)
    while names := _cycle(left):
        yield names
        left = {name: each for name, each in left.items() if name not in names}


def _cycle(by_name: Mapping[str, Hyperparameter]) -> tuple[str, ...]:
    # Every stuck one has a stuck parent: follow them until a name comes back; what lies between is the cycle.
    _, stuck = _placed(tuple(by_name.values()))
    if not stuck:
        return ()
    names, seen = {each.name for each in stuck}, [stuck[0].name]
    while True:
        parent = next(name for name in by_name[seen[-1]].when if name in names)
        if parent in seen:
            return tuple(seen[seen.index(parent) :])
        seen.append(parent)


def _cycle_detail(names: tuple[str, ...]) -> Detail:
    return Detail(
        f"{names[0]}.when",
        " -> ".join((*names, names[0])),
        Text(en="Conditions that do not lead back to themselves.", zh="条件不能绕回自己。"),
        Text(en="Remove the condition of {name}.", zh="去掉 {name} 的条件。").fill(name=names[0]),
    )


def _contradiction(child: Hyperparameter, by_name: Mapping[str, Hyperparameter]) -> Iterator[Detail]:
    for name, values in requirements(child, by_name).items():
        different = list(dict.fromkeys((isinstance(value, bool), value) for value in values))
        if len(different) > 1:
            yield Detail(
                f"{child.name}.when",
                f"{name} = " + ", ".join(shown(value) for _, value in different),
                Text(
                    en="A condition that can hold: one value of {name} along the whole chain of parents.",
                    zh="能成立的条件：整条上级链上 {name} 只能要求一个值。",
                ).fill(name=name),
                Text(en="Make the chain ask for one value of {name}.", zh="让整条链只要求 {name} 的一个值。").fill(
                    name=name
                ),
            )


def is_switch(hyperparameter: Hyperparameter, hyperparameters: tuple[Hyperparameter, ...]) -> bool:
    """Whether the choice decides which other hyperparameters exist: each of its values is a branch of the space."""
    return isinstance(hyperparameter, Categorical) and any(hyperparameter.name in each.when for each in hyperparameters)
