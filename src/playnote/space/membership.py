"""Whether a value belongs to a hyperparameter, and a configuration to a space."""

from __future__ import annotations

from playnote.errors import Detail
from playnote.space.hyperparameter import Categorical, Hyperparameter, Integer, Value
from playnote.space.showing import instead_of, nearest, one_of, shown
from playnote.space.space import Configuration, Space
from playnote.text import Text


def contains(hyperparameter: Hyperparameter, value: object) -> bool:
    """Inside the range with both ends, equal to `off`, or one of the choices; True is never taken for 1."""
    if isinstance(hyperparameter, Categorical):
        return any(_equal(choice, value) for choice in hyperparameter.choices)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(hyperparameter, Integer) and not isinstance(value, int):
        return False
    # NaN is neither; infinity is beyond every range.
    return value == hyperparameter.off or hyperparameter.low <= value <= hyperparameter.high


def inside(space: Space, configuration: Configuration) -> bool:
    """Whether every hyperparameter of the space that the configuration names has a value of the space.

    After the bounds changed, the trials that are still inside stay usable.
    """
    return all(contains(each, configuration[each.name]) for each in space if each.name in configuration)


def allowed_values(hyperparameter: Hyperparameter) -> Text:
    """The values of a hyperparameter in words."""
    if isinstance(hyperparameter, Categorical):
        return one_of(shown(choice) for choice in hyperparameter.choices)
    kind = Text(en="A whole number", zh="整数") if isinstance(hyperparameter, Integer) else Text(en="A number", zh="数")
    off = (
        Text(en="", zh="")
        if hyperparameter.off is None
        else Text(en=", or {off} (off)", zh="，或 {off}（关）").fill(off=shown(hyperparameter.off))
    )
    return Text(en="{kind} from {low} to {high}{off}.", zh="{kind}，从 {low} 到 {high}{off}。").fill(
        kind=kind, low=shown(hyperparameter.low), high=shown(hyperparameter.high), off=off
    )


def check_value(hyperparameter: Hyperparameter, value: object, path: str) -> Detail | None:
    """The problem of a value that does not belong, None where it belongs."""
    if contains(hyperparameter, value):
        return None
    return Detail(path, shown(value), allowed_values(hyperparameter), _value_fix(hyperparameter, value))


def check_configuration(space: Space, configuration: Configuration, *, complete: bool = True) -> tuple[Detail, ...]:
    """Every problem of a configuration: unknown names, values outside, values of what does not exist there, gaps.

    complete  whether every hyperparameter that exists there must have a value
    """
    problems = [_unknown(name, space) for name in configuration if name not in space.names]
    for hyperparameter in space:
        name, given = hyperparameter.name, hyperparameter.name in configuration
        exists = space.active(hyperparameter, configuration)
        if given and not exists:
            problems.append(_absent(hyperparameter.name, configuration[name], hyperparameter.when))
        elif given:
            wrong = check_value(hyperparameter, configuration[name], name)
            problems.extend([wrong] if wrong else [])
        elif exists and complete:
            problems.append(_gap(hyperparameter))
    return tuple(problems)


def _equal(choice: object, value: object) -> bool:
    return choice == value and isinstance(choice, bool) == isinstance(value, bool)


def _value_fix(hyperparameter: Hyperparameter, value: object) -> Text:
    if isinstance(hyperparameter, Categorical):
        near = nearest(str(value), [str(choice) for choice in hyperparameter.choices])
        return Text(en="Write {value}.", zh="写成 {value}。").fill(value=shown(near or hyperparameter.choices[0]))
    return Text(
        en="Choose a value in the range, or widen the range of {name}.",
        zh="取范围内的值，或放宽 {name} 的范围。",
    ).fill(name=hyperparameter.name)


def _unknown(name: str, space: Space) -> Detail:
    return Detail(name, shown(name), one_of(space.names), instead_of(name, space.names))


def _absent(name: str, value: Value, when: Configuration) -> Detail:
    condition = ", ".join(f"{parent} = {shown(asked)}" for parent, asked in when.items())
    return Detail(
        name,
        shown(value),
        Text(en="A value only where {condition}.", zh="只有在 {condition} 时才有值。").fill(condition=condition),
        Text(en="Remove {name}, or set {condition}.", zh="删掉 {name}，或设 {condition}。").fill(
            name=name, condition=condition
        ),
    )


def _gap(hyperparameter: Hyperparameter) -> Detail:
    name = hyperparameter.name
    return Detail(
        name,
        f"{name} = ?",
        allowed_values(hyperparameter),
        Text(en="Give {name} a value.", zh="给 {name} 一个值。").fill(name=name),
    )
