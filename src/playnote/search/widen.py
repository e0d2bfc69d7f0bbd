"""A range grows, and only the new part of the space is run."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from playnote.errors import Detail
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.search.branches import dimension
from playnote.search.plan import (
    MAKERS,
    added,
    combinations,
    next_index,
    refuse,
    searched_space,
    sequence_seed,
)
from playnote.search.points import configurations
from playnote.search.spending import Spending, check_affordable
from playnote.space.checks import check_hyperparameter
from playnote.space.conditions import requirements
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.scales import backward, forward
from playnote.space.showing import instead_of, one_of, shown
from playnote.space.space import Space
from playnote.text import Text

Side = Literal["low", "high"]
_ROUNDING = 1e-9  # a decade beside four is a quarter, whatever the logarithms say


def widen(
    planned: Round,
    project: Project,
    name: str,
    *,
    low: float | None = None,
    high: float | None = None,
    first_trial: int,
    spending: Spending | None = None,
) -> Round:
    """The round with one nuisance range grown, and points in the new part as dense as those of the old one.

    No planned trial is lost: all still lie inside. It is a new version of the space; a later `extend`
    covers the whole of it. Raises InputError for a bound that does not widen, lies beyond a natural bound, or
    costs more than the budget holds.
    """
    refuse(planned.question, _check_name(planned, name))
    old = planned.space[name]
    new = _grown(old, low, high)
    refuse(planned.question, (*_check_wider(old, new), *check_hyperparameter(new)))
    space = Space(tuple(new if each.name == name else each for each in planned.space))
    wider = replace(planned, space=space, space_version=planned.space_version + 1)
    points: dict[tuple[tuple[str, Value], ...], list[dict[str, Value]]] = {
        scientific: [] for scientific in combinations(planned, project)
    }
    for number, (part, count) in enumerate(_parts(old, new, _points_per_study(planned)), start=1):
        # Each part has a sequence of its own, away from the one a later extension of this version takes.
        for scientific, made in _part_points(wider, project, part, count, sequence_seed(wider) + number).items():
            points[scientific].extend(made)
    check_affordable(project, sum(len(each) for each in points.values()), spending or Spending())
    grown = added(wider, points, first_trial)
    return replace(grown, space_start=next_index(grown))


def proposed_bound(hyperparameter: Float | Integer, side: Side) -> float | None:
    """One decade further on a log scale, half the range on a linear one; None at a natural bound.

    Where "off" lies on the way, half the way to it: "off" stays beside the range.
    """
    low, high = forward(hyperparameter.low, hyperparameter.scale), forward(hyperparameter.high, hyperparameter.scale)
    step = (high - low) / 2 if hyperparameter.scale == "linear" else math.log(10)
    natural = hyperparameter.natural_low if side == "low" else hyperparameter.natural_high
    here = hyperparameter.low if side == "low" else hyperparameter.high
    if natural == here:
        return None
    bound = backward(low - step if side == "low" else high + step, hyperparameter.scale)
    bound = float(f"{bound:.12g}")
    if isinstance(hyperparameter, Integer):
        bound = math.floor(bound) if side == "low" else math.ceil(bound)
        if hyperparameter.scale == "log":
            bound = max(bound, 1)
    if natural is not None:
        bound = max(bound, natural) if side == "low" else min(bound, natural)
    off = hyperparameter.off
    if off is not None and min(bound, here) <= off <= max(bound, here):
        bound = (here + off) / 2 if isinstance(hyperparameter, Float) else here + int((off - here) / 2)
        bound = here if bound == off else bound
    return None if bound == here else bound


def _check_name(planned: Round, name: str) -> tuple[Detail, ...]:
    ranges = tuple(each.name for each in planned.space if not isinstance(each, Categorical))
    return () if name in ranges else (Detail(name, shown(name), one_of(ranges), instead_of(name, ranges)),)


def _grown(old: Hyperparameter, low: float | None, high: float | None) -> Hyperparameter:
    bounds: dict[str, float] = {}
    if low is not None:
        bounds["low"] = low
    if high is not None:
        bounds["high"] = high
    return replace(old, **bounds)  # type: ignore[arg-type]


def _check_wider(old: Hyperparameter, new: Hyperparameter) -> tuple[Detail, ...]:
    if isinstance(old, Categorical) or isinstance(new, Categorical):
        return ()
    if new.low <= old.low and new.high >= old.high and (new.low, new.high) != (old.low, old.high):
        return ()
    return (
        Detail(
            old.name,
            f"low = {shown(new.low)}, high = {shown(new.high)}",
            Text(en="A range that holds {low} to {high} and more.", zh="包含 {low} 到 {high}、而且更宽的范围。").fill(
                low=shown(old.low), high=shown(old.high)
            ),
            Text(
                en="Move one end outward; a narrower range belongs to a new round.",
                zh="把一端往外移；收窄范围属于新的一轮。",
            ),
        ),
    )


def _parts(old: Hyperparameter, new: Hyperparameter, count: int) -> list[tuple[Hyperparameter, int]]:
    if isinstance(old, Categorical) or isinstance(new, Categorical):
        return []
    step = 1 if isinstance(old, Integer) else 0
    ends = ((new.low, old.low - step), (old.high + step, new.high))
    parts: list[tuple[Hyperparameter, int]] = []
    for low, high in ends:
        if low < high or (step and low == high):
            part = replace(old, low=low, high=high, off=None, natural_low=None, natural_high=None)  # type: ignore[arg-type]
            parts.append((part, max(1, math.ceil(count * _length(part) / _length(old) - _ROUNDING))))
    return parts


def _length(hyperparameter: Hyperparameter) -> float:
    if isinstance(hyperparameter, Categorical):
        return 1.0
    half = 0.5 if isinstance(hyperparameter, Integer) else 0.0
    scale = hyperparameter.scale
    return forward(hyperparameter.high + half, scale) - forward(hyperparameter.low - half, scale)


def _points_per_study(planned: Round) -> int:
    return max((len(study.planned) for study in planned.studies), default=0)


def _part_points(
    planned: Round, project: Project, part: Hyperparameter, count: int, seed: int
) -> dict[tuple[tuple[str, Value], ...], list[dict[str, Value]]]:
    space = searched_space(planned, project)
    space = Space(tuple(part if each.name == part.name else each for each in space))
    asked = {parent: values[0] for parent, values in requirements(part, {each.name: each for each in space}).items()}
    given = {
        scientific: {**planned.fixed, **asked, **dict(scientific)}
        for scientific in combinations(planned, project)
        # A study in which the hyperparameter does not exist has no new part.
        if all({**asked, **planned.fixed, **dict(scientific)}[parent] == value for parent, value in asked.items())
    }
    searched = [name for name in planned.space.names if name not in asked]
    width = max((dimension(space, searched, each) for each in given.values()), default=0)
    return {
        scientific: configurations(
            space,
            searched,
            each,
            count=count,
            seed=seed,
            off_share=project.settings["off_share"],
            width=width,
            maker=MAKERS["quasi-random"],
        )
        for scientific, each in given.items()
    }
