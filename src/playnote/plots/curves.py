"""Training curves for uPlot: the best trials of each scientific value and the baseline, thinned without losing spikes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.plots.grammar import Spec, number
from playnote.records.curves import Curve, CurveSource
from playnote.text import Language, Text

LARGEST = 2000

_TITLE = Text(en="{metric} over training", zh="训练过程中的 {metric}")
_AXIS = {"steps": Text(en="steps", zh="步"), "epochs": Text(en="epochs", zh="轮（epoch）")}
_BASELINE = Text(en="baseline {trial}", zh="baseline {trial}")


@dataclass(frozen=True, slots=True)
class Line:
    """A trial whose curve is drawn: `group` is its place among the scientific values, None for the baseline."""

    trial: str
    label: str
    group: int | None
    role: Literal["best", "baseline"] = "best"


@dataclass(frozen=True, slots=True)
class CurveFacts:
    """One metric's curves, thinned; `without` names the trials that logged none."""

    metric: str
    unit: str
    lines: tuple[tuple[Line, Curve], ...]
    without: tuple[str, ...] = ()


def measure_curves(source: CurveSource, metric: str, lines: Iterable[Line], unit: str = "steps") -> CurveFacts:
    """Read and thin the curves of these trials."""
    found, without = [], []
    for line in lines:
        curve = source.curve(line.trial, metric)
        if curve is None or len(curve) == 0:
            without.append(line.trial)
        else:
            found.append((line, thinned(curve)))
    return CurveFacts(metric, unit, tuple(found), tuple(without))


def thinned(curve: Curve, most: int = LARGEST) -> Curve:
    """At most `most` points: the lowest and the highest reading of each of equal stretches, and both ends.

    So a spike stays as high as it was; NaN readings stay where a stretch holds nothing else.
    """
    if len(curve) <= most:
        return curve
    edges = np.linspace(1, len(curve) - 1, (most - 2) // 2 + 1).astype(int)
    kept = {0, len(curve) - 1}
    for begin, end in itertools.pairwise(edges):
        stretch = curve.values[begin:end]
        known = np.flatnonzero(np.isfinite(stretch))
        if len(known) == 0:
            kept.add(int(begin))
            continue
        kept.add(int(begin + known[np.argmin(stretch[known])]))
        kept.add(int(begin + known[np.argmax(stretch[known])]))
    rows = np.array(sorted(kept))
    return Curve(curve.steps[rows], curve.values[rows])


def curves_data(facts: CurveFacts, language: Language) -> Spec:
    """What the page hands to uPlot: x and y of each line, null where the value was not finite."""
    return {
        "title": _TITLE.fill(metric=facts.metric).pick(language),
        "x": _AXIS.get(facts.unit, Text(en=facts.unit, zh=facts.unit)).pick(language),
        "y": facts.metric,
        "range": _window(facts),
        "lines": [
            {
                "label": _label(line).pick(language),
                "group": line.group,
                "role": line.role,
                "x": [float(step) for step in curve.steps],
                "y": [number(float(value)) for value in curve.values],
            }
            for line, curve in facts.lines
        ],
    }


def _window(facts: CurveFacts) -> list[float] | None:
    """Values shown: all that were read after the first quarter of training, so that its fall does not flatten the rest.

    A spike early on that rises above where its curve began is shown too: that is no fall.
    """
    last = max((float(curve.steps[-1]) for _, curve in facts.lines), default=0.0)
    kept: list[float] = []
    for _, curve in facts.lines:
        values = curve.values[np.isfinite(curve.values)]
        late = curve.values[(curve.steps >= last / 4) & np.isfinite(curve.values)]
        kept.extend((float(late.min()), float(late.max())) if len(late) else ())
        if len(values) and values.max() - values[0] > 0.1 * (values[0] - values.min()):
            kept.append(float(values.max()))
    if len(kept) < 2 or min(kept) == max(kept):
        return None
    pad = 0.06 * (max(kept) - min(kept))
    return [min(kept) - pad, max(kept) + pad]


def _label(line: Line) -> Text:
    words = Text(en=line.label, zh=line.label)
    return _BASELINE.fill(trial=line.trial) if line.role == "baseline" else words


def lines_of(best: Mapping[str, Iterable[str]], baseline: str | None) -> tuple[Line, ...]:
    """The lines of a round: trial ids by scientific value (best first), and the baseline's trial."""
    lines = [
        Line(trial, f"{value} · {trial}" if value else trial, group)
        for group, (value, trials) in enumerate(best.items())
        for trial in trials
    ]
    return (*lines, Line(baseline, baseline, None, "baseline")) if baseline else tuple(lines)
