"""Pieces that every Vega-Lite spec here is made of: plain data, no colours (the page's theme brings those)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-right", "triangle-down")


def chart(title: str, values: Sequence[Spec], layers: list[Spec], *, height: int = 220, **more: Any) -> Spec:
    """A layered chart as wide as the page allows."""
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "anchor": "start"},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": list(values)},
        "layer": layers,
        **more,
    }


def number(value: object) -> float | None:
    """A finite number, or None: JSON holds no NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def written(value: object) -> str:
    """A value as a legend shows it, as sentences write it too: 0.0 stays 0.0."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and len(str(value)) > 8 else str(value)


def by_group(groups: Sequence[str], title: str) -> Spec:
    """Colour and shape by scientific value, in the order of the round; one group needs no legend."""
    legend = {"orient": "top", "symbolLimit": 0, "columns": 4} if len(groups) > 1 else None
    base = {"field": "group", "type": "nominal", "title": title, "legend": legend}
    return {
        "color": {**base, "scale": {"domain": list(groups)}},
        "shape": {
            **base,
            "scale": {"domain": list(groups), "range": [SHAPES[at % len(SHAPES)] for at in range(len(groups))]},
        },
    }
