"""Optuna's SQLite storage, schema of versions 3 to 5, read with plain SQL.

States become outcomes: COMPLETE ok, PRUNED pruned (censored at its last reading), FAIL failed (Optuna does not tell
code, machines and NaN apart), RUNNING and WAITING none. Only a trial whose last reading is NaN or infinite diverged.
"""

from __future__ import annotations

import json
import math
import sqlite3
import weakref
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.imported import Imported, Wanted, direction_missing, state_of, unreadable
from playnote.connectors.optuna_distributions import hyperparameter_of, value_of
from playnote.connectors.sqlite_copy import in_memory
from playnote.records.curves import Curve
from playnote.records.objective import Direction, Objective
from playnote.records.round import SearcherName
from playnote.records.state import Reading
from playnote.records.trial import Outcome, TrialRecord
from playnote.space.hyperparameter import Value
from playnote.space.space import Space
from playnote.text import Text

UNNAMED = "value"
_SEEDS = frozenset({"seed", "random_seed", "random_state"})
_OUTCOMES: dict[str, Outcome] = {"COMPLETE": "ok", "PRUNED": "pruned", "FAIL": "failed"}
_SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
_TRACES = {"tpe:": "TPE", "cma:": "CMA-ES", "nsga": "NSGA"}
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
    study, name = _study(memory, path, wanted.study)
    direction, said = _direction(memory, study, f"{path} ({name})", wanted.direction)
    attributes = _attributes(memory, "study_system_attributes", "study_id", "= ?", study).get(study, {})
    recorded = attributes.get("study:metric_names") or [None]
    metric = wanted.metric or recorded[0]
    space, configurations, notes = _parameters(memory, study)
    rows = memory.execute(
        "select trial_id, number, state, datetime_start, datetime_complete from trials where study_id = ?"
        " order by number",
        (study,),
    ).fetchall()
    readings, ended = _readings(memory, study), _last(memory, study)
    trials, scores = [], {}
    for row in rows:
        trial, score = _trial(row, configurations.get(row[0], {}), readings.get(row[0]), ended.get(row[0]))
        trials.append(trial)
        scores[trial.id] = score
    _constrain(memory, study, scores, {row[0]: str(row[1]) for row in rows})
    sampler, traced = _sampler(memory, study, attributes)
    formula = metric or UNNAMED
    state = state_of(
        origin="optuna",
        name=name,
        objective=Objective(formula=formula, direction=direction, min_effect=wanted.min_effect, read="last"),
        space=space,
        trials=trials,
        readings=scores,
        sampler=sampler,
        curves=OptunaCurves(memory, {str(row[1]): row[0] for row in rows}, formula),
    )
    return Imported(name, metric, said, traced, state, notes)


def _study(memory: sqlite3.Connection, path: Path, asked: str | None) -> tuple[int, str]:
    tables = {row[0] for row in memory.execute("select name from sqlite_master where type = 'table'")}
    if "studies" not in tables or "trial_params" not in tables:
        raise unreadable(str(path), _NO_STUDY, _GIVE)
    studies = [(int(row[0]), str(row[1])) for row in memory.execute("select study_id, study_name from studies")]
    if not studies:
        raise unreadable(str(path), _NO_STUDY, _GIVE)
    chosen = [each for each in studies if asked is None or each[1] == asked]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(each[1] for each in studies[:10])
    raise unreadable(
        str(path),
        Text(en="it holds {n} studies: {names}", zh="里面有 {n} 个 study：{names}").fill(n=len(studies), names=names),
        Text(en="Name one: --study {name}", zh="指定一个：--study {name}").fill(name=studies[0][1]),
    )


def _direction(memory: sqlite3.Connection, study: int, where: str, asked: Direction | None) -> tuple[Direction, str]:
    rows = memory.execute(
        "select direction from study_directions where study_id = ? order by objective", (study,)
    ).fetchall()
    if len(rows) > 1:
        raise unreadable(
            where,
            Text(en="the study has {n} objectives.", zh="这个 study 有 {n} 个目标。").fill(n=len(rows)),
            Text(
                en="Review a study with one objective; export the one you mean as CSV.",
                zh="目前只看单目标的 study；可以把要看的那个目标导出成 CSV。",
            ),
        )
    if asked is not None:
        return asked, "you"
    recorded = str(rows[0][0]).lower() if rows else ""
    if recorded == "minimize":
        return "minimize", "source"
    if recorded == "maximize":
        return "maximize", "source"
    raise direction_missing(where)


