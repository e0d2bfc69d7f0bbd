"""Which hyperparameters separate the best trials from the rest, beside what shuffled labels would give."""

from __future__ import annotations

from playnote.diagnosis.importance import ImportanceFacts
from playnote.plots.grammar import Spec, chart
from playnote.text import Language, Text

_ROW = 26  # pixels a hyperparameter

_TITLE = Text(en="What separates the best {top} points from all {n}", zh="最优的 {top} 个点和全部 {n} 个点差在哪")
_SIZE = Text(
    en="how far the best differ from all (PED-ANOVA divergence)", zh="最优的点偏离全部有多远（PED-ANOVA 散度）"
)
_SHARE = Text(en="divergence, share of all", zh="散度，占全部的比例")
_NULL = Text(en="│ what chance alone would reach (95 %)", zh="│ 纯凭运气能到的位置（95 %）")
_BEYOND = {True: Text(en="beyond chance", zh="超出运气"), False: Text(en="within chance", zh="不超出运气")}
_NAME = Text(en="hyperparameter", zh="超参")


def importance_spec(facts: ImportanceFacts, language: Language) -> Spec | None:
    """A bar a hyperparameter, largest first, with the end of its band; None where nothing could be ranked."""
    if not facts.ranking:
        return None
    rows = [
        {
            "name": each.hyperparameter,
            "size": each.value,
            "null": each.null,
            "kind": _BEYOND[each.value > each.null].pick(language),
            "written": f"{each.value:.2g}, {each.share:.0%}, p = {each.p_value:.2g}",
        }
        for each in facts.ranking
    ]
    order = [row["name"] for row in rows]
    reach = max(max(float(str(row["size"])), float(str(row["null"]))) for row in rows) * 1.08
    x: Spec = {
        "field": "size",
        "type": "quantitative",
        "title": _SIZE.pick(language),
        "axis": {"format": "~g", "tickCount": 5},
        "scale": {"domain": [0, reach], "nice": False},
    }
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order},
        "title": None,
        "axis": {"labelLimit": 180},
    }
    title = _TITLE.fill(top=facts.top, n=facts.n).pick(language)
    spec = chart(title, rows, _layers(x, y, language), height=_ROW * len(rows))
    return spec | {"title": {"text": title, "anchor": "start", "subtitle": _NULL.pick(language)}}


def _layers(x: Spec, y: Spec, language: Language) -> list[Spec]:
    solid: Spec = {
        "condition": {"test": {"field": "kind", "equal": _BEYOND[True].pick(language)}, "value": 1.0},
        "value": 0.35,
    }
    tooltip = [
        {"field": "name", "title": _NAME.pick(language)},
        {"field": "written", "title": _SHARE.pick(language)},
        {"field": "kind", "title": "95 %"},
    ]
    return [
        {
            "mark": {"type": "bar", "height": 12, "cornerRadiusEnd": 2},
            "encoding": {"x": x, "y": y, "opacity": solid, "tooltip": tooltip},
        },
        {
            "mark": {"type": "tick", "thickness": 2, "bandSize": 20, "style": "ring"},
            "encoding": {"x": {**x, "field": "null"}, "y": y},
        },
    ]
