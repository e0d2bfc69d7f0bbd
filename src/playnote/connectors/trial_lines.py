"""Playnote's own JSON lines: a first line with objective and space, then a trial a line with its curves.

Everything comes back equal: numbers by their shortest exact form, NaN and infinity as words, ranges as declared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from playnote.connectors.imported import Imported, Wanted, direction_missing, state_of, unreadable
from playnote.connectors.runs import RunCurves
from playnote.records.curves import Curve, CurveSource
from playnote.records.objective import Constraint, Objective
from playnote.records.state import ProjectState, Reading
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer
from playnote.space.space import Space
from playnote.text import Text

FORMAT = "playnote-trials"
_VERSION = 1
_KINDS: dict[str, type[Float] | type[Integer] | type[Categorical]] = {
    "float": Float,
    "integer": Integer,
    "categorical": Categorical,
}
_TORN = Text(en="{n} lines are torn and were skipped.", zh="有 {n} 行不完整，已跳过。")
_NEWER = Text(en="it was written by a later version of Playnote.", zh="它是更新版本的 Playnote 写的。")
_UPDATE = Text(en="Update Playnote: pip install -U playnote.", zh="升级 Playnote：pip install -U playnote。")
_DAMAGED = Text(en="its first line is damaged ({why}).", zh="第一行已损坏（{why}）。")
_AGAIN = Text(en="Export it again.", zh="重新导出一份。")
_FEWER = Text(
    en="The first line tells of {said} trials and {n} are there: the file was cut short.",
    zh="第一行说有 {said} 个试验，实际只有 {n} 个：文件被截断了。",
)
_FIRST = ("id", "study", "round", "purpose", "configuration", "seed", "outcome", "attempts", "summary")
_OWN = (*_FIRST, "seconds", "started", "ended", "total_steps", "index")


def lines_of(state: ProjectState, *, name: str) -> Iterator[str]:
    """The state as lines, without line ends."""
    head = {
        "format": FORMAT,
        "version": _VERSION,
        "name": name,
        "trials": len(state.trials),
        "objective": asdict(state.project.objective),
        "space": [{"kind": type(each).__name__.lower(), **asdict(each)} for each in state.project.space],
    }
    yield _dumped(head)
    for trial in state.trials:
        reading = state.readings.get(trial.id, Reading(None))
        yield _dumped(
            {
                **{key: getattr(trial, key) for key in _OWN},
                "reading": {"score": reading.score, "step": reading.step, "feasible": reading.feasible},
                "curves": dict(_curves(state.curves, trial.id)),
            }
        )


def is_header(row: Mapping[str, object]) -> bool:
    """Whether a first line is that of such a file."""
    return row.get("format") == FORMAT


def imported_lines(
    rows: Sequence[Mapping[str, object]], wanted: Wanted, *, where: str, name: str, torn: int = 0
) -> Imported:
    """The trials of such a file, under its own objective unless another metric or direction is asked for."""
    head = rows[0]
    if not isinstance(head.get("version"), int) or int(str(head["version"])) > _VERSION:
        raise unreadable(where, _NEWER, _UPDATE)
    try:
        objective, space = _objective(head["objective"]), _space(head["space"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable(where, _DAMAGED.fill(why=type(error).__name__), _AGAIN) from None
    trials: list[TrialRecord] = []
    readings: dict[str, Reading] = {}
    curves: dict[str, Mapping[str, Curve]] = {}
    for row in rows[1:]:
        try:
            trial, reading, series = _trial(row)
        except (KeyError, TypeError, ValueError, AttributeError):
            torn += 1
            continue
        trials.append(trial)
        readings[trial.id], curves[trial.id] = reading, series
    objective = _as_wanted(objective, wanted, where)
    study = str(head.get("name") or name)
    state = state_of(
        origin="playnote",
        name=study,
        objective=objective,
        space=space,
        trials=trials,
        readings=readings,
        sampler="imported",
        curves=RunCurves(curves),
    )
    said = head.get("trials")
    notes = [_TORN.fill(n=torn)] if torn else []
    notes += [_FEWER.fill(said=said, n=len(trials))] if isinstance(said, int) and said != len(trials) else []
    return Imported(study, objective.formula, "you" if wanted.direction else "source", None, state, tuple(notes))


def _as_wanted(objective: Objective, wanted: Wanted, where: str) -> Objective:
    """The file's objective, with the direction and the effect that the caller asks for."""
    objective = replace(objective, direction=wanted.direction or objective.direction)
    if objective.direction not in ("minimize", "maximize"):
        raise direction_missing(where)
    return objective if wanted.min_effect is None else replace(objective, min_effect=wanted.min_effect)


def _curves(source: CurveSource, trial: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for metric in source.metrics(trial):
        curve = source.curve(trial, metric)
        if curve is not None:
            yield metric, {"steps": curve.steps.tolist(), "values": curve.values.tolist()}


def _dumped(form: Mapping[str, object]) -> str:
    return json.dumps(_plain(form), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """JSON has no NaN and no infinity: they are words inside a list that stands for one number."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _number(value: Any) -> Any:
    return float(value["number"]) if isinstance(value, dict) and set(value) == {"number"} else value


def _objective(form: Any) -> Objective:
    known = {each.name for each in fields(Objective)}
    given = {key: _number(value) for key, value in form.items() if key in known}
    human = given.get("human")
    limits = tuple(Constraint(**{key: _number(v) for key, v in each.items()}) for each in given.pop("constraints", ()))
    return Objective(**{**given, "constraints": limits, "human": tuple(human) if human else None})


def _space(forms: Any) -> Space:
    found: list[Hyperparameter] = []
    for form in forms:
        kind = _KINDS[form["kind"]]
        known = {each.name for each in fields(kind)}
        given = {key: _number(value) for key, value in form.items() if key in known}
        if "choices" in given:
            given["choices"] = tuple(_number(each) for each in given["choices"])
        found.append(kind(**given))
    return Space(tuple(found))


def _trial(row: Mapping[str, Any]) -> tuple[TrialRecord, Reading, dict[str, Curve]]:
    given = {key: _number(row[key]) for key in _OWN if key in row}
    given["configuration"] = {str(key): _number(value) for key, value in row["configuration"].items()}
    given["summary"] = {str(key): float(_number(value)) for key, value in row.get("summary", {}).items()}
    told = row.get("reading", {})
    reading = Reading(*(_number(told.get(key)) for key in ("score", "step", "feasible")))
    curves = {
        str(metric): Curve(_array(each["steps"]), _array(each["values"])) for metric, each in row["curves"].items()
    }
    return TrialRecord(**{**given, "id": str(row["id"])}), reading, curves


def _array(values: Sequence[Any]) -> Any:
    return np.array([_number(each) for each in values], dtype=float)


__all__ = ["FORMAT", "imported_lines", "is_header", "lines_of"]
