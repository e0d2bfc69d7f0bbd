"""What procedures saw: runs before and after a remedy beside a stable one, and the error along the learning rates tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.plots.curves import CurveFacts, Line, curves_data, measure_curves
from playnote.plots.grammar import Spec, chart, number
from playnote.records.curves import CurveSource
from playnote.text import Language, Text

Part = Literal["before", "after", "reference", "probe"]
_SEEDS = 2  # curves of one setting
_REACH = 3.0  # times what was lost since the first reading: higher than that is no path any more
_ROLES: Mapping[Part, Literal["best", "worst", "baseline"]] = {
    "before": "worst",
    "after": "best",
    "reference": "baseline",
    "probe": "best",
}
_PARTS: Mapping[Part, Text] = {
    "before": Text(en="before: {label} · {trial}", zh="处理前：{label} · {trial}"),
    "after": Text(en="after: {label} · {trial}", zh="处理后：{label} · {trial}"),
    "reference": Text(en="reference: {label} · {trial}", zh="参照：{label} · {trial}"),
    "probe": Text(en="{label} · {trial}", zh="{label} · {trial}"),
}
_SWEEP = Text(en="{metric} at constant learning rates", zh="恒定学习率下的 {metric}")
_RATE = Text(en="{name} (log scale)", zh="{name}（对数坐标）")
_KINDS: Mapping[bool | None, Text] = {
    True: Text(en="stable", zh="稳"),
    False: Text(en="unstable", zh="不稳"),
    None: Text(en="not known", zh="不清楚"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Runs of one setting: the label in the project's own names, its part in the comparison, ids."""

    label: str
    part: Part
    trials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasuredCurves:
    """One series of these runs, thinned, and the part of each line."""

    curves: CurveFacts
    parts: tuple[Part, ...]


def measure_before_after(source: CurveSource, metric: str, settings: Iterable[Setting], unit: str) -> MeasuredCurves:
    """Read the curves: two seeds of each setting at most."""
    lines = [
        (Line(trial, each.label, None if each.part == "reference" else group, _ROLES[each.part]), each.part)
        for group, each in enumerate(settings)
        for trial in each.trials[:_SEEDS]
    ]
    facts = measure_curves(source, metric, [line for line, _ in lines], unit)
    parts = {line.trial: part for line, part in lines}
    return MeasuredCurves(facts, tuple(parts[line.trial] for line, _ in facts.lines))


def before_after_data(facts: MeasuredCurves, language: Language) -> Spec:
    """What the page hands to uPlot; a run that explodes leaves the picture at its top, so that the others can be read."""
    data = curves_data(facts.curves, language)
    for drawn, (line, _), part in zip(data["lines"], facts.curves.lines, facts.parts, strict=True):
        drawn["label"] = _PARTS[part].fill(label=line.label, trial=line.trial).pick(language)
    return data | {"range": _window(facts)}


def _window(facts: MeasuredCurves) -> list[float] | None:
    """From the lowest reading to what nearly all readings of the runs that are no mere wreck stay below."""
    sound = [curve for (_, curve), part in zip(facts.curves.lines, facts.parts, strict=True) if part != "before"]
    kept = [curve.values[np.isfinite(curve.values)] for curve in sound or [curve for _, curve in facts.curves.lines]]
    values = np.concatenate(kept) if kept else np.empty(0)
    if not len(values):
        return None
    low, high = float(values.min()), float(np.quantile(values, 0.99))
    start = max(float(each[0]) for each in kept if len(each))
    if start > low and ("before" in facts.parts or "after" in facts.parts):
        high = min(high, low + _REACH * (start - low))  # a remedy that failed explodes as well
    return None if low == high else [low - 0.06 * (high - low), high + 0.3 * (high - low)]


def sweep_spec(rows: Sequence[Mapping[str, object]], rate: str, metric: str, language: Language) -> Spec | None:
    """A point a learning rate: its error, and whether training was stable there; None without any error to draw.

    rows : "lr" (the rate), "error" (lower is better; None where the run diverged), "stable" (None: not known)
    """
    points = [
        {"lr": number(row.get("lr")), "error": number(row.get("error")), "kind": _kind(row).pick(language)}
        for row in rows
    ]
    known = [each["error"] for each in points if isinstance(each["error"], float)]
    if not known:
        return None
    # A rate without an error diverged: its mark stands on the upper edge.
    top = max(known) + 0.08 * ((max(known) - min(known)) or abs(max(known)) or 1.0)
    values = [each | {"error": top if each["error"] is None else each["error"]} for each in points]
    x: Spec = {
        "field": "lr",
        "type": "quantitative",
        "scale": {"type": "log"},
        "title": _RATE.fill(name=rate).pick(language),
        "axis": {"format": "~g"},
    }
    y: Spec = {"field": "error", "type": "quantitative", "scale": {"zero": False}, "title": metric}
    order = [each.pick(language) for each in _KINDS.values()]
    kind: Spec = {
        "field": "kind",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order},
        "title": None,
        "legend": {"orient": "top"},
    }
    layers: list[Spec] = [
        {"mark": {"type": "line", "opacity": 0.4}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "point", "filled": True, "size": 80},
            "encoding": {"x": x, "y": y, "shape": kind, "color": kind},
        },
    ]
    return chart(_SWEEP.fill(metric=metric).pick(language), values, layers)


def _kind(row: Mapping[str, object]) -> Text:
    stable = row.get("stable")
    return _KINDS[stable if isinstance(stable, bool) else None]
