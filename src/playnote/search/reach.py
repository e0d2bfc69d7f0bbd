"""What a round leaves open: values that are missing, and hyperparameters that never come to exist in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from playnote.errors import Detail
from playnote.records.project import Project
from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.space.membership import allowed_values
from playnote.space.showing import shown
from playnote.space.space import Configuration, Space
from playnote.text import Text


def base_values(project: Project, fixed: Mapping[str, Value], varied: Collection[str]) -> dict[str, Value]:
    """The value of every hyperparameter that is not varied, as far as one is known.

    `fixed` first, then the baseline, then "off" where there is an off value, then the only choice.
    """
    values: dict[str, Value] = {}
    for each in project.space:
        value = fixed.get(each.name, project.baseline.get(each.name, default_value(each)))
        if each.name not in varied and value is not None:
            values[each.name] = value
    return values


def default_value(hyperparameter: Hyperparameter) -> Value | None:
    """What a hyperparameter is when nothing says otherwise: off, or its only choice; None where neither exists."""
    if isinstance(hyperparameter, Categorical):
        return hyperparameter.choices[0] if len(hyperparameter.choices) == 1 else None
    return hyperparameter.off


def check_gaps(
    space: Space, scientific: Mapping[str, tuple[Value, ...]], nuisance: Collection[str], base: Configuration
) -> tuple[Detail, ...]:
    """Fixed hyperparameters without a value, and varied ones that exist in no study of the round."""
    known = {*scientific, *nuisance, *base}
    missing = tuple(
        Detail(
            f"fixed.{each.name}",
            f"{each.name} = ?",
            allowed_values(each),
            Text(
                en="Give {name} a value in [baseline] or in `fixed`, or make it a nuisance hyperparameter.",
                zh="在 [baseline] 或 `fixed` 里给 {name} 一个值，或把它列为冗余超参。",
            ).fill(name=each.name),
        )
        for each in space
        if each.name not in known and reachable(space, each, scientific, nuisance, base)
    )
    varied = (*scientific, *nuisance)
    return (
        *missing,
        *(
            _never(each, "scientific" if each.name in scientific else "nuisance")
            for each in space
            if each.name in varied and not reachable(space, each, scientific, nuisance, base)
        ),
    )


def with_gaps(
    project: Project, scientific: Mapping[str, tuple[Value, ...]], fixed: Mapping[str, Value], nuisance: Sequence[str]
) -> tuple[str, ...]:
    """The nuisance names, and every range that exists only beside a scientific value and has no value of its own.

    The baseline knows nothing of them (beta1, where it runs SGD): held at a guess, they would decide the comparison.
    """
    base = base_values(project, fixed, (*scientific, *nuisance))
    gaps = [
        each.name
        for each in project.space
        if each.when
        and not isinstance(each, Categorical)
        and each.name not in (*scientific, *nuisance, *base)
        and any(value in scientific.get(parent, ()) for parent, value in each.when.items())
        and reachable(project.space, each, scientific, nuisance, base)
    ]
    return tuple(name for name in project.space.names if name in (*nuisance, *gaps))


def _never(each: Hyperparameter, role: str) -> Detail:
    condition = ", ".join(f"{parent} = {shown(value)}" for parent, value in each.when.items())
    return Detail(
        f"{role}.{each.name}",
        condition,
        Text(en="A hyperparameter that exists in this round.", zh="这一轮里存在的超参。"),
        Text(
            en="Let {condition} hold in this round, or leave {name} out.",
            zh="让 {condition} 在这一轮成立，或不要 {name}。",
        ).fill(condition=condition, name=each.name),
    )


def reachable(
    space: Space,
    each: Hyperparameter,
    scientific: Mapping[str, tuple[Value, ...]],
    nuisance: Collection[str],
    base: Configuration,
) -> bool:
    """Whether the hyperparameter exists in some trial of the round."""
    return all(
        (parent in nuisance or value in scientific.get(parent, ()) or base.get(parent) == value)
        and reachable(space, space[parent], scientific, nuisance, base)
        for parent, value in each.when.items()
    )
