"""What [hyperparameters] and [baseline] mean: a space, and one point of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playnote.projectfile.drafts import HyperparameterDraft
from playnote.projectfile.structure import Faults, draft
from playnote.records.project import PLACEHOLDERS
from playnote.space.checks import check_space, is_whole
from playnote.space.conditions import ordered
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.membership import check_configuration
from playnote.space.showing import instead_of, nearest, one_of, shown
from playnote.space.space import Space
from playnote.text import Text, same

_NUMERIC = ("low", "high", "scale", "off", "natural_low", "natural_high")


def read_space(raw: Mapping[str, Any], faults: Faults) -> Space:
    """The space of [hyperparameters]. A range of two whole numbers is whole: write 1.0 for a real one."""
    made: list[Hyperparameter] = []
    unread: set[str] = set()
    for name, entry in raw.items():
        path = f"hyperparameters.{name}"
        before = len(faults.details)
        read = _read(name, draft(HyperparameterDraft, entry, path, faults), path, faults)
        if read is None or len(faults.details) > before:
            unread.add(name)
        if read is not None:
            made.append(read)
        if name in PLACEHOLDERS:
            faults.add(path, shown(name), _NOT_TAKEN, _rename(name))
    # A parent that could not be read is known all the same: only its values cannot be checked.
    details = [each for each in check_space(made) if not _about(each.path, each.found, unread)]
    faults.extend((each for each in details if not faults.covers(f"hyperparameters.{each.path}")), "hyperparameters")
    sound = [each for each in made if not faults.covers(f"hyperparameters.{each.name}")]
    names = {each.name for each in sound}
    return Space(ordered(tuple(each for each in sound if names.issuperset(each.when))))


def _about(path: str, found: str, unread: set[str]) -> bool:
    return ".when." in path and path.rsplit(".when.", 1)[1] in unread


_NOT_TAKEN = Text(
    en="A name other than {names}: those are filled in by Playnote.", zh="不能叫 {names}：这些由 Playnote 填写。"
).fill(names=", ".join(PLACEHOLDERS))


def _rename(name: str) -> Text:
    return Text(en="Rename it, for instance to {new}.", zh="换个名字，例如 {new}。").fill(new=f"model_{name}")


def _read(name: str, entry: HyperparameterDraft, path: str, faults: Faults) -> Hyperparameter | None:
    when: dict[str, Value] = dict(entry.when or {})
    group = entry.group or ""
    numeric = [key for key in _NUMERIC if getattr(entry, key) is not None]
    if entry.choices is not None:
        if numeric:
            faults.add(path, ", ".join(["choices", *numeric]), _ONE_KIND, _drop(numeric))
        return Categorical(name=name, choices=tuple(entry.choices), group=group, when=when)
    gaps = [key for key in ("low", "high") if getattr(entry, key) is None]
    if gaps:
        if len(gaps) == 2 and not numeric and not faults.covers(path):
            faults.add(path, "low = ?, high = ?", _ONE_KIND, same("{ low = 1e-4, high = 1.0 }"))
        for key in gaps if len(gaps) == 1 or numeric else ():
            faults.missing(f"{path}.{key}", _ONE_KIND, Text(en="Add `{key}`.", zh="补上 `{key}`。").fill(key=key))
        return None
    return _range(name, entry, group, when, faults)


def _range(name: str, entry: HyperparameterDraft, group: str, when: dict[str, Value], faults: Faults) -> Hyperparameter:
    kind: Any = Integer if is_whole(entry.low) and is_whole(entry.high) else Float
    numbers = {key: getattr(entry, key) for key in _NUMERIC if key != "scale"}
    if kind is Float:
        numbers = {key: None if value is None else float(value) for key, value in numbers.items()}
    if kind is Integer and entry.high - entry.low == 1:
        faults.add(
            f"hyperparameters.{name}", f"low = {shown(entry.low)}, high = {shown(entry.high)}", *_two_values(entry)
        )
    made: Hyperparameter = kind(name=name, group=group, when=when, scale=entry.scale or "linear", **numbers)
    return made


def _two_values(entry: HyperparameterDraft) -> tuple[Text, Text]:
    # Two whole numbers make a whole range; from 0 to 1 that is almost never what was meant.
    return (
        Text(en="Real bounds, or whole ones with more than two values.", zh="实数边界；整数范围则要多于两个值。"),
        Text(
            en="Write {low}.0 and {high}.0 for a real range, or choices = [{low}, {high}].",
            zh="实数范围写 {low}.0 和 {high}.0；只要两个值就写 choices = [{low}, {high}]。",
        ).fill(low=entry.low, high=entry.high),
    )


_ONE_KIND = Text(en="Either `low` and `high`, or `choices`.", zh="要么 `low` 和 `high`，要么 `choices`。")


def _drop(keys: list[str]) -> Text:
    return Text(en="Remove {keys}, or remove choices.", zh="删掉 {keys}，或删掉 choices。").fill(keys=", ".join(keys))


def read_baseline(
    raw: Mapping[str, Any], space: Space, declared: Mapping[str, Any], faults: Faults
) -> dict[str, Value]:
    """The baseline, completed: what it does not name is "off" where there is an off value, or the only choice.

    declared  [hyperparameters] as written: a name that is faulty there is not reported here again
    """
    if not raw:
        return {}
    values: dict[str, Value] = {}
    for name, value in raw.items():
        if name not in declared:
            faults.add(f"baseline.{name}", f"{name} = {shown(value)}", one_of(declared), _declare(name, declared))
        elif not isinstance(value, bool | int | float | str):
            faults.add(f"baseline.{name}", shown(value), *_PLAIN_VALUE)
        elif name in space.names:
            values[name] = value
    filled = _filled(values, space)
    faults.extend(
        (each for each in check_configuration(space, filled) if not faults.covers(f"baseline.{each.path}")), "baseline"
    )
    return filled


_PLAIN_VALUE = (
    Text(en="One value: a string, a number, or true or false.", zh="一个值：字符串、数，或 true / false。"),
    Text(en="Write one value.", zh="只写一个值。"),
)


def _declare(name: str, declared: Mapping[str, Any]) -> Text:
    if nearest(name, declared):
        return instead_of(name, declared)
    return Text(
        en="Declare it in [hyperparameters], a constant as {name} = {{ choices = [...] }}, or remove it.",
        zh="在 [hyperparameters] 里声明（常量写成 {name} = {{ choices = [...] }}），或删掉。",
    ).fill(name=name)


def _filled(values: dict[str, Value], space: Space) -> dict[str, Value]:
    filled = dict(values)
    for each in space:
        if each.name not in filled and space.active(each, filled):
            only = each.choices[0] if isinstance(each, Categorical) and len(each.choices) == 1 else None
            off = None if isinstance(each, Categorical) else each.off
            standing = only if off is None else off
            if standing is not None:
                filled[each.name] = standing
        elif isinstance(each, Float) and is_whole(filled.get(each.name)):
            filled[each.name] = float(filled[each.name])
    return filled
