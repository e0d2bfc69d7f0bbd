"""Has the search converged, so that Bayesian search may take over from quasi-random exploration?

A list of items, each from another finding or from the trials; ready only when none is open. The shrunken space is a
proposal: the range of the best fifth, a tenth wider on each side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.diagnosis.boundary import BoundaryFinding
from playnote.diagnosis.curve_answers import effect_missing, usable_effect
from playnote.diagnosis.density import DensityFacts, measure_density
from playnote.diagnosis.inert import InertFinding
from playnote.diagnosis.study_answers import held, more_trials, placed, scored, too_few_trials, usable_sd
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical, Value
from playnote.text import Text

_BEST = 0.2
_WIDER = 0.1


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """What the trials say of convergence.

    n          : int           feasible trials
    dimensions : int           searched hyperparameters
    infeasible : float, None   share of ended trials that diverged
    density    : DensityFacts
    resolution : float, None   the larger of `min_effect` and seed SD
    near       : int           trials within `resolution` of the best
    apart      : float, None   median distance of those trials from one another, per coordinate
    shrunken   : dict name -> (low, high)  proposed range of each ordered hyperparameter, in its own values
    """

    n: int
    dimensions: int
    infeasible: float | None
    density: DensityFacts
    resolution: float | None
    near: int
    apart: float | None
    shrunken: Mapping[str, tuple[Value, Value]]


@final
@dataclass(frozen=True, kw_only=True)
class ReadinessFinding(Finding):
    """Yes: the search has converged. `open_items` stand in the way."""

    open_items: tuple[Text, ...] = ()
    shrunken: Mapping[str, tuple[Value, Value]] | None = None


def measure_readiness(
    table: TrialTable, *, min_effect: float | None = None, seed_sd: float | None = None
) -> ReadinessFacts:
    """Measure convergence of one study; min_effect and seed_sd in the metric's unit."""
    good = scored(table)
    errors, unit = held(table.error[good]), placed(table.unit[good])
    n, lost = len(errors), int(table.diverged.sum())
    effect = usable_effect(min_effect)
    resolution = None if effect is None else max(effect, usable_sd(seed_sd) or 0.0)
    near = errors <= errors.min() + resolution if n and resolution is not None else np.zeros(n, dtype=bool)
    return ReadinessFacts(
        n,
        len(table.space),
        lost / (n + lost) if n + lost else None,
        measure_density(table, resolution),
        resolution,
        int(near.sum()),
        _apart(unit[near]),
        _shrunken(table, unit, errors),
    )


def _apart(unit: Floats) -> float | None:
    """Median over pairs of the root mean square difference of their coordinates; at most 60 trials are paired."""
    unit = np.where(np.isfinite(unit), unit, 0.5)[:60]
    if len(unit) < 2 or not unit.shape[1]:
        return None
    squares = np.mean((unit[:, None, :] - unit[None, :, :]) ** 2, axis=2)
    return float(np.median(np.sqrt(squares[np.triu_indices(len(unit), 1)])))


def _shrunken(table: TrialTable, unit: Floats, errors: Floats) -> Mapping[str, tuple[Value, Value]]:
    if len(errors) < 5:
        return {}
    best = np.argsort(errors, kind="stable")[: max(3, int(np.ceil(_BEST * len(errors))))]
    out: dict[str, tuple[Value, Value]] = {}
    for column, hyperparameter in enumerate(table.space):
        at = unit[best, column]
        at = at[np.isfinite(at)]
        if isinstance(hyperparameter, Categorical) or len(at) < 2:
            continue
        low, high = float(max(at.min() - _WIDER, 0.0)), float(min(at.max() + _WIDER, 1.0))
        out[hyperparameter.name] = (hyperparameter.from_unit(low), hyperparameter.from_unit(high))
    return out


