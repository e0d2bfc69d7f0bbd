"""Columns of a table as trials, whatever it was read from: text, Parquet, a data frame.

Three shapes are told apart by columns alone:

    wide      a row a trial: settings, score, perhaps a seed and how it ended
    readings  a row a reading: trial, step, one column a metric, settings that stay the same within a trial
    long      a row a number: trial, step, metric, value, settings likewise

In `readings` and `long` a trial's name comes back in several rows. A cell that is None was not there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import is_seed
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import gathered, listed, number
from playnote.records.trial import Outcome
from playnote.space.hyperparameter import Value
from playnote.text import Text

Columns = Mapping[str, Sequence[object]]
Shape = Literal["wide", "readings", "long"]
IDS = ("trial", "trial_id", "run_id", "config_id", "run", "run_name", "id", "number", "name")
STEPS = ("step", "global_step", "eval_step", "iteration", "training_iteration", "epoch")
NAMES = ("metric", "metric_name", "key", "tag", "variable", "name")
VALUES = ("value", "metric_value")
ENDS = ("outcome", "state", "status")
# Columns of one kind that a tool marks with a prefix: the rest of the table is then no setting.
MIXED = "configuration(json)."  # settings of several kinds, each as JSON
SETTINGS = (MIXED, "configuration.", "params_", "params.", "config/", "config.")
METRICS = ("metric.", "metrics.", "values_")
_BESIDE = frozenset(
    {"round", "study", "purpose", "feasible", "seconds", "started", "ended", "duration", "datetime_start"}
    | {"datetime_complete", "start_time", "end_time", "experiment_id", "artifact_uri", "timestamp", "index"}
)
_RESULT = re.compile(
    r"(^|[/_. -])(loss|acc\d*|accuracy|error|auc|f1|nll|recall|precision|diverged|runtime|duration|seconds|latency)"
    r"(\(s\))?$|^train_?time$",
    re.IGNORECASE,
)
_SPLITS = frozenset({"train", "training", "val", "valid", "validation", "dev", "test", "holdout"})
_WORDS: dict[str, Outcome | None] = {
    **dict.fromkeys(("ok", "complete", "completed", "finished", "success", "terminated", "done"), "ok"),
    **dict.fromkeys(("pruned", "stopped"), "pruned"),
    **dict.fromkeys(("fail", "failed", "error", "crash", "crashed", "killed"), "failed"),
    **dict.fromkeys(("nan", "diverged"), "nan"),
    **dict.fromkeys(("running", "waiting", "scheduled", ""), None),
    **{each: each for each in ("exploded", "oom", "failed:infra", "failed:preempted", "failed:code")},
}
ONE_ROW = Text(
    en="Give a row a trial (settings, score), or a row a reading (trial, step, metric, value).",
    zh="每行一个试验（设置、分数），或者每行一个读数（trial、step、metric、value）。",
)
_NO_ROWS = Text(en="it holds no rows.", zh="里面没有数据行。")
_WHICH = Text(en="which column is the score? It has: {columns}", zh="哪一列是分数？现有：{columns}")
_ADD = Text(en="Add --metric COLUMN.", zh="加上 --metric 列名。")
_AMBIGUOUS = Text(
    en="{name} comes in several rows with the same {step}: is a row a trial or a reading?",
    zh="{name} 占了好几行，{step} 却都一样：一行算一个试验，还是一个读数？",
)
_DECIDE = Text(
    en="Give every trial a name of its own, or every reading its own {step}.",
    zh="给每个试验单独的名字，或者给每个读数单独的 {step}。",
)
_LIKE_RESULTS = Text(
    en="{names}: by their names these columns are results, so they were not taken for hyperparameters.",
    zh="{names}：从名字看这些列是结果，没有当作超参。",
)
_MANY = 15  # hyperparameters of a table without marks, beyond which some are surely results or follow from others
_ALL_TAKEN = Text(
    en="{n} columns were taken for hyperparameters ({names}): answers about those that are results or follow from "
    "others mean nothing. Mark the settings (config/lr), or leave the other columns out.",
    zh="有 {n} 列当作超参（{names}）：其中本是结果、或者由别的列算出来的，结论没有意义。"
    "给超参列加前缀（config/lr），或者去掉别的列。",
)
_CHANGING = Text(
    en="{names}: text that changes within a trial was left out.", zh="{names}：同一试验里会变的文字列，略去。"
)
_ROWS_OUT = Text(
    en="{n} rows name no trial, metric or number and were skipped.", zh="有 {n} 行缺试验名、指标名或数值，已跳过。"
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Columns, the rows' shape, and which column is what."""

    columns: Columns
    where: str
    rows: int
    shape: Shape
    id: str | None = None
    step: str | None = None
    name: str | None = None
    value: str | None = None


