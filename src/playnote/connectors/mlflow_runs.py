"""What MLflow's three stores have in common: experiments to choose from, statuses, values as text, kept infinities."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import LazySeries, listed, moment, value_of_text
from playnote.records.curves import Curve
from playnote.records.trial import Outcome
from playnote.text import Text

PARENT = "mlflow.parentRunId"
_STATUSES: dict[str, Outcome | None] = {
    "RUNNING": None,
    "SCHEDULED": None,
    "FINISHED": "ok",
    "FAILED": "failed",
    "KILLED": "failed",
}
# The database cannot keep an infinity: the largest number stands for it.
_LARGEST = 1.7976931348623157e308
_EMPTY = Text(en="no experiment with runs is in it.", zh="里面没有带训练记录的实验。")
_GIVE = Text(
    en="Give the database, folder or address that runs were logged to.", zh="请给记录过训练的数据库、文件夹或地址。"
)
_MANY = Text(en="it holds {n} experiments: {names}", zh="里面有 {n} 个实验：{names}")
_ABSENT = Text(en="it holds no experiment called {asked}, only: {names}", zh="里面没有叫 {asked} 的实验，只有：{names}")
_NAME_ONE = Text(en="Name one: --study {name}", zh="指定一个：--study {name}")
_ABOVE = Text(en="{n} runs only hold other runs together: left out.", zh="有 {n} 次训练只是把别的训练包在一起：略去。")
_BOTH = Text(
    en="{n} runs hold other runs and a score of their own: each counts as a trial.",
    zh="有 {n} 次训练既包着别的训练，自己又有分数：各算一个试验。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One run as a store keeps it: times in milliseconds, parameters and tags as text, keys of its metrics."""

    id: str
    name: str = ""
    status: str = "FINISHED"
    start: int | None = None
    end: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def chosen(where: str, experiments: Sequence[tuple[str, str]], asked: str | None) -> tuple[str, str]:
    """The one experiment that has runs, or the one asked for by name or id; `SourceError` otherwise."""
    found = [each for each in experiments if asked is None or asked in each]
    if len(found) == 1:
        return found[0]
    if not experiments:
        raise unreadable(where, _EMPTY, _GIVE)
    names = listed(name for _, name in experiments)
    fix = _NAME_ONE.fill(name=experiments[0][1])
    if asked is not None:
        raise unreadable(where, _ABSENT.fill(asked=asked, names=names), fix)
    raise unreadable(where, _MANY.fill(n=len(experiments), names=names), fix)


def imported_experiment(
    where: str,
    name: str,
    logged: Collection[Logged],
    history: Callable[[str, str], Curve],
    wanted: Wanted,
) -> Imported:
    """An experiment's runs as trials, in the order of starting.

    history  a metric's curve from a run's id and the metric's key
    """
    parents = {each.tags[PARENT] for each in logged if PARENT in each.tags}
    # A run that holds others together and logged nothing is no trial.
    kept = [each for each in logged if each.id not in parents or each.keys]
    both = sum(each.id in parents for each in kept)
    notes = [_ABOVE.fill(n=len(logged) - len(kept))] if len(kept) < len(logged) else []
    notes += [_BOTH.fill(n=both)] if both else []
    runs = [_run(each, history) for each in sorted(kept, key=lambda each: (each.start or 0, each.id))]
    return imported_runs(runs, wanted, origin="mlflow", where=where, name=name, left_out=notes)


def stored(value: float | None, is_nan: object = False) -> float:
    """A number as it was logged: the store keeps NaN as a flag and an infinity as the largest number."""
    if is_nan or value is None:
        return math.nan
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST else float(value)


def _run(each: Logged, history: Callable[[str, str], Curve]) -> Run:
    name = each.name or each.id
    ended = each.end is not None and each.start is not None
    return Run(
        name=name,
        configuration={key: value_of_text(text) for key, text in each.params.items()},
        curves=LazySeries(each.keys, lambda key: history(each.id, key)),
        outcome=_STATUSES.get(each.status.upper(), "failed"),
        started=None if each.start is None else moment(each.start / 1000.0),
        ended=None if each.end is None else moment(each.end / 1000.0),
        seconds=((each.end or 0) - (each.start or 0)) / 1000.0 if ended else None,
        facts={"run_id": each.id},
    )


__all__ = ["Logged", "chosen", "imported_experiment", "stored"]