def _parameters(memory: sqlite3.Connection, study: int) -> tuple[Space, dict[int, dict[str, Value]], tuple[Text, ...]]:
    rows = memory.execute(
        "select p.trial_id, p.param_name, p.param_value, p.distribution_json from trial_params p"
        " join trials t on t.trial_id = p.trial_id where t.study_id = ? order by p.param_id",
        (study,),
    ).fetchall()
    parsed = {text: json.loads(text) for text in {row[3] for row in rows}}
    texts: dict[str, dict[str, None]] = {}
    configurations: dict[int, dict[str, Value]] = {}
    for trial, name, stored, text in rows:
        texts.setdefault(name, {})[text] = None
        configurations.setdefault(trial, {})[name] = value_of(stored, parsed[text])
    notes = tuple(_moved(name) for name, each in texts.items() if len(each) > 1)
    found = [hyperparameter_of(name, each) for name, each in texts.items() if name not in _SEEDS]
    return Space(tuple(each for each in found if each is not None)), configurations, notes


def _moved(name: str) -> Text:
    return Text(
        en="The range of {name} changed during the study; the widest one is used.",
        zh="{name} 的范围中途改过，这里按最宽的算。",
    ).fill(name=name)


def _readings(memory: sqlite3.Connection, study: int) -> dict[int, float]:
    rows = memory.execute(
        "select v.trial_id, v.value, v.value_type from trial_values v join trials t on t.trial_id = v.trial_id"
        " where t.study_id = ? and v.objective = 0",
        (study,),
    )
    return {trial: _number(value, kind) for trial, value, kind in rows}


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


def _trial(
    row: tuple[int, int, str, str | None, str | None],
    configuration: dict[str, Value],
    value: float | None,
    last: tuple[float, float] | None,
) -> tuple[TrialRecord, Reading]:
    outcome = _OUTCOMES.get(row[2])
    if outcome == "pruned":
        value = last[1] if last else value
    diverged = last is not None and not math.isfinite(last[1]) and outcome in ("failed", "pruned")
    if diverged or (outcome == "ok" and value is not None and not math.isfinite(value)):
        outcome = "nan"
    known = outcome in ("ok", "pruned") and value is not None and math.isfinite(value)
    seed = next((v for name, v in configuration.items() if name in _SEEDS and isinstance(v, int)), None)
    trial = TrialRecord(
        id=str(row[1]),
        study="r1",
        round=1,
        configuration={name: each for name, each in configuration.items() if name not in _SEEDS},
        seed=seed,
        outcome=outcome,
        attempts=1,
        seconds=_seconds(row[3], row[4]),
        started=row[3],
        ended=row[4],
        index=row[1],
    )
    return trial, Reading(value if known else None, last[0] if last else None)


def _constrain(memory: sqlite3.Connection, study: int, scores: dict[str, Reading], ids: Mapping[int, str]) -> None:
    """Constraints of both generations: a list under one key, or one key a constraint; at most 0 satisfies."""
    for trial, attributes in _attributes(
        memory, "trial_system_attributes", "trial_id", "in (select trial_id from trials where study_id = ?)", study
    ).items():
        old = attributes.get("constraints") or []
        new = [value for key, value in attributes.items() if key.startswith("constraints:")]
        values = [float(each) for each in (*old, *new) if isinstance(each, int | float)]
        if values and trial in ids:
            before = scores[ids[trial]]
            scores[ids[trial]] = Reading(before.score, before.step, all(each <= 0.0 for each in values))


def _attributes(
    memory: sqlite3.Connection, table: str, column: str, which: str, study: int
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    rows = memory.execute(
        f"select {column}, key, value_json from {table} where {column} {which}"
        " and (key like 'constraints%' or key like 'study:metric_names%' or key like 'qmc %')",
        (study,),
    )
    for owner, key, text in rows:
        found.setdefault(owner, {})[key] = json.loads(text)
    return found


def _sampler(memory: sqlite3.Connection, study: int, attributes: Mapping[str, Any]) -> tuple[SearcherName, str | None]:
    """The sampler by the traces it leaves; without one it may have looked at results."""
    if any(key.startswith("qmc ") for key in attributes):
        return "quasi-random", "QMC"
    for prefix, name in _TRACES.items():
        row = memory.execute(
            "select 1 from trial_system_attributes a join trials t on t.trial_id = a.trial_id"
            " where t.study_id = ? and substr(a.key, 1, ?) = ? limit 1",
            (study, len(prefix), prefix),
        ).fetchone()
        if row:
            return "imported", name
    return "imported", None


def _number(value: float | None, kind: str) -> float:
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    return math.nan if value is None else float(value)


def _seconds(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


__all__ = ["UNNAMED", "OptunaCurves", "read_optuna"]
