"""The three spreads a difference has to beat: between seeds, between searches, and of the dev set itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from playnote.plots.grammar import Spec, chart
from playnote.text import Language, Text

_TITLE = Text(en="How much the score moves by itself (one SD)", zh="分数自己会晃多少（一个标准差）")
_SEED = Text(en="trial: other seeds", zh="试验方差：换种子")
_SEARCH = Text(en="search: other points", zh="搜索方差：换一批点")
_SAMPLE = Text(en="sampling: other dev examples", zh="数据抽样方差：换一批 Dev 样本")
_EFFECT = Text(en="smallest difference that matters: {effect}", zh="差这么多才算数：{effect}")
_SHARES = ("error", "err", "error_rate", "accuracy", "acc")


@dataclass(frozen=True, slots=True)
class VarianceFacts:
    """Standard deviations in the score's unit, each None where it is not known, with how many runs or examples it has.

    seed    between seeds of one configuration, pooled; `freedom` degrees of freedom
    search  of the winner's gain, if other points had been drawn; `trials` trials a value
    sample  of one score over `examples` dev examples; a difference of two models on the same examples has less
    """

    seed: float | None
    freedom: int
    search: float | None
    trials: int
    sample: float | None
    examples: int | None
    min_effect: float | None = None

    @property
    def rows(self) -> tuple[tuple[Text, float | None, int | None], ...]:
        """Name, SD and n of each spread."""
        return (
            (_SEED, self.seed, self.freedom),
            (_SEARCH, self.search, self.trials),
            (_SAMPLE, self.sample, self.examples),
        )


def sampling_sd(metric: str, score: float | None, examples: int | None) -> float | None:
    """SD of a share of `examples` independent examples: sqrt(p (1 - p) / n).

    Known only where the metric's name says that it is a share (error, accuracy) and its value lies in [0, 1].
    """
    if score is None or not examples or not 0.0 <= score <= 1.0:
        return None
    if metric.rsplit("/", 1)[-1].lower() not in _SHARES:
        return None
    return math.sqrt(score * (1.0 - score) / examples)


def variance_spec(facts: VarianceFacts, metric: str, language: Language) -> Spec | None:
    """Bars, with the smallest effect that matters as a line; None where no spread is known."""
    rows = [
        {"name": name.pick(language), "sd": sd, "written": f"{sd:.4g}", "n": n}
        for name, sd, n in facts.rows
        if sd is not None and math.isfinite(sd)
    ]
    if not rows:
        return None
    order = [row["name"] for row in rows]
    effect = facts.min_effect
    top = max([float(row["sd"] or 0.0) for row in rows] + ([effect] if effect else [])) * 1.15 or 1.0
    x: Spec = {
        "field": "sd",
        "type": "quantitative",
        "title": metric,
        "axis": {"format": "~g", "tickCount": 5},
        "scale": {"domain": [0, top], "nice": False},
    }
    y: Spec = {"field": "name", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 220}}
    title = {"text": _TITLE.pick(language), "anchor": "start"}
    layers = _bars(x, y)
    if effect is not None:
        layers.append(_line(x, effect))
        title["subtitle"] = "┆ " + _EFFECT.fill(effect=f"{effect:g}").pick(language)
    return chart(_TITLE.pick(language), rows, layers, height=34 * len(rows)) | {"title": title}


def _bars(x: Spec, y: Spec) -> list[Spec]:
    tooltip = [{"field": "name"}, {"field": "written", "title": "SD"}, {"field": "n", "title": "n"}]
    return [
        {
            "mark": {"type": "bar", "height": 14, "cornerRadiusEnd": 2},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 4, "style": "word"},
            "encoding": {"x": x, "y": y, "text": {"field": "written"}},
        },
    ]


def _line(x: Spec, effect: float) -> Spec:
    return {
        "data": {"values": [{"sd": effect}]},
        "mark": {"type": "rule", "strokeDash": [4, 4], "strokeWidth": 2, "style": "end"},
        "encoding": {"x": x},
    }
