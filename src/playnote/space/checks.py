"""What can be wrong with a hyperparameter: each check returns its problems, none raises.

Paths are relative to the hyperparameter ("lr.low"), so that the project file and the
Python interface can each put their own place in front.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from playnote.errors import Detail, InputError
from playnote.space.conditions import check_conditions, ordered
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer
from playnote.space.scales import SCALES, fits
from playnote.space.showing import instead_of, one_of, shown
from playnote.space.space import Space
from playnote.text import Text, same

NAME = re.compile(r"[^\W\d][\w.\-]*")
_EXACT = 2**53
_NUMBERS = ("low", "high", "off", "natural_low", "natural_high")


def check_hyperparameter(hyperparameter: Hyperparameter) -> tuple[Detail, ...]:
    """Every problem of one hyperparameter on its own; an empty tuple where there is none."""
    name = tuple(_name(hyperparameter))
    if isinstance(hyperparameter, Categorical):
        return (*name, *_choices(hyperparameter))
    types = tuple(_types(hyperparameter))
    if types:
        return (*name, *types)
    return (*name, *_ends(hyperparameter), *_scale(hyperparameter), *_natural(hyperparameter), *_off(hyperparameter))


def check_space(hyperparameters: Iterable[Hyperparameter]) -> tuple[Detail, ...]:
    """Every problem of the hyperparameters together: each one's own, names used twice, conditions."""
    listed = tuple(hyperparameters)
    own = [(each.name, check_hyperparameter(each)) for each in listed]
    faulty = {name for name, details in own if details}
    return (
        *(detail for _, details in own for detail in details),
        *_twice(listed),
        *check_conditions(listed, faulty),
    )


def space_of(hyperparameters: Iterable[Hyperparameter]) -> Space:
    """A space with parents before children; `InputError` with every problem where there is one."""
    listed = tuple(hyperparameters)
    problems = check_space(listed)
    if problems:
        raise InputError(
            Text(en="The space has {n} fault(s).", zh="搜索空间有 {n} 处错误。").fill(n=len(problems)),
            fix=problems[0].fix,
            details=problems,
        )
    return Space(ordered(listed))


def _name(hyperparameter: Hyperparameter) -> Iterator[Detail]:
    name = hyperparameter.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield Detail(
            str(name) or "?",
            shown(name),
            Text(en="A letter, then letters, digits, _ . or -", zh="字母开头，后面是字母、数字、_ . 或 -"),
            Text(
                en="Rename it without spaces, braces or slashes.",
                zh="换一个名字，不要带空格、花括号和斜杠。",
            ),
        )


def _twice(hyperparameters: tuple[Hyperparameter, ...]) -> Iterator[Detail]:
    names = [each.name for each in hyperparameters]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Detail(
                name,
                f"{name} x {names.count(name)}",
                Text(en="Each name once.", zh="每个名字只能出现一次。"),
                Text(en="Rename or remove one of them.", zh="改名，或删掉一个。"),
            )


def _types(hyperparameter: Float | Integer) -> Iterator[Detail]:
    whole = isinstance(hyperparameter, Integer)
    allowed = Text(en="A whole number.", zh="整数。") if whole else Text(en="A finite number.", zh="有限的数。")
    for part in _NUMBERS:
        value = getattr(hyperparameter, part)
        if value is None and part not in ("low", "high"):
            continue
        if not is_whole(value) if whole else not is_number(value):
            yield Detail(
                f"{hyperparameter.name}.{part}",
                shown(value),
                allowed,
                Text(en="Write a number for `{part}`.", zh="`{part}` 写成一个数。").fill(part=part),
            )
    if hyperparameter.scale not in SCALES:
        yield Detail(
            f"{hyperparameter.name}.scale",
            shown(hyperparameter.scale),
            one_of(SCALES),
            instead_of(str(hyperparameter.scale), SCALES),
        )


def is_number(value: object) -> bool:
    """A finite int or float; True and False are not numbers, nor is an int that no float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max


def is_whole(value: object) -> bool:
    """An int that a float holds exactly; True and False are not numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT


def _ends(hyperparameter: Float | Integer) -> Iterator[Detail]:
    low, high = hyperparameter.low, hyperparameter.high
    if low < high:
        return
    if low > high:
        fix = Text(en="Swap them: low = {low}, high = {high}.", zh="对调：low = {low}，high = {high}。")
    else:
        fix = Text(
            en="Give `high` a value above `low`, or declare a constant: choices = [{low}].",
            zh="把 `high` 写得比 `low` 大；若是常量，写成 choices = [{low}]。",
        )
    yield Detail(
        f"{hyperparameter.name}.low",
        f"low = {shown(low)}, high = {shown(high)}",
        Text(en="`low` below `high`.", zh="`low` 要小于 `high`。"),
        fix.fill(low=shown(high), high=shown(low)),
    )