def imported_columns(columns: Columns, wanted: Wanted, *, where: str, name: str, origin: str = "csv") -> Imported:
    """A table's trials. Raises `SourceError` where the score or its direction must be said, or a row means nothing.

    columns  equally long, by name; text, numbers, truth values, None where a cell is empty
    where    the table, for messages
    """
    table = _shaped(columns, where)
    if not table.rows:
        raise unreadable(where, _NO_ROWS, ONE_ROW)
    runs, metric, notes = _wide(table, wanted) if table.shape == "wide" else _grouped(table)
    if metric is not None:
        wanted = replace(wanted, metric=metric)
    got = imported_runs(runs, wanted, origin=origin, where=where, name=name, left_out=notes)
    taken = got.state.project.space.names
    if len(taken) > _MANY and not any(each.startswith(SETTINGS) for each in columns):
        got = replace(got, left_out=(*got.left_out, _ALL_TAKEN.fill(n=len(taken), names=listed(list(taken)))))
    return _feasible(got, table) if table.shape == "wide" and "feasible" in columns else got


def _feasible(got: Imported, table: _Table) -> Imported:
    """Whether constraints held, where a column says so."""
    said = [each if isinstance(each, bool) else None for each in table.columns["feasible"]]
    readings = {
        trial.id: replace(got.state.readings[trial.id], feasible=held)
        for trial, held in zip(got.state.trials, said, strict=True)
    }
    return replace(got, state=replace(got.state, readings=readings))


def shape_of(columns: Columns) -> Shape:
    """Which of the three a table is."""
    return _shaped(columns, "").shape


def _shaped(columns: Columns, where: str) -> _Table:
    rows = max((len(each) for each in columns.values()), default=0)
    repeated = [each for each in IDS if each in columns and _repeats(columns[each])]
    step = next((each for each in STEPS if each in columns), None)
    for identity in repeated:
        name = next((each for each in NAMES if each in columns and each != identity), None)
        value = next((each for each in VALUES if each in columns), None)
        if name is not None and value is not None:
            return _Table(columns, where, rows, "long", identity, step, name, value)
        # "name" repeats where it is a setting ("adam"); the other words are for one thing only.
        if step is not None and identity != "name":
            _check_steps(columns, identity, step, where)
            return _Table(columns, where, rows, "readings", identity, step)
    alone = next((each for each in IDS if each in columns and not _repeats(columns[each])), None)
    return _Table(columns, where, rows, "wide", alone)


def _repeats(values: Sequence[object]) -> bool:
    given = [each for each in values if each is not None]
    return len({str(each) for each in given}) < len(given)


def _check_steps(columns: Columns, identity: str, step: str, where: str) -> None:
    """Raises where every row of some trial stands at the same step: the rows are then no readings."""
    seen: dict[str, list[object]] = {}
    for trial, at in zip(columns[identity], columns[step], strict=True):
        seen.setdefault(str(trial), []).append(at)
    for trial, steps in seen.items():
        if len(steps) > 1 and len(set(map(str, steps))) == 1:
            raise unreadable(where, _AMBIGUOUS.fill(name=trial[:60], step=step), _DECIDE.fill(step=step))


def _wide(table: _Table, wanted: Wanted) -> tuple[list[Run], str | None, tuple[Text, ...]]:
    columns = table.columns
    marked = [name for name in columns if name.startswith(SETTINGS)]
    metric = _score(table, wanted)
    like = []
    if marked:
        settings = {name: _bare(name, SETTINGS) for name in marked}
        metrics = {name: _bare(name, METRICS) for name in columns if name.startswith(METRICS)} | {
            metric: _bare(metric, METRICS)
        }
    else:
        taken = {*_BESIDE, *filter(is_seed, columns), *ENDS, *IDS, metric}
        free = [name for name in columns if name not in taken or (name in ENDS and not _told(columns[name]))]
        like = [name for name in free if _is_result(name, metric) and _numeric(columns[name])]
        settings = {name: name for name in free if name not in like and name != metric}
        metrics = {name: name for name in (metric, *like)}
    ends = next((name for name in ENDS if name in columns and name not in settings and name != metric), None)
    runs = [_row(table, at, settings, metrics, ends) for at in range(table.rows)]
    return runs, _bare(metric, METRICS), (_LIKE_RESULTS.fill(names=listed(like)),) if like else ()


def _is_result(name: str, metric: str) -> bool:
    """By its name a result: of a usual kind, or the score's own measure on another split ("score_train")."""
    words, score = ([w for w in re.split(r"[/_. -]+", each.lower()) if w] for each in (name, metric))
    plain = [word for word in words if word not in _SPLITS]
    split = len(plain) < len(words) and len(plain) > 0 and plain == [w for w in score if w not in _SPLITS]
    return split or _RESULT.search(name) is not None


