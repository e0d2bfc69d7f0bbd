"""The curves of every trial of a round, thin enough to be drawn at once: a grey ground on which marked trials stand out.

Each curve keeps the lowest and the highest reading of each of equal stretches, so no spike is lost; it is told in 16-bit
steps of the picture's own box, which is finer than a screen's dots. Named lines (`curves.py`) carry the exact numbers.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from playnote.plots.grammar import Spec
from playnote.plots.thinning import thinned
from playnote.records.curves import Curve, CurveSource, Floats

POINTS = 65_536  # of one picture, shared by its trials
LEAST, MOST = 24, 200  # points a curve
_STEPS = 65_534
_GAP = 65_535


@dataclass(frozen=True, slots=True)
class CloudFacts:
    """Trials with a curve, the place of each among the scientific values, and the thinned curve."""

    trials: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    curves: tuple[Curve, ...] = ()
    most: int = MOST


NO_CLOUD = CloudFacts()


def measure_cloud(source: CurveSource, metric: str, members: Iterable[tuple[str, int]]) -> CloudFacts:
    """Read and thin one metric of these trials. members : (trial, place of its scientific value)."""
    given = list(members)
    most = min(MOST, max(LEAST, POINTS // max(1, len(given))))
    trials, groups, curves = [], [], []
    for trial, group in given:
        curve = source.curve(trial, metric)
        if curve is not None and len(curve):
            trials.append(trial)
            groups.append(group)
            curves.append(thinned(curve, most))
    return CloudFacts(tuple(trials), tuple(groups), tuple(curves), most)


def cloud_data(facts: CloudFacts, window: tuple[float, float] | None) -> Spec | None:
    """The curves as the page unpacks them; None where there is none.

    window  the values the picture shows; what lies far outside is told as the edge of a box some windows high
    """
    known = [curve.values[np.isfinite(curve.values)] for curve in facts.curves]
    known = [values for values in known if len(values)]
    if not known:
        return None
    low, high = min(float(values.min()) for values in known), max(float(values.max()) for values in known)
    if window is not None:
        reach = window[1] - window[0]
        low, high = max(low, window[0] - reach), min(high, window[1] + 4 * reach)
    first = min(float(curve.steps[0]) for curve in facts.curves)
    last = max(float(curve.steps[-1]) for curve in facts.curves)
    box = (first, last if last > first else first + 1.0, low, high if high > low else low + 1.0)
    return {
        "trials": list(facts.trials),
        "groups": list(facts.groups),
        "counts": [len(curve) for curve in facts.curves],
        "box": list(box),
        "x": _written(np.concatenate([curve.steps for curve in facts.curves]), box[0], box[1]),
        "y": _written(np.concatenate([curve.values for curve in facts.curves]), box[2], box[3]),
    }


def _written(values: Floats, low: float, high: float) -> str:
    """Places in the box as little-endian 16-bit numbers in base 64; a gap where the value is not finite."""
    place = np.full(len(values), _GAP, dtype=np.uint16)
    known = np.isfinite(values)
    place[known] = np.round(np.clip((values[known] - low) / (high - low), 0.0, 1.0) * _STEPS).astype(np.uint16)
    if sys.byteorder == "big":
        place = place.byteswap()
    return base64.b64encode(place.tobytes()).decode("ascii")
