"""What [budget] and [settings] mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playnote.projectfile.drafts import BudgetDraft
from playnote.projectfile.objective import finite
from playnote.projectfile.structure import Faults
from playnote.records.project import Budget
from playnote.records.settings import TABLE, Settings
from playnote.space.showing import instead_of, nearest, shown
from playnote.text import Text

_ABOVE_ZERO = (
    Text(en="Above 0.", zh="大于 0。"),
    Text(en="Leave the line out for no limit.", zh="不设上限就删掉这一行。"),
)


def read_budget(draft: BudgetDraft, faults: Faults) -> Budget:
    """The budget; what is not declared has no limit."""
    if draft.trials is not None and draft.trials < 1:
        faults.add("budget.trials", shown(draft.trials), *_ABOVE_ZERO)
    if finite(draft.hours, "budget.hours", faults) and draft.hours <= 0:
        faults.add("budget.hours", shown(draft.hours), *_ABOVE_ZERO)
    return Budget(trials=draft.trials, hours=draft.hours)


def read_settings(raw: Mapping[str, Any], faults: Faults) -> Settings:
    """The settings table with the file's own values laid over it."""
    values: dict[str, float] = {}
    for written, value in _flat(raw):
        path, name = f"settings.{written}", _UNDERSCORED.get(written, written)
        if name not in TABLE:
            near = nearest(name, TABLE)
            allowed = Text(en="The name of a setting{near}.", zh="设置的名字{near}。").fill(
                near=Text(en=", such as {name}", zh="，例如 {name}").fill(name=near or next(iter(TABLE)))
            )
            faults.add(path, f"{name} = {shown(value)}", allowed, instead_of(name, TABLE))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            faults.add(path, shown(value), _range(name), Text(en="Write a number.", zh="写一个数。"))
        elif finite(value, path, faults):
            if TABLE[name].low <= value <= TABLE[name].high:
                values[name] = float(value)
            else:
                fix = Text(en="The usual value is {value}.", zh="通常用 {value}。").fill(value=shown(TABLE[name].value))
                faults.add(path, shown(value), _range(name), fix)
    return Settings(values)


# A name may be written with its dot or with an underscore: `adoption.alpha` or `adoption_alpha`.
_UNDERSCORED = {name.replace(".", "_"): name for name in TABLE}


def _flat(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """`adoption.alpha = 0.05` is a table inside a table to TOML; here it is one name."""
    for name, value in raw.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _range(name: str) -> Text:
    row = TABLE[name]
    low, high = row.low != float("-inf"), row.high != float("inf")
    if low and high:
        return Text(en="From {low} to {high} ({unit}).", zh="从 {low} 到 {high}（{unit}）。").fill(
            low=shown(row.low), high=shown(row.high), unit=row.unit
        )
    if low:
        return Text(en="At least {low} ({unit}).", zh="不小于 {low}（{unit}）。").fill(
            low=shown(row.low), unit=row.unit
        )
    if high:
        return Text(en="At most {high} ({unit}).", zh="不大于 {high}（{unit}）。").fill(
            high=shown(row.high), unit=row.unit
        )
    return Text(en="A number ({unit}).", zh="数（{unit}）。").fill(unit=row.unit)
