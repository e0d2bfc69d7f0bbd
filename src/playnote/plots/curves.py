"""Training curves for uPlot: the best trials of each scientific value and the baseline, thinned without losing spikes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.plots.cloud import NO_CLOUD, CloudFacts, cloud_data, measure_cloud
from playnote.plots.grammar import Spec, number
from playnote.plots.thinning import thinned
from playnote.records.curves import Curve, CurveSource
from playnote.text import Language, Text

_TITLE = Text(en="{metric} over training", zh="训练过程中的 {metric}")
_AXIS = {"steps": Text(en="steps", zh="步"), "epochs": Text(en="epochs", zh="轮（epoch）")}
_NAMED = Text(en="{label}", zh="{label}")
_WORST = Text(en="{label} (worst)", zh="{label}（最差）")
_BASELINE = Text(en="baseline {trial}", zh="baseline {trial}")


@dataclass(frozen=True, slots=True)
class Line:
    """A trial whose curve is drawn: `group` is its place among the scientific values, None for the baseline."""

    trial: str
    label: str
    group: int | None
    role: Literal["best", "worst", "baseline"] = "best"


@dataclass(frozen=True, slots=True)
class CurveFacts:
    """One metric's curves, thinned; `without` names the trials that logged none, `cloud` holds every trial's curve."""

    metric: str
    unit: str
    lines: tuple[tuple[Line, Curve], ...]
    without: tuple[str, ...] = ()
    cloud: CloudFacts = NO_CLOUD


def measure_curves(
    source: CurveSource,
    metric: str,
    lines: Iterable[Line],
    unit: str = "steps",
    members: Iterable[tuple[str, int]] = (),
) -> CurveFacts:
    """Read and thin the curves of these trials.

    members : (trial, place of its scientific value) of all trials that are to be seen behind the lines
    """
    found, without = [], []
    for line in lines:
        curve = source.curve(line.trial, metric)
        if curve is None or len(curve) == 0:
            without.append(line.trial)
        else:
            found.append((line, thinned(curve)))
    return CurveFacts(metric, unit, tuple(found), tuple(without), measure_cloud(source, metric, members))


def curves_data(facts: CurveFacts, language: Language) -> Spec:
    """What the page hands to uPlot: x and y of each line, null where the value was not finite."""
    window = _window(facts)
    return {
        "title": _TITLE.fill(metric=facts.metric).pick(language),
        "x": _AXIS.get(facts.unit, Text(en=facts.unit, zh=facts.unit)).pick(language),
        "y": facts.metric,
        "range": window,
        "cloud": cloud_data(facts.cloud, (window[0], window[1]) if window else None),
        "lines": [
            {
                "label": _label(line).pick(language),
                "group": line.group,
                "role": line.role,
                "x": [float(step) for step in curve.steps],
                "y": [_shown(float(value)) for value in curve.values],
            }
            for line, curve in facts.lines
        ],
    }


def _shown(value: float) -> float | None:
    """Six digits, which no screen can tell from more; None where it is not finite."""
    known = number(value)
    return None if known is None else float(f"{known:.6g}")


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
    words = {"best": _NAMED, "worst": _WORST, "baseline": _BASELINE}[line.role]
    return words.fill(label=line.label, trial=line.trial)


def lines_of(
    best: Mapping[str, Iterable[str]], baseline: str | None, worst: Mapping[str, Iterable[str]] | None = None
) -> tuple[Line, ...]:
    """The lines of a round: trial ids by scientific value (best first), the worst of each, and the baseline's trial."""
    said = worst or {}
    lines = [
        Line(trial, f"{value} · {trial}" if value else trial, group, role)
        for group, value in enumerate(best)
        for role, trials in _roles(best[value], said.get(value, ()))
        for trial in trials
    ]
    return (*lines, Line(baseline, baseline, None, "baseline")) if baseline else tuple(lines)


def _roles(best: Iterable[str], worst: Iterable[str]) -> Iterable[tuple[Literal["best", "worst"], Iterable[str]]]:
    return (("best", best), ("worst", worst))
