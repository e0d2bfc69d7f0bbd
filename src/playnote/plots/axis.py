"""The axis plot of one nuisance hyperparameter: every trial of the round, its value across, its score up.

Trials that diverged have no score and stand on a strip of their own; values "off" stand beside the range.
Scores far worse than the rest are drawn at the edge, as pointers, so that they do not flatten the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playnote.plots.grammar import Spec, by_group, chart, number, written
from playnote.plots.linked import chosen, faded, marking
from playnote.records.objective import Direction, Objective
from playnote.records.round import Round
from playnote.records.state import Reading
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.text import Language, Text

_HEIGHT = 220
_STRIP = 22  # pixels kept for the trials that diverged, on the worse side
_OFF = 34  # pixels kept beside the range for "off"
_OFF_AT = 12  # pixels from the left, where the values "off" stand
_MARGIN = 0.04  # of the range, so that its ends can be seen

# A tick's number: 1e-6 rather than 0.000001.
_SHORT = "datum.value < 0.001 || datum.value >= 100000 ? format(datum.value, '~e') : format(datum.value, '~g')"

_TITLE = Text(en="{name} ({scale})", zh="{name} 轴（{scale}）")
_SCALES = {
    "linear": Text(en="linear scale", zh="线性刻度"),
    "log": Text(en="log scale", zh="对数刻度"),
    "log-complement": Text(en="log scale of 1 - x", zh="1 - x 的对数刻度"),
    "choices": Text(en="choices", zh="选项"),
}
_SCORE = Text(en="{metric} ({better} is better)", zh="{metric}（越{better}越好）")
_BETTER = {"minimize": Text(en="lower", zh="小"), "maximize": Text(en="higher", zh="大")}
_DIVERGED = Text(en="× diverged: {n}", zh="× 发散：{n} 个")
_BROKEN = Text(en="+ breaks a constraint: {n}", zh="+ 违反约束：{n} 个")
_NO_SCORE = Text(en="diverged", zh="发散")
_BEST = Text(en="best: {trial}", zh="最优：{trial}")
_OFF_LABEL = Text(en="off", zh="不用")
_TRIAL = Text(en="trial", zh="试验")


@dataclass(frozen=True, slots=True)
class AxisPoint:
    """One trial on the axis: score None where it diverged, x None where the hyperparameter is off.

    broken  a score that does not count: the trial breaks a constraint
    """

    trial: str
    x: Value | None
    score: float | None
    group: str
    diverged: bool
    broken: bool = False


@dataclass(frozen=True, slots=True)
class AxisFacts:
    """What the axis plot of one hyperparameter shows.

    points   trials with a score, and trials that diverged
    missing  trials of the round that ended without a result of their own (or are still to run); they are not drawn
    best     the trial with the best feasible score
    groups   scientific values as written, in the round's order
    """

    hyperparameter: Hyperparameter
    metric: str
    direction: Direction
    points: tuple[AxisPoint, ...]
    groups: tuple[str, ...]
    group_title: str
    best: str | None = None
    missing: int = 0


def measure_axis(
    name: str, each: Round, trials: Sequence[TrialRecord], readings: Mapping[str, Reading], objective: Objective
) -> AxisFacts:
    """Every search trial of the round along one hyperparameter of its space. Raises KeyError for an unknown name."""
    hyperparameter = each.space[name]
    searched = [trial for trial in trials if trial.purpose == "search"]
    points, missing = [], max(0, len(each.planned) - len(searched))
    for trial in searched:
        reading = readings.get(trial.id, Reading(None))
        score = number(reading.score) if trial.outcome == "ok" else None
        if score is None and trial.outcome not in DIVERGED:
            missing += 1
            continue
        points.append(
            AxisPoint(
                trial=trial.id,
                x=_place(hyperparameter, trial.configuration.get(name)),
                score=score,
                group=group_of(each, trial),
                diverged=trial.outcome in DIVERGED,
                broken=score is not None and reading.feasible is False,
            )
        )
    feasible = [p for p in points if p.score is not None and not p.broken]
    best = min(feasible, key=lambda p: objective.sign * (p.score or 0.0), default=None)
    return AxisFacts(
        hyperparameter=hyperparameter,
        metric=objective.formula,
        direction=objective.direction,
        points=tuple(points),
        groups=groups_of(each),
        group_title=", ".join(each.scientific),
        best=best.trial if best else None,
        missing=missing,
    )


def group_of(each: Round, trial: TrialRecord) -> str:
    """The scientific value a trial was run for, as a legend shows it."""
    return ", ".join(written(trial.configuration.get(name)) for name in each.scientific)


def groups_of(each: Round) -> tuple[str, ...]:
    """Every scientific value of a round as written, in order."""
    return tuple(", ".join(written(value) for value in study.scientific.values()) for study in each.studies)


def axis_spec(facts: AxisFacts, language: Language) -> Spec:
    """The picture as a Vega-Lite spec."""
    low, high = _window(facts)
    rows = [_row(point, facts, low, high, language) for point in facts.points]
    x, off_x = _x(facts, language), {"value": _OFF_AT}
    y = _y(facts, language, low, high)
    marks = by_group(facts.groups, facts.group_title)
    tooltip = [
        {"field": "trial", "title": _TRIAL.pick(language)},
        {"field": "shown", "title": facts.hyperparameter.name},
        {"field": "scored", "title": facts.metric},
        *([{"field": "group", "title": facts.group_title}] if facts.group_title else []),
    ]
    worse = 8 if facts.direction == "minimize" else _HEIGHT - 8
    shared = {**marks, "tooltip": tooltip, "opacity": faded()}
    size = _size(len(rows))
    continuous = not isinstance(facts.hyperparameter, Categorical)
    layers: list[Spec] = [
        *_range_ends(facts.hyperparameter, x),
        _points("!datum.diverged && !datum.off && !datum.edge && !datum.broken", {**shared, "x": x, "y": y}, size)
        | {"params": marking(zoom_x=continuous)},
        _points("!datum.diverged && datum.off && !datum.broken", {**shared, "x": off_x, "y": y}, size),
        _points(
            "datum.edge && !datum.off && !datum.broken", {**shared, "x": x, "y": y, "shape": _pointer(facts)}, size
        ),
        *_broken(rows, shared, x, y, off_x),
        _crosses("datum.diverged && !datum.off", {**shared, "x": x, "y": {"value": worse}}),
        _crosses("datum.diverged && datum.off", {**shared, "x": off_x, "y": {"value": worse}}),
        *_best(x, y, off_x, rows, 17 if facts.direction == "minimize" else -17, language),
        *_off_word(facts, language),
    ]
    scale = "choices" if isinstance(facts.hyperparameter, Categorical) else facts.hyperparameter.scale
    title = _TITLE.fill(name=facts.hyperparameter.name, scale=_SCALES[scale]).pick(language)
    spec = chart(title, rows, layers, height=_HEIGHT, params=chosen())
    return spec | {
        "title": {"text": title, "anchor": "start", **_below(facts, language)},
        "usermeta": {"links": {"off": _OFF_AT, "diverged": worse}},
    }


def _below(facts: AxisFacts, language: Language) -> Spec:
    """What the crosses are, where there are any."""
    counts = (
        (_DIVERGED, sum(point.diverged for point in facts.points)),
        (_BROKEN, sum(point.broken for point in facts.points)),
    )
    said = [words.fill(n=n).pick(language) for words, n in counts if n]
    return {"subtitle": "   ".join(said)} if said else {}


def _size(n: int) -> int:
    """Area of a point: many trials need small ones."""
    return 55 if n <= 120 else 32 if n <= 400 else 18


def _place(hyperparameter: Hyperparameter, value: Value | None) -> Value | None:
    if value is None or (not isinstance(hyperparameter, Categorical) and value == hyperparameter.off):
        return None
    return value


def _window(facts: AxisFacts) -> tuple[float, float]:
    """Scores shown: from the best to the worst, or to three interquartile distances beyond the middle."""
    scores = sorted(point.score for point in facts.points if point.score is not None)
    if not scores:
        return 0.0, 1.0
    n = len(scores)
    first, third = scores[n // 4], scores[(3 * n) // 4]
    reach = 3 * (third - first)
    low, high = scores[0], scores[-1]
    if n >= 8 and reach > 0:
        low, high = (
            (low, min(high, third + reach)) if facts.direction == "minimize" else (max(low, first - reach), high)
        )
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    # Room on the better side for the best trial's name.
    below, above = (2.5 * pad, pad) if facts.direction == "minimize" else (pad, 2.5 * pad)
    return low - below, high + above


def _row(point: AxisPoint, facts: AxisFacts, low: float, high: float, language: Language) -> Spec:
    complement = not isinstance(facts.hyperparameter, Categorical) and facts.hyperparameter.scale == "log-complement"
    x: object = point.x
    if isinstance(facts.hyperparameter, Categorical):
        x = written(point.x) if point.x is not None else None
    elif complement and point.x is not None:
        x = 1.0 - float(point.x)
    outside = point.score is not None and not low <= point.score <= high
    return {
        "trial": point.trial,
        "x": x,
        "y": None if point.score is None else min(max(point.score, low), high),
        "shown": _OFF_LABEL.pick(language) if point.x is None else written(point.x),
        "scored": _NO_SCORE.pick(language) if point.score is None else f"{point.score:.6g}",
        "group": point.group,
        "off": point.x is None,
        "edge": outside,
        "diverged": point.diverged,
        "broken": point.broken,
        "best": point.trial == facts.best,
    }


def _x(facts: AxisFacts, language: Language) -> Spec:
    hyperparameter = facts.hyperparameter
    base: Spec = {"field": "x", "title": hyperparameter.name}
    offset = _OFF if any(point.x is None for point in facts.points) else 0
    reach = [offset, {"expr": "width"}]
    if isinstance(hyperparameter, Categorical):
        choices = [written(choice) for choice in hyperparameter.choices]
        return {**base, "type": "nominal", "scale": {"domain": choices}, "axis": {"labelAngle": 0}}
    axis: Spec = {"grid": False, "labelOverlap": True}
    low, high = _ends(hyperparameter)
    values = [float(p.x) for p in facts.points if p.x is not None]
    if hyperparameter.scale == "log-complement":
        low, high = 1 - high, 1 - low
        values = [1 - value for value in values]
        axis["labelExpr"] = "format(1 - datum.value, '.6~g')"
    low, high = min([low, *values]), max([high, *values])
    if hyperparameter.scale == "linear":
        pad = _MARGIN * (high - low)
        return {
            **base,
            "type": "quantitative",
            "axis": {**axis, "tickCount": 6},
            "scale": {"domain": [low - pad, high + pad], "range": reach, "zero": False, "nice": False},
        }
    pad = (high / low) ** _MARGIN
    tens = [10.0**at for at in range(math.ceil(math.log10(low / pad)), math.floor(math.log10(high * pad)) + 1)]
    if len(tens) > 1:
        axis["values"] = tens
    return {
        **base,
        "type": "quantitative",
        "axis": {"labelExpr": _SHORT, **axis},
        "scale": {
            "type": "log",
            "domain": [low / pad, high * pad],
            "range": reach,
            "nice": False,
            "reverse": hyperparameter.scale == "log-complement",
        },
    }


def _ends(hyperparameter: Float | Integer) -> tuple[float, float]:
    return float(hyperparameter.low), float(hyperparameter.high)


def _y(facts: AxisFacts, language: Language, low: float, high: float) -> Spec:
    strip = _STRIP if any(point.diverged for point in facts.points) else 0
    minimize = facts.direction == "minimize"
    return {
        "field": "y",
        "type": "quantitative",
        "title": _SCORE.fill(metric=facts.metric, better=_BETTER[facts.direction]).pick(language),
        "axis": {"tickCount": 5},
        "scale": {
            "domain": [low, high],
            "range": [_HEIGHT, strip] if minimize else [_HEIGHT - strip, 0],
            "zero": False,
            "nice": False,
        },
    }


def _points(where: str, encoding: Spec, size: int) -> Spec:
    return {
        "transform": [{"filter": where}],
        "mark": {"type": "point", "size": size, "strokeWidth": 1.8 if size > 20 else 1.2, "clip": True},
        "encoding": encoding,
    }


def _crosses(where: str, encoding: Spec, shape: str = "M-1,-1L1,1M-1,1L1,-1") -> Spec:
    cross = {key: value for key, value in encoding.items() if key != "shape"}
    return {
        "transform": [{"filter": where}],
        "mark": {"type": "point", "shape": shape, "size": 60, "strokeWidth": 2, "clip": True},
        "encoding": cross,
    }


def _broken(rows: list[Spec], shared: Spec, x: Spec, y: Spec, off_x: Spec) -> list[Spec]:
    """Trials that break a constraint: a plus at the score they would have had."""
    if not any(row["broken"] for row in rows):
        return []
    plus = "M-1,0L1,0M0,-1L0,1"
    return [
        _crosses("datum.broken && !datum.off", {**shared, "x": x, "y": y}, plus),
        _crosses("datum.broken && datum.off", {**shared, "x": off_x, "y": y}, plus),
    ]


def _pointer(facts: AxisFacts) -> Spec:
    return {"value": "triangle-up" if facts.direction == "minimize" else "triangle-down"}


def _best(x: Spec, y: Spec, off_x: Spec, rows: list[Spec], below: int, language: Language) -> list[Spec]:
    """A ring round the best trial; its name on the better side, where no trial is."""
    best = next((row for row in rows if row["best"]), None)
    if best is None:
        return []
    place = {"x": off_x if best["off"] else x, "y": y}
    words = _BEST.fill(trial=best["trial"]).pick(language)
    return [
        {
            "transform": [{"filter": "datum.best"}],
            "mark": {"type": "point", "shape": "circle", "size": 260, "strokeWidth": 2, "style": "ring"},
            "encoding": place,
        },
        {
            "transform": [{"filter": "datum.best"}],
            "mark": {"type": "text", "text": words, "dy": below, "style": "word"},
            "encoding": place,
        },
    ]


def _range_ends(hyperparameter: Hyperparameter, x: Spec) -> list[Spec]:
    """Dashed lines at the ends of the range that was searched."""
    if isinstance(hyperparameter, Categorical):
        return []
    low, high = _ends(hyperparameter)
    ends = (1 - high, 1 - low) if hyperparameter.scale == "log-complement" else (low, high)
    return [
        {
            "data": {"values": [{"x": end} for end in ends]},
            "mark": {"type": "rule", "strokeDash": [4, 4], "style": "end"},
            "encoding": {"x": x},
        }
    ]


def _off_word(facts: AxisFacts, language: Language) -> list[Spec]:
    """ "off" under its column."""
    if all(point.x is not None for point in facts.points):
        return []
    mark = {"type": "text", "text": _OFF_LABEL.pick(language), "x": _OFF_AT, "y": _HEIGHT + 12, "style": "word"}
    return [{"data": {"values": [{"off": True}]}, "mark": mark}]
