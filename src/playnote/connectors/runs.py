"""Runs of a tracker as trials: which series is the score, which settings varied, and how each run ended.

A tracker records what was logged, not what was meant: the metric is asked for where several could be it, the
direction wherever it is not recorded, and ranges are those of the values tried.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from playnote.connectors.imported import Imported, Wanted, direction_missing, state_of, unreadable
from playnote.connectors.inferred import RUN, inferred_space, is_seed, seed_of
from playnote.records.curves import Curve
from playnote.records.objective import Direction, Objective
from playnote.records.round import SearcherName
from playnote.records.score import read_score
from playnote.records.state import Reading
from playnote.records.trial import Outcome, TrialRecord
from playnote.space.hyperparameter import Hyperparameter, Value
from playnote.text import Text

_SHOWN = 20  # names in a message
_LONG = 80  # characters of a name in a message
_SCORE = "score"  # stands for a metric whose name may be no formula
_NO_RUNS = Text(en="no run is in it.", zh="里面没有任何一次训练的记录。")
_NO_METRIC = Text(en="nothing was logged in it.", zh="里面没有记录任何指标。")
_WHICH = Text(en="which metric is the score? It has: {names}", zh="哪个指标是分数？现有：{names}")
_NONE_CALLED = Text(en="no metric is called {name}. It has: {names}", zh="没有叫 {name} 的指标。现有：{names}")
_ADD = Text(en="Add --metric NAME.", zh="加上 --metric 指标名。")
_LOG = Text(en="Give the folder or file that training wrote to.", zh="请给训练写入的那个文件夹或文件。")
_NEVER = Text(
    en="{n} runs never logged {metric}: they count as missing, not as bad.",
    zh="有 {n} 次训练没有记录过 {metric}：按缺失算，不算差。",
)
_HOLES = Text(
    en="{n} runs logged NaN or infinity and went on; those readings were passed over.",
    zh="有 {n} 次训练中途出现过 NaN 或无穷，之后又恢复；这些读数跳过不算。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    configuration  its settings, one level deep; seeds among them
    curves         by metric; steps increasing, each once
    summary        last values of metrics that have no curve
    outcome        as the tracker tells it, None while it runs; NaN at the end of the score is found here
    """

    name: str
    configuration: Mapping[str, Value] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    summary: Mapping[str, float] = field(default_factory=dict)
    outcome: Outcome | None = "ok"
    seconds: float | None = None
    started: str | None = None
    ended: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class RunCurves:
    """The curves of runs that were read whole."""

    def __init__(self, curves: Mapping[str, Mapping[str, Curve]]) -> None:
        self._curves = curves

    def metrics(self, trial: str) -> Iterable[str]:
        """Names of the run's series."""
        return tuple(self._curves.get(trial, ()))

    def curve(self, trial: str, metric: str) -> Curve | None:
        """One series, or None where the run never logged it."""
        return self._curves.get(trial, {}).get(metric)


def imported_runs(
    runs: Sequence[Run],
    wanted: Wanted,
    *,
    origin: str,
    where: str,
    name: str,
    metric: str | None = None,
    direction: Direction | None = None,
    recorded: Mapping[str, Hyperparameter] | None = None,
    sampler: SearcherName = "imported",
    sampler_name: str | None = None,
    left_out: Sequence[Text] = (),
) -> Imported:
    """Runs as one round. Raises `SourceError` where there is none, or metric or direction must be said.

    where              the source, for messages
    metric, direction  as the source records them; what the caller wants goes first
    recorded           hyperparameters whose range the source holds
    """
    if not runs:
        raise unreadable(where, _NO_RUNS, _LOG)
    runs = _told_apart(runs)
    chosen = _metric(where, runs, wanted.metric or metric)
    way = wanted.direction or direction
    if way is None:
        raise direction_missing(where)
    readings, trials, holes = {}, [], 0
    for at, run in enumerate(runs):
        trial, reading, hole = _trial(at, run, chosen, way)
        trials.append(trial)
        readings[trial.id] = reading
        holes += hole
    space, notes = inferred_space([trial.configuration for trial in trials], recorded)
    state = state_of(
        origin=origin,
        name=name,
        objective=Objective(formula=chosen, direction=way, min_effect=wanted.min_effect),
        space=space,
        trials=trials,
        readings=readings,
        sampler=sampler,
        curves=RunCurves({run.name: run.curves for run in runs}),
    )
    never = sum(not _has(run, chosen) for run in runs if run.outcome == "ok")
    said = (*left_out, *notes, *_counted(_NEVER, never, metric=chosen), *_counted(_HOLES, holes))
    return Imported(name, chosen, "source" if wanted.direction is None else "you", sampler_name, state, said)


