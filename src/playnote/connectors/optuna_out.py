"""Trials into an Optuna storage, through the user's own Optuna: a new study in a SQLite file.

What Optuna has no place for is kept as a trial's user attributes and said: a value beside a range ("off"), series
other than the objective's. A diverged trial is FAIL with a last NaN report, which is how Playnote tells one.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from playnote.connectors.left_out import counted
from playnote.errors import MissingExtraError
from playnote.records.state import ProjectState, Reading
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.space.hyperparameter import Categorical, Hyperparameter, Integer, Value
from playnote.text import Text, same

_NEEDED = Text(
    en="Writing an Optuna storage needs Optuna, which is not installed.", zh="写 Optuna 的存储需要 Optuna，现在没有装。"
)
_RUNNING = Text(en="{n} trials have not ended and were left out.", zh="有 {n} 个试验还没结束，没有写进去。")
_BESIDE = Text(
    en="{n} values lie beside their range; Optuna keeps them as user attributes.",
    zh="有 {n} 个取值在范围之外，在 Optuna 里只能记成 user attribute。",
)
_SERIES = Text(
    en="{n} series other than the objective's were left out: Optuna has one series a trial.",
    zh="目标以外的 {n} 条曲线没有写：Optuna 每个试验只有一条。",
)
_SEED = "seed"


def write_optuna(path: Path, state: ProjectState, name: str) -> tuple[Text, ...]:
    """A new study in a new SQLite file; what was left out or bent. Raises MissingExtraError without Optuna."""
    try:
        optuna: Any = import_module("optuna")
    except ModuleNotFoundError:
        raise MissingExtraError(_NEEDED, fix=same("pip install optuna")) from None
    objective = state.project.objective
    quiet = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
        study = optuna.create_study(study_name=name, storage=storage, direction=objective.direction)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that naming a metric may change
            study.set_metric_names([objective.formula])
        ended = [trial for trial in state.trials if trial.outcome is not None]
        known = _distributions(optuna, state, ended)
        study.add_trials([_trial(optuna, trial, state, known) for trial in ended])
        storage.remove_session()
        storage.engine.dispose()
    finally:
        optuna.logging.set_verbosity(quiet)
    beside = sum(name not in _inside(trial, known) for trial in ended for name in trial.configuration)
    other = {m for trial in ended for m in state.curves.metrics(trial.id) if m != objective.formula}
    return (
        *counted(_RUNNING, len(state.trials) - len(ended)),
        *counted(_BESIDE, beside),
        *counted(_SERIES, len(other)),
    )


def _distributions(optuna: Any, state: ProjectState, trials: Sequence[TrialRecord]) -> dict[str, Any]:
    """One distribution a name: the declared range, or for what was never searched the values it had."""
    found = {each.name: _declared(optuna, each) for each in state.project.space}
    names = dict.fromkeys(name for trial in trials for name in trial.configuration)
    for name in names:
        if name not in found:
            values = dict.fromkeys(trial.configuration[name] for trial in trials if name in trial.configuration)
            found[name] = optuna.distributions.CategoricalDistribution(list(values))
    seeds = [trial.seed for trial in trials if trial.seed is not None]
    if seeds and _SEED not in found:
        found[_SEED] = optuna.distributions.IntDistribution(min(seeds), max(seeds))
    return found


def _declared(optuna: Any, each: Hyperparameter) -> Any:
    kinds = optuna.distributions
    if isinstance(each, Categorical):
        return kinds.CategoricalDistribution(list(each.choices))
    # Optuna has no scale for values close to 1: a range on log(1 - x) is kept as a linear one.
    log = each.scale == "log"
    kind = kinds.IntDistribution if isinstance(each, Integer) else kinds.FloatDistribution
    return kind(each.low, each.high, log=log)


def _inside(trial: TrialRecord, known: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in trial.configuration.items():
        try:
            held = known[name]._contains(known[name].to_internal_repr(value))
        except (TypeError, ValueError):
            held = False
        if held:
            found[name] = value
    return found


def _trial(optuna: Any, trial: TrialRecord, state: ProjectState, known: Mapping[str, Any]) -> Any:
    reading = state.readings.get(trial.id, Reading(None))
    params = _inside(trial, known)
    beside = {f"configuration.{n}": v for n, v in trial.configuration.items() if n not in params}
    if trial.seed is not None and _SEED in known:
        params[_SEED] = trial.seed
    complete = trial.outcome == "ok" and reading.score is not None
    kind = optuna.trial.TrialState
    made = optuna.trial.create_trial(
        state=kind.COMPLETE if complete else kind.PRUNED if trial.outcome == "pruned" else kind.FAIL,
        value=reading.score if complete else None,
        params=params,
        distributions={name: known[name] for name in params},
        user_attrs={"trial": trial.id, "outcome": trial.outcome, "purpose": trial.purpose, **beside},
        system_attrs={} if reading.feasible is not False else {"constraints": [1.0]},
        intermediate_values=_reports(trial, state, reading),
    )
    if trial.started and trial.ended:
        made.datetime_start, made.datetime_complete = _local(trial.started), _local(trial.ended)
    return made


def _reports(trial: TrialRecord, state: ProjectState, reading: Reading) -> dict[int, float]:
    """The objective's curve at whole steps; a diverged trial ends in NaN, a pruned one in its reading."""
    curve = state.curves.curve(trial.id, state.project.objective.formula)
    found = {} if curve is None else dict(zip(map(int, curve.steps.tolist()), curve.values.tolist(), strict=True))
    last = max(found, default=-1)
    if trial.outcome in DIVERGED and (not found or math.isfinite(found[last])):
        found[last + 1] = math.nan
    if trial.outcome == "pruned" and not found and reading.score is not None:
        found[int(reading.step or 0)] = reading.score
    return found


def _local(moment: str) -> datetime:
    """Optuna keeps times without a zone."""
    found = datetime.fromisoformat(moment)
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


__all__ = ["write_optuna"]
