"""Metrics a command prints: one JSON object a line, `{"step": 100, "dev/error": 0.1}`.

Nested objects become names with a slash (`{"dev": {"error": 0.1}}` is `dev/error`; `metrics` adds no name).
A language whose JSON has no NaN writes the words "NaN", "Infinity" and "-Infinity"; null, other words and
lists say nothing and are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

STEP_NAMES = ("step", "global_step", "iteration", "epoch")
_WORDS = {"nan": "nan", "infinity": "inf", "inf": "inf", "-infinity": "-inf", "-inf": "-inf"}


def read_line(line: str | bytes) -> tuple[float | None, dict[str, float]] | None:
    """(step, metrics) of a printed line; the step is None where it gives none; None for a line that is no metrics."""
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    flat = dict(_numbers(found, ""))
    steps = [flat.pop(name) for name in STEP_NAMES if name in flat]
    return (steps[0] if steps else None, flat) if flat else None


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, part in value.items():
            inner = name if key == "metrics" else f"{name}/{key}" if name else str(key)
            yield from _numbers(part, inner)
    elif isinstance(value, (int, float)) and name:
        yield name, float(value)
    elif isinstance(value, str) and value.lower() in _WORDS and name:
        yield name, float(_WORDS[value.lower()])
