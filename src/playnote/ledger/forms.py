"""The JSON form of the records that the journal holds, and the way back.

`load(kind, dump(record)) == record` for every record. A key that a later version added is ignored, one
that an earlier version lacked takes its default: old journals stay readable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import cache
from typing import Any, TypeVar

from playnote.records.objective import Constraint, Objective
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer
from playnote.space.space import Space

Json = dict[str, Any]
T = TypeVar("T")
_TYPES: dict[str, Callable[..., Hyperparameter]] = {"float": Float, "integer": Integer, "categorical": Categorical}


def dump_space(space: Space) -> list[Json]:
    """One object a hyperparameter, in order; `type` tells which."""
    return [{"type": type(h).__name__.lower(), **asdict(h)} for h in space]


def load_space(form: list[Json]) -> Space:
    """The space again."""
    return Space(tuple(_load_hyperparameter(h) for h in form))


def dump_objective(objective: Objective) -> Json:
    """Constraints as a list."""
    return asdict(objective)


def load_objective(form: Json) -> Objective:
    """The objective again."""
    constraints = tuple(_load(Constraint, c) for c in form.get("constraints", ()))
    human = form.get("human")
    return _load(Objective, {**form, "constraints": constraints, "human": tuple(human) if human else None})


def dump_planned(trial: PlannedTrial) -> Json:
    """One planned trial."""
    return {name: getattr(trial, name) for name in _PLANNED}


def load_planned(form: Json) -> PlannedTrial:
    """The planned trial again."""
    return _load(PlannedTrial, form)


def dump_round(round_: Round) -> Json:
    """The round with its studies and every planned point."""
    own = {f.name: getattr(round_, f.name) for f in fields(Round)}
    studies = [
        {"name": s.name, "scientific": dict(s.scientific), "planned": [dump_planned(p) for p in s.planned]}
        for s in round_.studies
    ]
    return {**own, "space": dump_space(round_.space), "studies": studies}


def load_round(form: Json) -> Round:
    """The round again."""
    studies = tuple(
        Study(name=s["name"], scientific=s["scientific"], planned=tuple(load_planned(p) for p in s["planned"]))
        for s in form["studies"]
    )
    scientific = {name: tuple(values) for name, values in form["scientific"].items()}
    space = load_space(form["space"])
    return _load(Round, {**form, "studies": studies, "scientific": scientific, "space": space})


def dump_record(record: TrialRecord) -> Json:
    """A finished trial that was made elsewhere."""
    return {f.name: getattr(record, f.name) for f in fields(TrialRecord)}


def load_record(form: Json) -> TrialRecord:
    """The record again."""
    return _load(TrialRecord, form)


_PLANNED = tuple(f.name for f in fields(PlannedTrial))


def _load_hyperparameter(form: Json) -> Hyperparameter:
    values = {key: value for key, value in form.items() if key != "type"}
    if "choices" in values:
        values["choices"] = tuple(values["choices"])
    make = _TYPES[form["type"]]
    return _load(make, values)


def _load(make: Callable[..., T], form: Mapping[str, Any]) -> T:
    known = _names(make)
    return make(**{key: value for key, value in form.items() if key in known})


@cache
def _names(make: Callable[..., object]) -> frozenset[str]:
    return frozenset(f.name for f in fields(make))  # type: ignore[arg-type]  # every maker here is a dataclass
