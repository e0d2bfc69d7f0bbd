"""A picture of curves for paper: the uPlot data of the page as a Vega-Lite spec, with the same window and the same lines."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from playnote.plots.grammar import Spec, chart

_HEIGHT = 260
_GAP = 65_535
_BUNDLES = 8  # the cloud's lines go in so many paths, so that where many lie it is darker
_DASHES: dict[str, list[int]] = {"best": [], "worst": [2, 3], "baseline": [8, 4]}


def still_of_curves(drawing: Spec) -> Spec:
    """Named lines over the grey cloud of every trial. `drawing` is what `curves_data` gives."""
    window = drawing.get("range")
    order = [line["label"] for line in drawing["lines"]]
    x: Spec = {"field": "x", "type": "quantitative", "title": drawing["x"], "scale": {"zero": False, "nice": False}}
    y: Spec = {"field": "y", "type": "quantitative", "title": drawing["y"], "scale": {"zero": False, "nice": False}}
    if window:
        y["scale"] = {"domain": list(window), "nice": False}
    encoding: Spec = {
        "x": x,
        "y": y,
        "detail": {"field": "line"},
        "color": {
            "field": "line",
            "type": "nominal",
            "title": None,
            "legend": {"orient": "bottom", "columns": 3, "labelLimit": 0, "symbolType": "stroke"},
            "scale": {"domain": order, "range": _colours(drawing)},
        },
    }
    layers: list[Spec] = [*_ground(drawing, x, y), *(_lines(role, encoding) for role in _DASHES)]
    return chart(drawing["title"], _rows(drawing), layers, height=_HEIGHT)


def _rows(drawing: Spec) -> list[Spec]:
    return [
        {"line": line["label"], "role": line["role"], "x": step, "y": value}
        for line in drawing["lines"]
        for step, value in cut(line["x"], line["y"], drawing.get("range"))
    ]


def cut(
    steps: Sequence[float], values: Sequence[float | None], window: Sequence[float] | None
) -> list[tuple[float, float | None]]:
    """A line without what lies outside the window, ended on the window's edge; None where it breaks.

    Cut here and not by the renderer, which clips each line in seconds.
    """
    if window is None:
        return list(zip(steps, values, strict=True))
    found: list[tuple[float, float | None]] = []
    before: tuple[float, float] | None = None
    for step, value in zip(steps, values, strict=True):
        if value is None:
            found.append((step, None))
            before = None
            continue
        found += _piece(before, (step, value), window[0], window[1])
        before = (step, value)
    return found


def _piece(
    before: tuple[float, float] | None, here: tuple[float, float], low: float, high: float
) -> list[tuple[float, float | None]]:
    """The part of a segment that is inside, with a break where it leaves."""
    inside = low <= here[1] <= high
    if before is None or before[1] == here[1]:
        return [here] if inside else [(here[0], None)]
    ends = sorted(
        (edge - before[1]) / (here[1] - before[1])
        for edge in (low, high)
        if 0 < (edge - before[1]) / (here[1] - before[1]) < 1
    )
    crossed: list[tuple[float, float | None]] = [
        (before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])) for share in ends
    ]
    if inside:
        return [*crossed, here]
    return [*crossed, (here[0], None)]


def _colours(drawing: Spec) -> list[str]:
    """The page's colours by scientific value, so that lines of one value share theirs."""
    return ["#57606a" if line["group"] is None else PALETTE[line["group"] % len(PALETTE)] for line in drawing["lines"]]


PALETTE = ("#0072B2", "#D55E00", "#00805A", "#B3568F", "#8A6A00", "#3A3A3A")  # Okabe and Ito, darkened for white paper


def _lines(role: str, encoding: Spec) -> Spec:
    """A layer a role: a dash for every line, solid ones too, would take a renderer twenty seconds."""
    dash = {"strokeDash": _DASHES[role]} if _DASHES[role] else {}
    return {
        "transform": [{"filter": {"field": "role", "equal": role}}],
        "mark": {"type": "line", "strokeWidth": 1.4, **dash},
        "encoding": encoding,
    }


def _ground(drawing: Spec, x: Spec, y: Spec) -> list[Spec]:
    """The cloud as thin grey lines."""
    cloud = drawing.get("cloud")
    if not cloud:
        return []
    low, high, foot, top = cloud["box"]
    across, up = (np.frombuffer(base64.b64decode(cloud[name]), dtype="<u2").astype(float) for name in ("x", "y"))
    xs, ys = low + across / 65_534 * (high - low), foot + up / 65_534 * (top - foot)
    rows: list[Spec] = []
    begin = 0
    for at, count in enumerate(cloud["counts"]):
        here = slice(begin, begin + count)
        known = [None if raw == _GAP else value for raw, value in zip(up[here], ys[here].tolist(), strict=True)]
        pieces = cut(xs[here].tolist(), known, drawing.get("range"))
        end = (pieces[-1][0], None)
        rows += [
            {"b": at % _BUNDLES, "i": len(rows) + i, "x": step, "y": value}
            for i, (step, value) in enumerate((*pieces, end))
        ]
        begin += count
    order = {"field": "i", "type": "quantitative"}
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "stroke": "#57606a", "strokeWidth": 0.6, "opacity": 0.16},
            "encoding": {"x": x, "y": y, "detail": {"field": "b"}, "order": order},
        }
    ]
