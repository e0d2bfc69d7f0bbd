"""First pass over the file: every value has a known key and the right type.

A faulty value is reported and then treated as absent, so that one fault never hides another;
`Faults.covers` says which absences are already reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from playnote.errors import Detail
from playnote.projectfile.drafts import Draft
from playnote.space.showing import instead_of, nearest, one_of, shown
from playnote.text import Text

AnyDraft = TypeVar("AnyDraft", bound=Draft)

_TYPES: dict[str, Text] = {
    "string_type": Text(en="A string, in quotes.", zh="字符串，要加引号。"),
    "int_type": Text(en="A whole number.", zh="整数。"),
    "number": Text(en="A number, without quotes.", zh="数，不加引号。"),
    "bool_type": Text(en="true or false.", zh="true 或 false。"),
    "list_type": Text(en="A list: [ ... ].", zh="列表：[ ... ]。"),
    "dict_type": Text(en="A table: { ... }.", zh="表：{ ... }。"),
    "model_type": Text(en="A table: { ... }.", zh="表：{ ... }。"),
    "choice": Text(en="A string, a number, or true or false.", zh="字符串、数，或 true / false。"),
}
_OTHER = Text(en="Another kind of value.", zh="另一种类型的值。")


class Faults:
    """The faults of one file, in the order found, each place once."""

    def __init__(self) -> None:
        self.details: list[Detail] = []
        self._meant: set[str] = set()
        self._sections: set[str] = set()

    def add(self, path: str, found: str, allowed: Text, fix: Text) -> None:
        """One fault at a place in the file."""
        self.extend([Detail(path, found, allowed, fix)])

    def extend(self, details: Iterable[Detail], under: str = "") -> None:
        """Faults with paths relative to `under`."""
        for detail in details:
            path = f"{under}.{detail.path}" if under else detail.path
            self.details.append(Detail(path, detail.found, detail.allowed, detail.fix))

    def missing(self, path: str, allowed: Text, fix: Text) -> None:
        """A value that must be there and is not, unless what stands there is already reported."""
        if not self.covers(path):
            self.add(path, f"{path.rsplit('.', 1)[-1]} = ?", allowed, fix)

    def meant(self, path: str) -> None:
        """A misspelt key most likely stands for this place: its absence is not reported as well."""
        self._meant.add(path)

    def meant_near(self, key: str, known: Iterable[str]) -> None:
        """The same for a whole section: nothing inside the section it stands for is reported as missing."""
        near = nearest(key, known)
        if near is not None:
            self._sections.add(near)

    def covers(self, path: str) -> bool:
        """Whether a fault at this place, or inside it, is already reported."""
        if path in self._meant or path.split(".", 1)[0] in self._sections:
            return True
        return any(detail.path == path or detail.path.startswith((f"{path}.", f"{path}[")) for detail in self.details)


def table(raw: Mapping[str, Any], key: str, path: str, faults: Faults) -> dict[str, Any]:
    """A sub-table of the file; empty where it is absent, a fault where it is something else."""
    value = raw.get(key, {})
    if isinstance(value, dict):
        return value
    faults.add(
        path,
        shown(value),
        _TYPES["dict_type"],
        Text(en="Write a table: [{path}].", zh="写成一张表：[{path}]。").fill(path=path),
    )
    return {}


def draft(model: type[AnyDraft], raw: Any, path: str, faults: Faults) -> AnyDraft:
    """The table as a draft, without its faulty values, which are reported."""
    if not isinstance(raw, dict):
        faults.add(path, shown(raw), _TYPES["dict_type"], _table_fix(path))
        return model()
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    places = [_place(each, raw) for each in problems]
    seen: dict[str, Detail] = {}
    for place, each in zip(places, problems, strict=True):
        seen.setdefault(_path(path, place), _detail(model, raw, path, place, each, faults))
    faults.extend(seen.values())
    try:
        return model.model_validate(_without(raw, places))
    except ValidationError:
        return model()


def _place(each: ErrorDetails, raw: Any) -> tuple[str | int, ...]:
    # pydantic names the members of a union in the location ("chance", "str"): keep what is in the file.
    place: list[str | int] = []
    here: Any = raw
    for part in each["loc"]:
        inside = isinstance(here, dict) and part in here
        if not inside and not (isinstance(here, list) and isinstance(part, int) and part < len(here)):
            break
        here = here[part]
        place.append(part)
    return tuple(place)


def _path(path: str, place: Iterable[str | int]) -> str:
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path


def _value(raw: Any, place: Iterable[str | int]) -> Any:
    for part in place:
        raw = raw[part]
    return raw


def _detail(
    model: type[Draft], raw: Any, path: str, place: tuple[str | int, ...], each: ErrorDetails, faults: Faults
) -> Detail:
    if each["type"] == "extra_forbidden":
        known = _keys(model, place[:-1])
        key = str(place[-1])
        faults.meant(_path(path, (*place[:-1], nearest(key, known) or key)))
        return Detail(_path(path, place), f"{key} = {shown(_value(raw, place))}", one_of(known), instead_of(key, known))
    value = _value(raw, place)
    allowed = _union(model, place) or _TYPES.get(each["type"], _OTHER)
    return Detail(_path(path, place), shown(value), allowed, _type_fix(place, value, allowed))


def _union(model: type[Draft], place: tuple[str | int, ...]) -> Text | None:
    special = {
        "max_train_steps": Text(en='A whole number of steps, or "20 epochs".', zh='步数（整数），或 "20 epochs"。'),
        "evaluate_every": Text(en='A whole number of steps, or "1 epoch".', zh='步数（整数），或 "1 epoch"。'),
        "chance": Text(en='A number, or "majority-class".', zh='数，或 "majority-class"。'),
    }
    return special.get(str(place[-1])) if len(place) == 1 else None


def _keys(model: type[Draft], place: Iterable[str | int]) -> tuple[str, ...]:
    # Keys of the table that holds the unknown one: the model itself, or the model inside a field of it.
    for part in place:
        if isinstance(part, str):
            found = [
                inner for inner in Draft.__subclasses__() if inner.__name__ in str(model.model_fields[part].annotation)
            ]
            model = found[0]
    return tuple(model.model_fields)


def _table_fix(path: str) -> Text:
    return Text(en="Write a table: {name} = {{ ... }}.", zh="写成一张表：{name} = {{ ... }}。").fill(
        name=path.rsplit(".", 1)[-1]
    )


def _type_fix(place: tuple[str | int, ...], value: Any, allowed: Text) -> Text:
    name = next((str(part) for part in reversed(place) if isinstance(part, str)), "it")
    number = _as_number(value)
    if number is not None and allowed in (_TYPES["number"], _TYPES["int_type"]):
        return Text(en="Remove the quotes: {name} = {number}.", zh="去掉引号：{name} = {number}。").fill(
            name=name, number=number
        )
    if allowed == _TYPES["string_type"] and not isinstance(value, dict | list):
        return Text(en='Put it in quotes: {name} = "{value}".', zh='加上引号：{name} = "{value}"。').fill(
            name=name, value=shown(value)
        )
    return Text(en="Write `{name}` as: {allowed}", zh="`{name}` 写成：{allowed}").fill(name=name, allowed=allowed)


def _as_number(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        float(value)
    except ValueError:
        return None
    return value


def _without(kept: dict[str, Any], places: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    # The whole top-level key goes, except in a list of tables, where only the faulty key of the one table goes.
    copy = _copied(kept)
    for place in places:
        holder = copy
        try:
            for part in place[:-1]:
                holder = holder[part]
            if isinstance(holder, list):
                holder[place[-1]] = _GONE  # type: ignore[index]
            else:
                holder.pop(place[-1], None)
        except (KeyError, IndexError, TypeError):
            continue
    cleaned = _cleaned(copy)
    return cleaned if isinstance(cleaned, dict) else {}


_GONE = object()


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items() if each is not _GONE}
    return [_cleaned(each) for each in value if each is not _GONE] if isinstance(value, list) else value
