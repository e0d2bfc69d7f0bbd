"""Runs of a few configurations, seed by seed: every score, and the mean of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.plots.grammar import Spec, chart
from playnote.records.objective import Objective
from playnote.text import Language, Text

_ROW = 46  # pixels a configuration
_TITLE = Text(en="Every run", zh="每次训练")
_SCORE = Text(en="{metric} ({better} is better)", zh="{metric}（越{better}越好）")
_BETTER = {"minimize": Text(en="lower", zh="小"), "maximize": Text(en="higher", zh="大")}
_RUN, _MEAN = Text(en="one run", zh="一次训练"), Text(en="mean", zh="平均")


@dataclass(frozen=True, slots=True)
class SeedRow:
    """A configuration and its runs: trial and score, None where the run failed (it is not drawn)."""

    name: Text
    runs: tuple[tuple[str, float | None], ...]


def seeds_spec(rows: Sequence[SeedRow], objective: Objective, language: Language) -> Spec | None:
    """A tick a run and a diamond a mean; None without any score."""
    words = (_RUN.pick(language), _MEAN.pick(language))
    values: list[Spec] = []
    for row in rows:
        scores = [(trial, score) for trial, score in row.runs if score is not None]
        name = row.name.pick(language)
        values += [{"name": name, "kind": words[0], "score": s, "said": f"{t}: {s:.5g}"} for t, s in scores]
        if scores:
            mean = float(np.mean([score for _, score in scores]))
            values.append({"name": name, "kind": words[1], "score": mean, "said": f"{mean:.5g} (n = {len(scores)})"})
    if not values:
        return None
    order = [row.name.pick(language) for row in rows]
    x: Spec = {
        "field": "score",
        "type": "quantitative",
        "title": _SCORE.fill(metric=objective.formula, better=_BETTER[objective.direction]).pick(language),
        "scale": {"zero": False},
    }
    y: Spec = {"field": "name", "type": "nominal", "title": None, "sort": order, "scale": {"domain": order}}
    kinds: Spec = {"field": "kind", "type": "nominal", "title": None, "scale": {"domain": list(words)}}
    kinds["legend"] = {"orient": "top"}
    shape = {**kinds, "scale": {"domain": list(words), "range": ["stroke", "diamond"]}}
    layers: list[Spec] = [
        {
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.85, "strokeWidth": 2},
            "encoding": {
                "x": x,
                "y": y,
                "color": kinds,
                "shape": shape,
                "tooltip": [{"field": "said", "title": objective.formula}],
            },
        }
    ]
    return chart(_TITLE.pick(language), values, layers, height=_ROW * len(order))
