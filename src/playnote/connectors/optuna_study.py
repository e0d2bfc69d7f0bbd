"""An Optuna study as trials, whichever storage it was read from.

States become outcomes: COMPLETE ok, PRUNED pruned (censored at its last reading), FAIL failed (Optuna does not tell
code, machines and NaN apart), RUNNING and WAITING none. Only a trial whose last reading is NaN or infinite diverged.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playnote.connectors.imported import Imported, Wanted, direction_missing, state_of, unreadable
from playnote.connectors.inferred import is_seed
from playnote.connectors.optuna_distributions import hyperparameter_of, value_of
from playnote.records.curves import CurveSource
from playnote.records.objective import Direction, Objective
from playnote.records.round import SearcherName
from playnote.records.state import Reading
from playnote.records.trial import Outcome, TrialRecord
from playnote.space.hyperparameter import Value
from playnote.space.space import Space
from playnote.text import Text

UNNAMED = "value"
_OUTCOMES: dict[str, Outcome] = {"COMPLETE": "ok", "PRUNED": "pruned", "FAIL": "failed"}
# Traces that samplers leave in a trial's or the study's own attributes; the default of Optuna 2 to 4 leaves none.
_ADAPTIVE = {"tpe:": "TPE", "gp:": "GP", "cma": "CMA-ES", "nsga": "NSGA"}
_MOST_COMPARED = 3000  # trials beyond which the front is not counted
_WHICH = Text(en="the study has {n} objectives: {names}", zh="这个 study 有 {n} 个目标：{names}")
_NAME_ONE = Text(en="Name one: --metric {name}", zh="指定一个：--metric {name}")
_ONE_OF = Text(
    en="One objective of {n} is reviewed; {front} of {of} complete trials are on the Pareto front of all of them.",
    zh="{n} 个目标里只看这一个；放在一起看，{of} 个跑完的试验里有 {front} 个在 Pareto 前沿上。",
)
_MOVED = Text(
    en="The range of {name} changed during the study; the widest one is used.",
    zh="{name} 的范围中途改过，这里按最宽的算。",
)


@dataclass(frozen=True, slots=True)
class OptunaTrial:
    """One trial as stored.

    parameters   name -> (stored number, distribution as JSON text)
    values       one an objective, None where it has none
    last         (step, value) of the last report
    attributes   the system attributes that matter: constraints, traces of samplers
    """

    number: int
    state: str
    parameters: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    values: Sequence[float] | None = None
    last: tuple[float, float] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class OptunaStudy:
    """One study as stored; directions are "minimize" or "maximize", or something else where not set."""

    name: str
    directions: tuple[str, ...]
    trials: tuple[OptunaTrial, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)


def objective_of(where: str, study: OptunaStudy, wanted: Wanted) -> tuple[int, str | None]:
    """Which objective is asked for, and its name; `SourceError` where there are several and none is named."""
    recorded = study.attributes.get("study:metric_names") or []
    count = max(1, len(study.directions))
    if count == 1:
        return 0, wanted.metric or (str(recorded[0]) if recorded else None)
    names = names_of(count, recorded)
    if wanted.metric in names:
        return names.index(wanted.metric), wanted.metric
    shown = ", ".join(names)
    raise unreadable(where, _WHICH.fill(n=count, names=shown), _NAME_ONE.fill(name=names[0]))


def names_of(count: int, recorded: Sequence[str] | None) -> tuple[str, ...]:
    """What the objectives of a study are called: as recorded, else by their place."""
    if recorded is not None and len(recorded) == count:
        return tuple(str(name) for name in recorded)
    return tuple(f"objective-{at}" for at in range(count))


def imported_study(
    where: str, study: OptunaStudy, wanted: Wanted, curves: CurveSource, notes: Iterable[Text] = ()
) -> Imported:
    """The trials of a study as one round, for one objective."""
    at, metric = objective_of(where, study, wanted)
    direction, said = _direction(where, study, at, wanted.direction)
    space, configurations, bent = _parameters(study.trials)
    trials, readings = [], {}
    for stored, configuration in zip(study.trials, configurations, strict=True):
        trial, reading = _trial(stored, configuration, at, several=len(study.directions) > 1)
        trials.append(trial)
        readings[trial.id] = reading
    sampler, traced = _sampler(study)
    state = state_of(
        origin="optuna",
        name=study.name,
        objective=Objective(formula=metric or UNNAMED, direction=direction, min_effect=wanted.min_effect, read="last"),
        space=space,
        trials=trials,
        readings=readings,
        sampler=sampler,
        curves=curves,
    )
    return Imported(study.name, metric, said, traced, state, (*notes, *bent, *_front(study)))


def _direction(where: str, study: OptunaStudy, at: int, asked: Direction | None) -> tuple[Direction, str]:
    if asked is not None:
        return asked, "you"
    recorded = study.directions[at].lower() if study.directions else ""
    if recorded == "minimize":
        return "minimize", "source"
    if recorded == "maximize":
        return "maximize", "source"
    raise direction_missing(where)


def _parameters(trials: Sequence[OptunaTrial]) -> tuple[Space, list[dict[str, Value]], list[Text]]:
    texts: dict[str, dict[str, None]] = {}
    parsed: dict[str, Any] = {}
    configurations: list[dict[str, Value]] = []
    for trial in trials:
        configuration: dict[str, Value] = {}
        for name, (stored, text) in trial.parameters.items():
            if text not in parsed:
                parsed[text] = json.loads(text)
            texts.setdefault(name, {})[text] = None
            configuration[name] = value_of(stored, parsed[text])
        configurations.append(configuration)
    notes = [_MOVED.fill(name=name) for name, each in texts.items() if len(each) > 1]
    found = [hyperparameter_of(name, each) for name, each in texts.items() if not is_seed(name)]
    return Space(tuple(each for each in found if each is not None)), configurations, notes


def _trial(
    stored: OptunaTrial, configuration: dict[str, Value], at: int, *, several: bool
) -> tuple[TrialRecord, Reading]:
    outcome = _OUTCOMES.get(stored.state)
    value = None if stored.values is None or at >= len(stored.values) else stored.values[at]
    # Reports belong to the one objective; with several there are none that could be told apart.
    last = None if several else stored.last
    if outcome == "pruned":
        value = last[1] if last else value
    diverged = last is not None and not math.isfinite(last[1]) and outcome in ("failed", "pruned")
    if diverged or (outcome == "ok" and value is not None and not math.isfinite(value)):
        outcome = "nan"
    known = outcome in ("ok", "pruned") and value is not None and math.isfinite(value)
    seed = next((v for name, v in configuration.items() if is_seed(name) and isinstance(v, int)), None)
    trial = TrialRecord(
        id=str(stored.number),
        study="r1",
        round=1,
        configuration={name: each for name, each in configuration.items() if not is_seed(name)},
        seed=seed,
        outcome=outcome,
        attempts=1,
        seconds=_seconds(stored.start, stored.end),
        started=stored.start,
        ended=stored.end,
        index=stored.number,
    )
    feasible = feasible_by(stored.attributes)
    return trial, Reading(value if known else None, last[0] if last else None, feasible)


def feasible_by(attributes: Mapping[str, Any]) -> bool | None:
    """Constraints of both generations: a list under one key, or one key a constraint; at most 0 satisfies."""
    old = attributes.get("constraints") or []
    new = [value for key, value in attributes.items() if key.startswith("constraints:")]
    values = [float(each) for each in (*old, *new) if isinstance(each, int | float)]
    return all(each <= 0.0 for each in values) if values else None


def _sampler(study: OptunaStudy) -> tuple[SearcherName, str | None]:
    """The sampler by the traces it leaves; without one it may have looked at results."""
    keys = {key.lower() for trial in study.trials for key in trial.attributes}
    for prefix, name in _ADAPTIVE.items():
        if any(key.startswith(prefix) for key in keys):
            return "imported", name
    if any(key.startswith(("qmc ", "qmc:")) for key in study.attributes):
        return "quasi-random", "QMC"
    return ("grid", "grid") if "grid_id" in keys else ("imported", None)


def _front(study: OptunaStudy) -> list[Text]:
    """How many complete trials no other one beats in every objective, where there are several."""
    if len(study.directions) < 2:
        return []
    signs = [-1.0 if direction.lower() == "maximize" else 1.0 for direction in study.directions]
    points = [
        tuple(sign * value for sign, value in zip(signs, trial.values, strict=False))
        for trial in study.trials
        if trial.state == "COMPLETE" and trial.values is not None and all(map(math.isfinite, trial.values))
    ][:_MOST_COMPARED]
    front = [p for p in points if not any(q != p and all(a <= b for a, b in zip(q, p, strict=True)) for q in points)]
    return [_ONE_OF.fill(n=len(signs), front=len(front), of=len(points))]


def _seconds(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


__all__ = ["UNNAMED", "OptunaStudy", "OptunaTrial", "feasible_by", "imported_study", "names_of", "objective_of"]
