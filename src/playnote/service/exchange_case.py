"""Reading a case of the exchange format: what is usable is taken, the rest counts as not recorded.

Law: reading never fails on the inside of a case; a number that is none, or not finite, reads as None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.space.hyperparameter import Float
from playnote.space.space import Space
from playnote.stats.schedule import Schedule

Floats = NDArray[np.float64]
Raw = Mapping[str, Any]
_BIGGEST = 1e300


def mapping(value: object) -> Raw:
    """The value if it is a mapping with keys, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Iterator[Raw]:
    """The mappings in a list."""
    if isinstance(value, (list, tuple)):
        yield from (item for item in value if isinstance(item, Mapping))


def trials_of(study: Raw) -> Iterator[Raw]:
    """The trials, each id once: a run that is listed twice is still one run."""
    seen: set[str] = set()
    for trial in items(study.get("trials")):
        name = repr(trial["trial_id"]) if trial.get("trial_id") is not None else None
        if name is None or name not in seen:
            yield trial
        if name is not None:
            seen.add(name)


def number(value: object) -> float | None:
    """A finite number, else None; truth values are no numbers."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def positive(value: object) -> float | None:
    """A finite number above 0, else None."""
    found = number(value)
    return found if found is not None and found > 0 else None


def text(value: object) -> str | None:
    """A string, else None."""
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Metric:
    """sign is +1 where lower is better, -1 where higher is, None where the direction is not given."""

    sign: float | None
    min_effect: float | None
    n_dev: float | None
    kind: str | None


def metric_of(study: Raw) -> Metric:
    """The metric of a study."""
    metric = mapping(study.get("metric"))
    signs: dict[object, float] = {"minimize": 1.0, "maximize": -1.0}
    return Metric(
        signs.get(text(metric.get("direction"))),
        positive(metric.get("min_effect")),
        positive(metric.get("n_dev")),
        text(metric.get("kind")),
    )


def error_of(trial: Raw, sign: float) -> float | None:
    """The trial's score with lower better; NaN: it diverged; None: missing, and nobody's fault."""
    status = trial.get("status")
    if status == "diverged" or (status == "complete" and "value" in trial and trial["value"] is None):
        return math.nan
    value = number(trial.get("value"))
    if status != "complete" or value is None:
        broken = status == "complete" and isinstance(trial.get("value"), float)
        return math.nan if broken else None
    return sign * value


def axes_of(study: Raw) -> Space:
    """The float hyperparameters of the search that have a usable range; each name once."""
    found: dict[str, Float] = {}
    for axis in items(mapping(study.get("search")).get("space")):
        name, low, high = text(axis.get("name")), number(axis.get("low")), number(axis.get("high"))
        scale = axis.get("scale", "linear")
        if not name or name in found or low is None or high is None or not _usable(low, high, scale):
            continue
        found[name] = Float(name=name, low=low, high=high, scale="log" if scale == "log" else "linear")
    return Space(tuple(found.values()))


def _usable(low: float, high: float, scale: object) -> bool:
    if scale not in ("log", "linear") or not low < high or max(abs(low), abs(high)) > _BIGGEST:
        return False
    return scale == "linear" or (low > 0 and math.log(high) > math.log(low))


def names_of_axes(study: Raw) -> list[str]:
    """Every named hyperparameter of the search, usable or not: a verdict is expected for each."""
    found = [text(axis.get("name")) for axis in items(mapping(study.get("search")).get("space"))]
    return list(dict.fromkeys(name for name in found if name))


def series(points: object, key: str, sign: float = 1.0) -> tuple[Floats, Floats]:
    """Steps and values of one logged key; points without a step or value are left out."""
    pairs = [(number(point.get("step")), number(point.get(key))) for point in items(points)]
    kept = [(step, value) for step, value in pairs if step is not None and value is not None]
    if not kept:
        return np.empty(0), np.empty(0)
    steps, values = np.array(kept, dtype=np.float64).T
    return steps, sign * values


def lost_at(points: object) -> float | None:
    """The step at which a loss that was logged densely stops being a number; None where it never does.

    The format writes NaN as null, which also stands for "not logged": a loss that is null from some step to the end, or null
    together with a gradient norm that is otherwise there, is lost.
    """
    logged = [point for point in items(points) if number(point.get("step")) is not None]
    gone = [number(point.get("train_loss")) is None for point in logged]
    if not logged or all(gone):
        return None
    last = max(index for index, missing in enumerate(gone) if not missing)
    dense = sum(gone[: last + 1]) <= 0.05 * (last + 1)
    if dense and last + 1 < len(logged):
        return number(logged[last + 1].get("step"))
    norms = [number(point.get("grad_norm")) is not None for point in logged]
    if dense and sum(norms) >= 0.9 * len(norms):
        both = [point for point, missing, norm in zip(logged, gone, norms, strict=True) if missing and not norm]
        return number(both[0].get("step")) if both else None
    return None


def schedule_of(trial: Raw) -> Schedule | None:
    """The trial's schedule where its kind and the run's length are known."""
    schedule, total = mapping(trial.get("schedule")), positive(trial.get("total_steps"))
    kind = text(schedule.get("kind"))
    if kind not in _KINDS or total is None:
        return None
    warmup = number(schedule.get("warmup_steps")) or 0.0
    return Schedule(kind, positive(schedule.get("peak_lr")) or 1.0, max(warmup, 0.0), total)


_KINDS = frozenset({"constant", "cosine", "linear", "wsd", "step", "restarts"})
