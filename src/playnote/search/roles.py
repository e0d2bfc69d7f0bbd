"""Who plays which part in a round: every hyperparameter is scientific, nuisance or fixed, and exactly one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from playnote.errors import Detail
from playnote.records.settings import Settings
from playnote.search.budget import Optimizer, budget_advice, optimizer_of, optimizer_setting
from playnote.space.hyperparameter import Categorical, Hyperparameter, Role, Value
from playnote.space.membership import check_value
from playnote.space.showing import instead_of, one_of, shown
from playnote.space.space import Space
from playnote.text import Text


def check_roles(
    space: Space,
    scientific: Mapping[str, Sequence[Value]],
    nuisance: Iterable[str],
    fixed: Mapping[str, Value],
) -> tuple[Detail, ...]:
    """Unknown names, names in two roles, values outside their space, scientific ones without values."""
    named = {"scientific": tuple(scientific), "nuisance": tuple(nuisance), "fixed": tuple(fixed)}
    problems: list[Detail] = []
    for role, names in named.items():
        problems += [_unknown(role, name, space) for name in names if name not in space.names]
    problems += _twice(named)
    for name, values in scientific.items():
        problems += _values(space, name, values)
    for name, value in fixed.items():
        wrong = check_value(space[name], value, f"fixed.{name}") if name in space.names else None
        problems += [wrong] if wrong else []
    return tuple(problems)


def unknown_names(space: Space, names: Iterable[str]) -> tuple[Detail, ...]:
    """One problem for each name that the space does not have."""
    return tuple(_unknown("about", name, space) for name in names if name not in space.names)


def roles_of(space: Space, scientific: Iterable[str], nuisance: Iterable[str]) -> dict[str, Role]:
    """The role of every hyperparameter of the space: what is neither scientific nor nuisance is fixed."""
    asked, tuned = set(scientific), set(nuisance)
    return {name: "scientific" if name in asked else "nuisance" if name in tuned else "fixed" for name in space.names}


def usual_nuisance(
    space: Space,
    taken: Iterable[str],
    trials: int,
    baseline: Mapping[str, Value],
    settings: Settings,
    scientific: Mapping[str, Sequence[Value]] | None = None,
) -> tuple[str, ...]:
    """The nuisance hyperparameters of a round that names none.

    The optimizer's settings as the budget allows, learning rate first (of each optimizer, where the round compares
    several); then strengths of regularization
    while each dimension keeps `fewest_trials_per_value` trials. Architecture, choices and switches stay fixed.
    """
    free = [each for each in space if each.name not in set(taken) and _can_be_tuned(each)]
    compared = [optimizer_of([value]) for values in (scientific or {}).values() for value in values]
    families = [each for each in dict.fromkeys(compared) if each] or [optimizer_of(baseline.values()) or "sgd"]
    chosen = [
        name
        for family in families
        for name in budget_advice(trials, [each.name for each in free if _of(each, family)], family, settings).search
    ]
    most = max(1, int(trials // settings["fewest_trials_per_value"]))
    for each in free:
        if len(chosen) < most and each.name not in chosen and _is_strength(each):
            chosen.append(each.name)
    return tuple(name for name in space.names if name in chosen)


def _of(each: Hyperparameter, family: Optimizer) -> bool:
    """Whether it can exist beside this optimizer: a condition that names another one rules it out."""
    named = [optimizer_of([value]) for value in each.when.values()]
    return all(found in (None, family) for found in named)


def _can_be_tuned(each: Hyperparameter) -> bool:
    return not isinstance(each, Categorical) and each.group in ("", "optimizer", "regularization")


def _is_strength(each: Hyperparameter) -> bool:
    # The optimizer's own settings are already chosen by the budget; weight decay is a strength.
    return each.group == "regularization" or (
        each.group == "" and optimizer_setting(each.name) in (None, "weight_decay")
    )


def _unknown(role: str, name: str, space: Space) -> Detail:
    return Detail(f"{role}.{name}", shown(name), one_of(space.names), instead_of(name, space.names))


def _twice(named: Mapping[str, tuple[str, ...]]) -> list[Detail]:
    seen = {
        name: [role for role, names in named.items() if name in names] for names in named.values() for name in names
    }
    return [
        Detail(
            name,
            " + ".join(roles),
            Text(en="One role in a round.", zh="一轮里只能有一个角色。"),
            Text(en="Remove {name} from `{role}`.", zh="从 `{role}` 里去掉 {name}。").fill(name=name, role=roles[-1]),
        )
        for name, roles in seen.items()
        if len(roles) > 1
    ]


def _values(space: Space, name: str, values: Sequence[Value]) -> list[Detail]:
    path = f"scientific.{name}"
    if len(values) < 2:
        return [
            Detail(
                path,
                shown(list(values)),
                Text(en="At least two values to compare.", zh="至少两个要比较的值。"),
                Text(en="Add the value to compare with.", zh="补上要拿来比的值。"),
            )
        ]
    if len({(isinstance(value, bool), value) for value in values}) < len(values):
        return [
            Detail(
                path,
                shown(list(values)),
                Text(en="Each value once.", zh="每个值只出现一次。"),
                Text(en="Remove the repeated value.", zh="删掉重复的值。"),
            )
        ]
    if name not in space.names:
        return []
    checked = (check_value(space[name], value, path) for value in values)
    return [wrong for wrong in checked if wrong]
