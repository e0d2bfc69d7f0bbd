"""Facts of the shape of curves: a training loss that rises overall, a period in the dev curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.playbook.facts.base import Giver, Provider, of_project
from playnote.playbook.facts.stability import LOSS, baseline_runs
from playnote.records.curves import Curve, Floats
from playnote.stats.kendall import tau
from playnote.stats.periodicity import Period, strongest_period

_BLOCKS = 10


@dataclass(frozen=True, slots=True)
class LossTrend:
    """Runs of the baseline whose training loss rises over the whole run, of those whose loss was logged."""

    rising: tuple[str, ...] = ()
    runs: int = 0


@dataclass(frozen=True, slots=True)
class DevPeriods:
    """The strongest period of each baseline run's dev curve, and the distance between its evaluations in steps."""

    periods: tuple[Period, ...] = ()
    every: float | None = None


def rises(values: Floats) -> bool | None:
    """Whether medians of ten stretches rise, by Kendall's exact test at 1 %; None below 50 finite readings."""
    finite = values[np.isfinite(values)]
    if len(finite) < 5 * _BLOCKS:
        return None
    medians = np.array([float(np.median(part)) for part in np.array_split(finite, _BLOCKS)])
    _, p = tau(np.arange(_BLOCKS, dtype=float), medians)
    return bool(p < 0.01 and medians[-1] > medians[0])


def evenly_spaced(curve: Curve) -> tuple[Floats, float | None]:
    """The readings at one distance in steps, a last shorter stretch left out; None where the distance varies."""
    apart = np.diff(curve.steps)
    if len(apart) < 2 or np.ptp(apart[:-1]) > 1e-6 * float(apart[0]):
        return curve.values, None
    whole = abs(float(apart[-1] - apart[0])) <= 1e-6 * float(apart[0])
    return curve.values if whole else curve.values[:-1], float(apart[0])


def _trend(giver: Giver) -> LossTrend:
    rising, runs = [], 0
    for trial in baseline_runs(giver.state):
        curve = giver.state.curves.curve(trial.id, LOSS)
        verdict = rises(curve.values) if curve is not None else None
        runs += verdict is not None
        if verdict:
            rising.append(trial.id)
    return LossTrend(tuple(rising), runs)


def _periods(giver: Giver) -> DevPeriods:
    state, found, every = giver.state, [], None
    for trial in baseline_runs(state):
        curve = state.curves.curve(trial.id, state.project.objective.formula)
        if curve is None or len(curve) < 2:
            continue
        values, apart = evenly_spaced(curve)
        period = strongest_period(values) if apart is not None else None
        if period is not None:
            found.append(period)
            every = apart
    return DevPeriods(tuple(found), every)


PROVIDERS: dict[type, Provider] = {LossTrend: of_project(_trend), DevPeriods: of_project(_periods)}