def answer_readiness(
    facts: ReadinessFacts,
    boundaries: Sequence[BoundaryFinding] = (),
    inert: Sequence[InertFinding] = (),
    settings: Settings = DEFAULTS,
    *,
    curves_settled: bool | None = None,
    target: Mapping[str, object] | None = None,
) -> ReadinessFinding:
    """Yes only when every item is settled; no when one is surely open; else unknown.

    boundaries     findings of every side; one that is missing counts as unknown
    inert          findings of every hyperparameter: those that do nothing are not counted
    curves_settled whether instability and overfitting of the best five trials are resolved, None if nobody looked
    """
    idle = {str(each.target.get("hyperparameter", each.target.get("param"))) for each in inert if each.label == "yes"}
    failed = _failed(facts, boundaries, len(idle), settings)
    unclear = _unclear(facts, boundaries, idle, settings, curves_settled)
    if curves_settled is False:
        failed = (*failed, _CURVES)
    label: Label = "no" if failed else "unknown" if unclear else "yes"
    return ReadinessFinding(
        label=label,
        p=None if label == "unknown" else 0.9 if label == "yes" else 0.05,
        estimate=facts.density.gain,
        interval=facts.density.interval,
        level=0.8,
        n=facts.n,
        thresholds=settings.thresholds(
            "readiness.trials",
            "readiness.per_dimension",
            "readiness.infeasible",
            "readiness.apart",
            "density.near",
        ),
        missing=unclear if label == "unknown" else (),
        settles=() if label == "yes" else (Settle(more_trials(16), 16),),
        target=target or {},
        open_items=(*failed, *unclear),
        shrunken=facts.shrunken if label == "yes" else None,
    )


def _failed(
    facts: ReadinessFacts, boundaries: Sequence[BoundaryFinding], idle: int, settings: Settings
) -> tuple[Text, ...]:
    out = []
    if any(each.label == "yes" for each in boundaries):
        out.append(Text(en="A range stops too early.", zh="有超参的搜索范围太窄。"))
    if facts.infeasible is not None and facts.infeasible > settings["readiness.infeasible"] and facts.n >= 5:
        out.append(
            Text(en="{share} of the trials diverge.", zh="{share} 的试验发散。").fill(share=f"{facts.infeasible:.0%}")
        )
    needed = settings["readiness.per_dimension"] * max(facts.dimensions - idle, 1)
    if settings["readiness.trials"] <= facts.n < needed:
        out.append(too_few_trials(facts.n, needed))
    gain = facts.density.interval
    shown = facts.n >= settings["readiness.trials"] and not facts.density.adaptive
    if shown and facts.resolution is not None and gain is not None and gain[0] > facts.resolution:
        out.append(
            Text(en="More trials of the same kind still find better ones.", zh="同样的试验再跑，还能找到更好的。")
        )
    return tuple(out)


def _unclear(
    facts: ReadinessFacts,
    boundaries: Sequence[BoundaryFinding],
    idle: set[str],
    settings: Settings,
    curves_settled: bool | None,
) -> tuple[Text, ...]:
    out = []
    if facts.n < settings["readiness.trials"]:
        out.append(too_few_trials(facts.n, settings["readiness.trials"]))
    if facts.resolution is None:
        out.append(effect_missing())
    about = [
        each for each in boundaries if str(each.target.get("hyperparameter", each.target.get("param"))) not in idle
    ]
    if not boundaries or any(each.label == "unknown" for each in about):
        out.append(Text(en="Whether every range is wide enough.", zh="每个范围是不是都够宽。"))
    if facts.resolution is not None and not _dense(facts, settings):
        out.append(Text(en="Whether more trials would find better ones.", zh="再多跑是不是还能找到更好的。"))
    if curves_settled is None:
        out.append(
            Text(en="Whether the best trials overfit or are unstable.", zh="最优的几个试验有没有过拟合或不稳定。")
        )
    return tuple(out)


def _dense(facts: ReadinessFacts, settings: Settings) -> bool:
    """Enough trials near the best, close to one another, and little to gain by a doubling."""
    gain = facts.density.interval
    if gain is None or facts.resolution is None or facts.density.adaptive:
        return False
    close = facts.apart is not None and facts.apart < settings["readiness.apart"]
    return gain[1] < facts.resolution and facts.near >= settings["density.near"] and close


_CURVES = Text(en="One of the best trials overfits or is unstable.", zh="最优的几个试验里有过拟合或不稳定的。")
