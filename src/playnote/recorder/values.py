"""Logged values: what becomes a number at once, and what may wait.

A number, a NumPy scalar and a CPU tensor cost nothing to read and are read at once, so that a tensor
changed in place afterwards does not change the log. A tensor on another device is copied there (which
does not wait for the device) and read when the log is written. An array that is not computed yet (JAX,
whose arrays never change) is read then, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from playnote.errors import InputError
from playnote.text import Text, same


class Later:
    """A value that still lies on another device."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[], float]) -> None:
        self.read = read


def frozen(name: object, value: Any) -> float | int | Later:
    """The value as a number, or as a copy to be read later. Raises InputError for what is no single number."""
    on_device = getattr(getattr(value, "device", None), "type", "cpu") != "cpu"
    if on_device and getattr(value, "ndim", 0) and value.numel() != 1:
        raise _not_a_number(name, value)
    try:
        if on_device:
            return Later(cast(Callable[[], float], value.detach().clone().item))
        ready = getattr(value, "is_ready", None)
        if ready is not None and not ready() and value.size == 1:
            return Later(cast(Callable[[], float], value.item))
        item = getattr(value, "item", None)
        return float(value if item is None else item())
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise _not_a_number(name, value) from error


def _not_a_number(name: object, value: object) -> InputError:
    return InputError(
        Text(
            en="The metric {name} was logged as {value}, which is not a single number.",
            zh="指标 {name} 记录的值是 {value}，不是单个数字。",
        ).fill(name=same(repr(name)), value=same(_short(value))),
        fix=Text(en="Log a number, or a tensor with one element.", zh="请记录一个数字，或只含一个元素的张量。"),
    )


def _short(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 60 else words[:57] + "..."