def _scale(hyperparameter: Float | Integer) -> Iterator[Detail]:
    scale, name = hyperparameter.scale, hyperparameter.name
    if isinstance(hyperparameter, Integer) and scale == "log-complement":
        yield Detail(
            f"{name}.scale",
            shown(scale),
            Text(en='"linear" or "log" for whole numbers.', zh='整数只能用 "linear" 或 "log"。'),
            same('scale = "linear"'),
        )
        return
    for part in ("low", "high"):
        value = getattr(hyperparameter, part)
        if not fits(value, scale):
            yield Detail(f"{name}.{part}", shown(value), *_scale_advice(scale, part, value))


def _scale_advice(scale: str, part: str, value: float) -> tuple[Text, Text]:
    if scale == "log-complement":
        return (
            Text(
                en="Below 1 on the log-complement scale (it spreads 1 - value).", zh="log-complement 刻度下要小于 1。"
            ),
            Text(en="Write {part} = 0.999, say.", zh="例如写 {part} = 0.999。").fill(part=part),
        )
    beside = Text(en=" To try 0 as well, add off = 0.", zh="想同时试 0，就再加 off = 0。") if value == 0 else same("")
    return (
        Text(en="Above 0 on the log scale.", zh="log 刻度下要大于 0。"),
        Text(en="Write {part} = 1e-6, say.{beside}", zh="例如写 {part} = 1e-6。{beside}").fill(
            part=part, beside=beside
        ),
    )


def _natural(hyperparameter: Float | Integer) -> Iterator[Detail]:
    low, high = hyperparameter.natural_low, hyperparameter.natural_high
    if low is not None and low > hyperparameter.low:
        yield Detail(
            f"{hyperparameter.name}.natural_low",
            f"natural_low = {shown(low)}, low = {shown(hyperparameter.low)}",
            Text(en="At or below `low`.", zh="不大于 `low`。"),
            Text(
                en="Raise `low` to {bound}, or lower `natural_low`.",
                zh="把 `low` 提到 {bound}，或把 `natural_low` 调低。",
            ).fill(bound=shown(low)),
        )
    if high is not None and high < hyperparameter.high:
        yield Detail(
            f"{hyperparameter.name}.natural_high",
            f"natural_high = {shown(high)}, high = {shown(hyperparameter.high)}",
            Text(en="At or above `high`.", zh="不小于 `high`。"),
            Text(
                en="Lower `high` to {bound}, or raise `natural_high`.",
                zh="把 `high` 降到 {bound}，或把 `natural_high` 调高。",
            ).fill(bound=shown(high)),
        )


def _off(hyperparameter: Float | Integer) -> Iterator[Detail]:
    off = hyperparameter.off
    if off is not None and hyperparameter.low <= off <= hyperparameter.high:
        yield Detail(
            f"{hyperparameter.name}.off",
            f"off = {shown(off)}, range {shown(hyperparameter.low)} to {shown(hyperparameter.high)}",
            Text(en='A value outside the range that means "not used".', zh="范围之外、表示“不用”的那个值。"),
            Text(en="Remove `off`: the range already holds it.", zh="删掉 `off`：范围里已经有它了。"),
        )


def _choices(hyperparameter: Categorical) -> Iterator[Detail]:
    path, choices = f"{hyperparameter.name}.choices", hyperparameter.choices
    if not choices:
        yield Detail(
            path,
            "[]",
            Text(en="At least one choice.", zh="至少一个选项。"),
            Text(en="List the choices, or remove the hyperparameter.", zh="列出选项，或删掉这个超参。"),
        )
        return
    for choice in choices:
        if not isinstance(choice, str | bool) and not is_number(choice):
            yield Detail(
                path,
                shown(choice),
                Text(en="Strings, finite numbers, or true and false.", zh="字符串、有限的数，或 true / false。"),
                Text(en="Replace {choice}.", zh="换掉 {choice}。").fill(choice=shown(choice)),
            )
    if len({_kind(choice) for choice in choices}) > 1:
        yield Detail(
            path,
            shown(choices),
            Text(en="All strings, all numbers, or all true/false.", zh="全是字符串、全是数，或全是 true / false。"),
            Text(en="Write them all in one way, for instance all in quotes.", zh="统一写法，例如都加引号。"),
        )
    elif len(set(choices)) < len(choices):
        repeated = next(choice for choice in choices if choices.count(choice) > 1)
        yield Detail(
            path,
            shown(choices),
            Text(en="Each choice once.", zh="每个选项只出现一次。"),
            Text(en="Remove the second {choice}.", zh="删掉重复的 {choice}。").fill(choice=shown(repeated)),
        )


def _kind(choice: object) -> str:
    if isinstance(choice, bool):
        return "bool"
    return "number" if isinstance(choice, int | float) else type(choice).__name__
