"""A table, one trial a row: hyperparameters and the score as columns, CSV or JSON lines.

Ranges are inferred from the values tried, so a crowd at an end is weaker evidence than with a declared range.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path

from playnote.connectors.imported import Imported, Wanted, direction_missing, state_of, unreadable
from playnote.records.objective import Objective
from playnote.records.state import Reading
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer, Value
from playnote.space.space import Space
from playnote.text import Text

_NAMES = frozenset({"id", "trial", "number", "trial_id", "run", "name"})
_SEEDS = frozenset({"seed", "random_seed", "random_state"})
_LOG_RATIO = 10.0
_ONE_ROW = Text(
    en="Give one row a trial: hyperparameters and the score as columns.",
    zh="每行一个试验：超参和分数各占一列。",
)
_INFERRED = Text(
    en="No ranges are recorded: they are the smallest and largest value tried, so boundary answers are weaker.",
    zh="没有记录搜索范围：这里用试过的最小值和最大值代替，所以边界结论要打折扣。",
)


def read_table(path: Path, wanted: Wanted) -> Imported:
    """The rows of a table as trials; metric and direction must be given."""
    rows, torn = _rows(path)
    if not rows:
        raise unreadable(str(path), Text(en="it holds no rows.", zh="里面没有数据行。"), _ONE_ROW)
    metric = _metric(path, list(dict.fromkeys(name for row in rows for name in row)), wanted)
    if wanted.direction is None:
        raise direction_missing(str(path))
    names = [n for n in dict.fromkeys(n for row in rows for n in row) if n not in _NAMES | _SEEDS | {metric}]
    trials, readings = [], {}
    for at, row in enumerate(rows):
        trial, reading = _trial(at, row, names, metric)
        trials.append(trial)
        readings[trial.id] = reading
    found = [_inferred(name, [t.configuration[name] for t in trials if name in t.configuration]) for name in names]
    state = state_of(
        origin="csv",
        name=path.stem,
        objective=Objective(formula=metric, direction=wanted.direction, min_effect=wanted.min_effect),
        space=Space(tuple(each for each in found if each is not None)),
        trials=trials,
        readings=readings,
        sampler="imported",
    )
    return Imported(path.stem, metric, "you", None, state, (_INFERRED, *torn))


def _rows(path: Path) -> tuple[list[dict[str, Value]], tuple[Text, ...]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(str(path), Text(en="it is not text.", zh="不是文本文件。"), _ONE_ROW) from None
    if path.suffix.lower() == ".csv":
        return [_cells(row) for row in csv.DictReader(text.splitlines())], ()
    rows, torn = [], 0
    for line in filter(str.strip, text.splitlines()):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if isinstance(row, dict):
            rows.append({str(k): v for k, v in row.items() if isinstance(v, str | bool | int | float)})
        else:
            torn += 1
    note = Text(en="{n} lines are no JSON object and were skipped.", zh="有 {n} 行不是 JSON 对象，已跳过。")
    return rows, (note.fill(n=torn),) if torn else ()


def _cells(row: dict[str, str]) -> dict[str, Value]:
    return {
        name: _value(cell) for name, cell in row.items() if isinstance(name, str) and isinstance(cell, str) and cell
    }


def _value(cell: str) -> Value:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


def _metric(path: Path, columns: Sequence[str], wanted: Wanted) -> str:
    if wanted.metric in columns and wanted.metric is not None:
        return wanted.metric
    raise unreadable(
        str(path),
        Text(en="which column is the score? It has: {columns}", zh="哪一列是分数？现有：{columns}").fill(
            columns=", ".join(columns[:20])
        ),
        Text(en="Add --metric COLUMN.", zh="加上 --metric 列名。"),
    )


def _trial(at: int, row: dict[str, Value], names: Sequence[str], metric: str) -> tuple[TrialRecord, Reading]:
    said = row.get(metric)
    score = float(said) if isinstance(said, int | float) and not isinstance(said, bool) else None
    diverged = score is not None and not math.isfinite(score)
    seed = next((v for n, v in row.items() if n in _SEEDS and isinstance(v, int)), None)
    trial = TrialRecord(
        id=str(at),
        study="r1",
        round=1,
        configuration={name: row[name] for name in names if name in row},
        seed=seed,
        outcome="failed" if score is None else "nan" if diverged else "ok",
        attempts=1,
        index=at,
    )
    return trial, Reading(None if diverged else score)


def _inferred(name: str, values: Sequence[Value]) -> Hyperparameter | None:
    """Log where the values are positive and span more than a factor of ten; None where nothing varies."""
    if any(isinstance(each, str | bool) for each in values):
        choices = tuple(dict.fromkeys(values if not any(isinstance(v, str) for v in values) else map(str, values)))
        return Categorical(name=name, choices=choices) if len(choices) > 1 else None
    numbers = [each for each in values if isinstance(each, int | float) and math.isfinite(each)]
    if not numbers or not min(numbers) < max(numbers):
        return None
    low, high = min(numbers), max(numbers)
    log = low > 0 and high / low > _LOG_RATIO
    if all(isinstance(each, int) for each in numbers):
        return Integer(name=name, low=int(low), high=int(high), scale="log" if log else "linear")
    return Float(name=name, low=float(low), high=float(high), scale="log" if log else "linear")