def _told_apart(runs: Sequence[Run]) -> list[Run]:
    """A name that several runs share gets a number from the second on."""
    seen: Counter[str] = Counter()
    taken = {run.name for run in runs}
    found = []
    for run in runs:
        name = run.name
        while seen[run.name] and name in taken:
            seen[run.name] += 1
            name = f"{run.name} ({seen[run.name]})"
        seen[run.name] = max(seen[run.name], 1)
        taken.add(name)
        found.append(run if name == run.name else replace(run, name=name))
    return found


def _counted(text: Text, n: int, **values: str) -> tuple[Text, ...]:
    return (text.fill(n=n, **values),) if n else ()


def _metric(where: str, runs: Sequence[Run], asked: str | None) -> str:
    names = tuple(dict.fromkeys(name for run in runs for name in (*run.curves, *run.summary)))
    if not names:
        raise unreadable(where, _NO_METRIC, _LOG)
    if asked in names and asked is not None:
        return asked
    if asked is None and len(names) == 1:
        return names[0]
    shown = ", ".join(_short(name) for name in names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
    raise unreadable(where, (_WHICH if asked is None else _NONE_CALLED).fill(names=shown, name=asked), _ADD)


def _short(name: str) -> str:
    return name if len(name) <= _LONG else name[: _LONG - 1] + "…"


def _has(run: Run, metric: str) -> bool:
    return metric in run.curves or metric in run.summary


def _trial(at: int, run: Run, metric: str, direction: Direction) -> tuple[TrialRecord, Reading, bool]:
    """The trial, its reading, and whether readings were passed over."""
    curve = run.curves.get(metric)
    last = float(curve.values[-1]) if curve is not None and len(curve) else run.summary.get(metric)
    outcome = run.outcome
    if outcome == "ok" and last is None:
        outcome = "failed"
    if last is not None and not math.isfinite(last) and outcome in ("ok", "failed", "pruned"):
        outcome = "nan"
    reading, hole = Reading(None), False
    if outcome in ("ok", "pruned"):
        reading, hole = _reading(curve, last, direction, pruned=outcome == "pruned")
    trial = TrialRecord(
        id=run.name,
        study="r1",
        round=1,
        # A run without recorded settings is no repeat of another one without.
        configuration={n: v for n, v in run.configuration.items() if not is_seed(n)} or {RUN: run.name},
        seed=seed_of(run.configuration),
        outcome=outcome,
        attempts=1,
        summary=run.summary,
        seconds=run.seconds,
        started=run.started,
        ended=run.ended,
        facts=run.facts,
        index=at,
    )
    return trial, reading, hole


def _reading(curve: Curve | None, last: float | None, direction: Direction, *, pruned: bool) -> tuple[Reading, bool]:
    """The best finite reading of a curve (of a censored run, the last one), or the only value there is."""
    objective = Objective(formula=_SCORE, direction=direction, read="last" if pruned else "best")
    if curve is None or not len(curve):
        return read_score(objective, {}, {} if last is None else {_SCORE: last}), False
    finite = np.isfinite(curve.values)
    kept = Curve(curve.steps[finite], curve.values[finite])
    return read_score(objective, {_SCORE: kept}, {}), not finite.all()
