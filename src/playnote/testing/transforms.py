"""The same case seen otherwise: other direction, other scale, other order. No label may change."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from playnote.testing.known import Case


def flipped(case: Case) -> Case:
    """The metric negated and its direction turned round; counts and 0/1 strings are left alone."""
    out = _mapped(case, lambda value: -value)
    metric = out["study"]["metric"]
    metric["direction"] = "maximize" if metric["direction"] == "minimize" else "minimize"
    return out


def rescaled(case: Case, factor: float) -> Case:
    """The metric, its smallest effect and the margin times `factor` > 0."""
    out = _mapped(case, lambda value: value * factor)
    study = out["study"]
    study["metric"]["min_effect"] *= factor
    if "decision" in study:
        study["decision"]["margin"] *= factor
    return out


def shuffled(case: Case, rng: np.random.Generator) -> Case:
    """The trials in another order."""
    out = copy.deepcopy(case)
    trials = out["study"]["trials"]
    out["study"]["trials"] = [trials[index] for index in rng.permutation(len(trials))]
    return out


def _mapped(case: Case, change: Callable[[float], float]) -> Case:
    out = copy.deepcopy(case)
    for trial in out["study"]["trials"]:
        if trial.get("value") is not None:
            trial["value"] = change(trial["value"])
        for point in trial.get("curve", ()):
            if point.get("dev_metric") is not None:
                point["dev_metric"] = change(point["dev_metric"])
    return out
