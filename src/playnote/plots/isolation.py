"""The isolation plot: for each scientific value its best trial, and the expected best of equally many trials.

The best trial alone flatters a value that had more tries, or one lucky one; so the expected best stands beside it
with its interval.
"""

from __future__ import annotations

from playnote.diagnosis.isolation import IsolationFacts, LevelFacts
from playnote.plots.grammar import Spec, chart, number, written
from playnote.records.objective import Objective
from playnote.text import Language, Text

_ROW = 46  # pixels a value

_TITLE = Text(en="Best of each value of {name}", zh="{name} 每个取值的最优")
_SCORE = Text(en="{metric} ({better} is better)", zh="{metric}（越{better}越好）")
_BETTER = {"minimize": Text(en="lower", zh="小"), "maximize": Text(en="higher", zh="大")}
_BEST = Text(en="best trial", zh="最优试验")
_EXPECTED = Text(en="expected best of {m}, 90 % interval", zh="各 {m} 个的期望最优，90 % 区间")
_EACH = Text(en="each trial", zh="每个试验")
_BASE = Text(en="{value} (baseline)", zh="{value}（当前 baseline）")
_VALUE, _TRIALS, _KIND = Text(en="value", zh="取值"), Text(en="trials", zh="试验"), Text(en="mark", zh="标记")


def isolation_spec(facts: IsolationFacts, name: str, objective: Objective, language: Language) -> Spec:
    """The picture as a Vega-Lite spec; scores in the metric's own direction."""
    words = {
        "best": _BEST.pick(language),
        "expected": _EXPECTED.fill(m=facts.budget).pick(language),
        "each": _EACH.pick(language),
    }
    rows = [row for level in facts.levels for row in _rows(level, facts, objective.sign, words, language)]
    order = [_label(level, facts, language) for level in facts.levels]
    low, high = _window(rows, words)
    x: Spec = {
        "field": "score",
        "type": "quantitative",
        "title": _SCORE.fill(metric=objective.formula, better=_BETTER[objective.direction]).pick(language),
        "scale": {"domain": [low, high], "zero": False, "nice": False, "clamp": True},
        "axis": {"tickCount": 6},
    }
    y: Spec = {"field": "value", "type": "nominal", "title": name, "sort": order, "scale": {"domain": order}}
    tooltip = [
        {"field": "value", "title": _VALUE.pick(language)},
        {"field": "kind", "title": _KIND.pick(language)},
        {"field": "written", "title": objective.formula},
        {"field": "n", "title": _TRIALS.pick(language)},
    ]
    layers = _layers(x, y, words, tooltip)
    return chart(_TITLE.fill(name=name).pick(language), rows, layers, height=_ROW * max(1, len(order)))


def _layers(x: Spec, y: Spec, words: dict[str, str], tooltip: list[Spec]) -> list[Spec]:
    """Ticks for the trials, a bar for the interval, a point on it, and the best trial a little above."""
    scale = {"domain": list(words.values())}
    legend = {"orient": "top", "direction": "vertical", "labelLimit": 0, "symbolOpacity": 1}
    kinds: Spec = {"field": "kind", "type": "nominal", "title": None, "scale": scale, "legend": legend}
    shapes = {**kinds, "scale": {**scale, "range": ["diamond", "circle", "stroke"]}}
    points: list[Spec] = [
        {
            "transform": [_only(words[kind])],
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "yOffset": offset},
            "encoding": {"x": x, "y": y, "color": kinds, "shape": shapes, "tooltip": tooltip},
        }
        for kind, offset in (("expected", 0), ("best", -12))
    ]
    return [
        {
            "transform": [_only(words["each"])],
            "mark": {"type": "tick", "thickness": 1.5, "opacity": 0.45, "bandSize": 12, "clip": True},
            "encoding": {"x": x, "y": y, "color": kinds, "tooltip": tooltip},
        },
        {
            "transform": [_only(words["expected"])],
            "mark": {"type": "rule", "strokeWidth": 2.5},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "color": kinds},
        },
        *points,
    ]


def _only(kind: str) -> Spec:
    return {"filter": {"field": "kind", "equal": kind}}


def _label(level: LevelFacts, facts: IsolationFacts, language: Language) -> str:
    shown = written(level.value)
    return _BASE.fill(value=shown).pick(language) if level.value == facts.baseline else shown


def _rows(
    level: LevelFacts, facts: IsolationFacts, sign: float, words: dict[str, str], language: Language
) -> list[Spec]:
    base = {"value": _label(level, facts, language), "n": f"{level.n} / {level.tried}"}
    rows: list[Spec] = [
        {**base, "kind": words["each"], "score": sign * error, "written": f"{sign * error:.6g}"}
        for error in level.errors
    ]
    if level.best is not None:
        shown = f"{sign * level.best:.6g}, {level.best_id}"
        rows.append({**base, "kind": words["best"], "score": sign * level.best, "written": shown})
    expected = number(level.expected_best)
    if expected is not None:
        low, high = sorted(sign * end for end in level.interval) if level.interval else (sign * expected,) * 2
        shown = f"{sign * expected:.6g} [{low:.6g}, {high:.6g}]" if level.interval else f"{sign * expected:.6g}"
        rows.append(
            {
                **base,
                "kind": words["expected"],
                "score": sign * expected,
                "low": low,
                "high": high,
                "written": shown,
            }
        )
    return rows


def _window(rows: list[Spec], words: dict[str, str]) -> tuple[float, float]:
    """All bests and intervals, and the better half of the trials; the rest is pressed to the edge."""
    marks = [row for row in rows if row["kind"] != words["each"]]
    values = [float(row[key]) for row in marks for key in ("score", "low", "high") if key in row]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    reach = 0.6 * (high - low)
    near = [row["score"] for row in rows if low - reach <= row["score"] <= high + reach]
    low, high = min(low, *near), max(high, *near)
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - pad, high + pad
