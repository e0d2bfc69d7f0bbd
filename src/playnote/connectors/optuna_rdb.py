"""Optuna's SQLite storage, schema of versions 3 to 5, read with plain SQL from a copy in memory."""

from __future__ import annotations

import json
import math
import sqlite3
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.optuna_study import UNNAMED, OptunaStudy, OptunaTrial, imported_study, objective_of
from playnote.connectors.sqlite_copy import in_memory
from playnote.records.curves import Curve
from playnote.text import Text

_SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
_DAMAGED = Text(en="its tables are damaged or of another version ({why}).", zh="表已损坏，或版本不同（{why}）。")
_OPEN = Text(
    en="Open it once with Optuna 3 or later (optuna storage upgrade), or make a new copy.",
    zh="先用 Optuna 3 以上打开一次（optuna storage upgrade），或者重新拷贝。",
)
_NO_STUDY = Text(en="no Optuna study is in it.", zh="里面没有 Optuna 的 study。")
_GIVE = Text(en="Give the database that a study was written to.", zh="请给写入过 study 的数据库。")


def read_optuna(path: Path, wanted: Wanted) -> Imported:
    """The one study of a file, or the one named; `SourceError` where there is none, or several and no name."""
    memory = in_memory(path)
    try:
        return _read(memory, path, wanted)
    except (sqlite3.DatabaseError, KeyError, IndexError, ValueError, TypeError) as error:
        memory.close()
        raise unreadable(str(path), _DAMAGED.fill(why=error), _OPEN) from None
    except Exception:
        memory.close()
        raise


class OptunaCurves:
    """Intermediate values, one query a trial."""

    def __init__(self, memory: sqlite3.Connection, numbers: Mapping[str, int], metric: str) -> None:
        self._memory, self._numbers, self._metric = memory, numbers, metric
        weakref.finalize(self, memory.close)

    def metrics(self, trial: str) -> Iterable[str]:
        """The objective's metric where the trial reported anything."""
        return (self._metric,) if self.curve(trial, self._metric) is not None else ()

    def curve(self, trial: str, metric: str) -> Curve | None:
        """What the trial reported, by step."""
        if metric != self._metric or trial not in self._numbers:
            return None
        rows = self._memory.execute(
            "select step, intermediate_value, intermediate_value_type from trial_intermediate_values"
            " where trial_id = ? order by step",
            (self._numbers[trial],),
        ).fetchall()
        if not rows:
            return None
        values = np.array([_number(value, kind) for _, value, kind in rows], dtype=float)
        return Curve(np.array([row[0] for row in rows], dtype=float), values)


def _read(memory: sqlite3.Connection, path: Path, wanted: Wanted) -> Imported:
    number, name = _study(memory, path, wanted.study)
    rows = memory.execute(
        "select trial_id, number, state, datetime_start, datetime_complete from trials where study_id = ?"
        " order by number",
        (number,),
    ).fetchall()
    parameters, values = _parameters(memory, number), _values(memory, number)
    last, attributes = _last(memory, number), _trial_attributes(memory, number)
    trials = tuple(
        OptunaTrial(
            at, state, parameters.get(key, {}), values.get(key), last.get(key), attributes.get(key, {}), start, end
        )
        for key, at, state, start, end in rows
    )
    study = OptunaStudy(name, _directions(memory, number), trials, _study_attributes(memory, number))
    where = f"{path} ({name})"
    formula = objective_of(where, study, wanted)[1] or UNNAMED
    # With several objectives nothing can be reported, so there are no curves to mistake for one of them.
    numbers = {str(row[1]): row[0] for row in rows} if len(study.directions) < 2 else {}
    return imported_study(where, study, wanted, OptunaCurves(memory, numbers, formula))


def _study(memory: sqlite3.Connection, path: Path, asked: str | None) -> tuple[int, str]:
    tables = {row[0] for row in memory.execute("select name from sqlite_master where type = 'table'")}
    if not {"studies", "trials", "trial_params"} <= tables:
        raise unreadable(str(path), _NO_STUDY, _GIVE)
    studies = memory.execute("select study_id, study_name from studies order by study_id").fetchall()
    return chosen_study(str(path), studies, asked)


def chosen_study(where: str, studies: list[tuple[int, str]], asked: str | None) -> tuple[int, str]:
    """The one study there is, or the one named; `SourceError` otherwise."""
    if not studies:
        raise unreadable(where, _NO_STUDY, _GIVE)
    chosen = [each for each in studies if asked is None or each[1] == asked]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(each[1] for each in studies[:10])
    raise unreadable(
        where,
        Text(en="it holds {n} studies: {names}", zh="里面有 {n} 个 study：{names}").fill(n=len(studies), names=names),
        Text(en="Name one: --study {name}", zh="指定一个：--study {name}").fill(name=studies[0][1]),
    )


def _directions(memory: sqlite3.Connection, study: int) -> tuple[str, ...]:
    rows = memory.execute("select direction from study_directions where study_id = ? order by objective", (study,))
    return tuple(str(row[0]) for row in rows)


def _parameters(memory: sqlite3.Connection, study: int) -> dict[int, dict[str, tuple[float, str]]]:
    found: dict[int, dict[str, tuple[float, str]]] = {}
    for trial, name, stored, text in memory.execute(
        "select p.trial_id, p.param_name, p.param_value, p.distribution_json from trial_params p"
        " join trials t on t.trial_id = p.trial_id where t.study_id = ? order by p.param_id",
        (study,),
    ):
        found.setdefault(trial, {})[name] = (stored, text)
    return found


def _values(memory: sqlite3.Connection, study: int) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for trial, value, kind in memory.execute(
        "select v.trial_id, v.value, v.value_type from trial_values v join trials t on t.trial_id = v.trial_id"
        " where t.study_id = ? order by v.objective",
        (study,),
    ):
        found.setdefault(trial, []).append(_number(value, kind))
    return found


def _last(memory: sqlite3.Connection, study: int) -> dict[int, tuple[float, float]]:
    """The last reported step and value of every trial that reported anything."""
    rows = memory.execute(
        "select i.trial_id, i.step, i.intermediate_value, i.intermediate_value_type from"
        " (select t.trial_id as id, (select max(step) from trial_intermediate_values where trial_id = t.trial_id)"
        " as last from trials t where t.study_id = ?) join trial_intermediate_values i"
        " on i.trial_id = id and i.step = last",
        (study,),
    )
    return {trial: (float(step), _number(value, kind)) for trial, step, value, kind in rows}


def _trial_attributes(memory: sqlite3.Connection, study: int) -> dict[int, dict[str, Any]]:
    """Constraints with their values; of a sampler's traces the key alone, for they may be long."""
    found: dict[int, dict[str, Any]] = {}
    for owner, key, text in memory.execute(
        "select a.trial_id, a.key, case when a.key like 'constraints%' then a.value_json end"
        " from trial_system_attributes a join trials t on t.trial_id = a.trial_id where t.study_id = ?",
        (study,),
    ):
        found.setdefault(owner, {})[key] = None if text is None else json.loads(text)
    return found


def _study_attributes(memory: sqlite3.Connection, study: int) -> dict[str, Any]:
    rows = memory.execute(
        "select key, case when key like 'study:metric_names%' then value_json end from study_system_attributes"
        " where study_id = ?",
        (study,),
    )
    return {key: None if text is None else json.loads(text) for key, text in rows}


def _number(value: float | None, kind: str) -> float:
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    return math.nan if value is None else float(value)


__all__ = ["OptunaCurves", "chosen_study", "read_optuna"]