def _score(table: _Table, wanted: Wanted) -> str:
    """The column that holds the score: the one asked for, or the one a known kind of table has."""
    columns = table.columns
    for name in (wanted.metric, *(f"{prefix}{wanted.metric}" for prefix in METRICS)) if wanted.metric else ():
        if name in columns and name is not None:
            return name
    known = [name for name in ("score", "value") if name in columns]
    if wanted.metric is None and known and any(name.startswith(SETTINGS) for name in columns):
        return known[0]
    raise unreadable(table.where, _WHICH.fill(columns=listed(columns, 20)), _ADD)


def _row(table: _Table, at: int, settings: Mapping[str, str], metrics: Mapping[str, str], ends: str | None) -> Run:
    cell = {name: values[at] for name, values in table.columns.items()}
    summary = {bare: found for name, bare in metrics.items() if (found := number(cell[name])) is not None}
    configuration = _settings({bare: cell[name] for name, bare in settings.items()})
    seeds = _settings({name: cell[name] for name in filter(is_seed, cell)})
    said = cell[ends] if ends is not None else None
    identity = cell[table.id] if table.id is not None else None
    return Run(
        name=str(at if identity is None else identity),
        configuration={**configuration, **seeds},
        summary=summary,
        outcome=_WORDS.get(str(said).strip().lower(), "failed") if said is not None else "ok",
        seconds=number(cell.get("seconds")),
    )


def _grouped(table: _Table) -> tuple[list[Run], None, tuple[Text, ...]]:
    """One run a name: what stays the same within every name is a setting, what changes is a series."""
    columns, identity = table.columns, str(table.id)
    rows: dict[str, list[int]] = {}
    for at, trial in enumerate(columns[identity]):
        if trial is not None:
            rows.setdefault(str(trial), []).append(at)
    skipped = table.rows - sum(map(len, rows.values()))
    used = {identity, table.step, table.name, table.value, *_BESIDE}
    free = [name for name in columns if name not in used]
    bare = {name: _bare(name, SETTINGS) for name in free}
    steady = [name for name in free if all(_steady([columns[name][at] for at in each]) for each in rows.values())]
    changing = [name for name in free if name not in steady and not _numeric(columns[name])]
    ends = next((name for name in ENDS if name in steady and _told(columns[name])), None)
    runs = []
    for trial, each in rows.items():
        readings, lost = _readings(table, each, [name for name in free if name not in (*steady, *changing)])
        skipped += lost
        first = {name: next((v for at in each if (v := columns[name][at]) is not None), None) for name in steady}
        said = first.pop(ends) if ends is not None else None
        runs.append(
            Run(
                name=trial,
                configuration=_settings({bare[name]: value for name, value in first.items()}),
                curves=gathered(readings),
                outcome=_WORDS.get(str(said).strip().lower(), "failed") if said is not None else "ok",
            )
        )
    notes = [_CHANGING.fill(names=listed(changing))] if changing else []
    notes += [_ROWS_OUT.fill(n=skipped)] if skipped else []
    return runs, None, tuple(notes)


def _readings(
    table: _Table, rows: Sequence[int], metrics: Sequence[str]
) -> tuple[list[tuple[float, Mapping[str, object]]], int]:
    """(step, values) of a trial's rows, and how many rows hold no number."""
    columns = table.columns
    found: list[tuple[float, Mapping[str, object]]] = []
    lost = 0
    for count, at in enumerate(rows):
        step = number(columns[table.step][at]) if table.step is not None else float(count)
        if table.name is not None and table.value is not None:
            name, said = columns[table.name][at], columns[table.value][at]
            if name is None and said is None:
                continue
            value = number(said)
            row: Mapping[str, object] = {} if name is None or value is None else {str(name): value}
        else:
            row = {metric: columns[metric][at] for metric in metrics}
        if step is None or not row:
            lost += 1
        else:
            found.append((step, row))
    return found, lost


def _settings(cells: Mapping[str, object]) -> dict[str, Value]:
    """Cells as settings: an absent one is none, NaN is absent, what is no plain value is told by its text."""
    found: dict[str, Value] = {}
    for name, cell in cells.items():
        value = cell.item() if hasattr(cell, "item") and hasattr(cell, "dtype") else cell
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        if isinstance(value, str | bool | int | float):
            found[name] = value
        else:
            found[name] = json.dumps(value, default=str, ensure_ascii=False)
    return found


def _told(values: Sequence[object]) -> bool:
    """Whether a column's words say how trials ended."""
    return all(each is None or str(each).strip().lower() in _WORDS for each in values)


def _numeric(values: Sequence[object]) -> bool:
    return all(each is None or number(each) is not None for each in values)


def _steady(values: Sequence[object]) -> bool:
    return len({repr(each) for each in values if each is not None}) <= 1


def _bare(name: str, prefixes: tuple[str, ...]) -> str:
    prefix = next((each for each in prefixes if name.startswith(each)), "")
    return name.removeprefix(prefix)


__all__ = ["MIXED", "ONE_ROW", "Columns", "Shape", "imported_columns", "shape_of"]
