"""Curves from rows as other tools write them: steps that come twice, numbers kept as words, series read when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.records.curves import Curve
from playnote.space.hyperparameter import Value

_NUMERIC = frozenset("0123456789+-.iInN \t")  # what a number may begin with, "inf" and "nan" too


class LazySeries(Mapping[str, Curve]):
    """A run's curves by metric, each read when it is first asked for; a metric without a value is not among them."""

    def __init__(self, names: Sequence[str], read: Callable[[str], Curve]) -> None:
        self._names, self._read = dict.fromkeys(names), read
        self._seen: dict[str, Curve] = {}

    def __getitem__(self, name: str) -> Curve:
        if name not in self._seen:
            if name not in self._names:
                raise KeyError(name)
            self._seen[name] = self._read(name)
        return self._seen[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def series(steps: Sequence[float] | NDArray[Any], values: Sequence[float] | NDArray[Any]) -> Curve:
    """A curve from rows in the order of writing; of a step that comes twice the later value counts."""
    if not len(steps):
        return Curve(np.empty(0), np.empty(0))
    at = np.asarray(steps, dtype=float)
    order = np.argsort(at, kind="stable")
    at, what = at[order], np.asarray(values, dtype=float)[order]
    last = np.append(at[1:] != at[:-1], True)
    return Curve(at[last], what[last])


def gathered(
    rows: Iterable[tuple[float, Mapping[str, object]]], rename: Callable[[str], str] = str
) -> dict[str, Curve]:
    """Every numeric series of rows (step, {name: value}), in the order of writing; other values are passed over."""
    steps: dict[str, list[float]] = {}
    values: dict[str, list[float]] = {}
    for step, row in rows:
        for name, value in row.items():
            found = number(value)
            if found is not None:
                steps.setdefault(rename(name), []).append(step)
                values.setdefault(rename(name), []).append(found)
    return {name: series(steps[name], values[name]) for name in steps}


def number(value: object) -> float | None:
    """A logged value as a number: the words JSON has none for ("NaN", "Infinity") count, truth values do not."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return None if isinstance(value, str) and "_" in value else float(value)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1 << 14)  # in long tables most cells come again and again
def value_of_text(text: str) -> Value:
    """A setting that a tool keeps as text: a whole number, a number, a truth value, else the text itself."""
    for kind in (int, float) if text[:1] in _NUMERIC else ():
        try:
            # Python also reads "1_000", which no tool writes for a number; and an integer may have any length.
            return text if "_" in text or len(text) > 400 else kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def moment(seconds: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC; None for what is no such number."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def whole_lines(data: bytes) -> tuple[bytes, bool]:
    """What stands before the last line end, and whether something stood behind it: a line that was being written."""
    end = data.rfind(b"\n") + 1
    return data[:end], bool(data[end:].strip())


def listed(names: Iterable[str], most: int = 12, width: int = 60) -> str:
    """Names for a sentence: the first few, long ones cut."""
    every = [each if len(each) <= width else each[: width - 1] + "…" for each in names]
    return ", ".join(every[:most]) + (f", … ({len(every)})" if len(every) > most else "")


__all__ = ["LazySeries", "gathered", "listed", "moment", "number", "series", "value_of_text", "whole_lines"]
