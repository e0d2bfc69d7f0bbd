"""Trials as tables that `table_csv.py` reads back equal: a row a trial, or a row a reading.

A setting's column is "configuration.NAME", a metric's "metric.NAME", so that no name of theirs can hide another. In a
text file a text that would read as something else stands in JSON's quotes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from playnote.connectors.series import value_of_text
from playnote.connectors.table import MIXED
from playnote.records.state import ProjectState, Reading

Columns = dict[str, list[object]]
RUNNING = "running"


def trial_columns(state: ProjectState) -> Columns:
    """A row a trial: how it ended, its score, every setting, the last value of every metric."""
    names = dict.fromkeys(name for trial in state.trials for name in trial.configuration)
    metrics = dict.fromkeys(name for trial in state.trials for name in trial.summary)
    columns: Columns = {}
    for trial in state.trials:
        reading = state.readings.get(trial.id, Reading(None))
        row: dict[str, object] = {
            "trial": trial.id,
            "round": trial.round,
            "study": trial.study,
            "purpose": trial.purpose,
            "seed": trial.seed,
            "outcome": trial.outcome or RUNNING,
            "feasible": reading.feasible,
            "score": reading.score,
            "step": reading.step,
            "seconds": trial.seconds,
            "started": trial.started,
            "ended": trial.ended,
            "total_steps": trial.total_steps,
            **{f"configuration.{name}": trial.configuration.get(name) for name in names},
            **{f"metric.{name}": trial.summary.get(name) for name in metrics},
        }
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return columns


def reading_columns(state: ProjectState) -> Columns:
    """A row a reading of every curve; a trial without a curve has one row without a metric."""
    names = dict.fromkeys(name for trial in state.trials for name in trial.configuration)
    columns: Columns = {}
    for trial in state.trials:
        about: dict[str, object] = {
            "trial": trial.id,
            "outcome": trial.outcome or RUNNING,
            "seed": trial.seed,
            **{f"configuration.{name}": trial.configuration.get(name) for name in names},
        }
        for metric, step, value in _readings(state, trial.id):
            row = {**about, "metric": metric, "step": step, "value": value}
            for name, cell in row.items():
                columns.setdefault(name, []).append(cell)
    return columns


def write_csv(path: Path, columns: Mapping[str, Sequence[object]]) -> None:
    """Text in UTF-8; numbers by their shortest exact form, empty cells for what is not there."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        # Words of our own ("nan" for an outcome) are read as words in any case.
        exact = [name.startswith("configuration.") or name in ("trial", "metric") for name in columns]
        for row in zip(*columns.values(), strict=True):
            table.writerow(
                [_cell(v) if kept or not isinstance(v, str) else v for v, kept in zip(row, exact, strict=True)]
            )


def of_one_type(columns: Mapping[str, Sequence[object]]) -> Columns:
    """Columns as Parquet wants them, one type each: whole numbers beside others become floats of the same value.

    Settings of several kinds are kept as JSON, under "configuration(json).NAME".
    """
    found: Columns = {}
    for name, values in columns.items():
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) <= 1:
            found[name] = list(values)
        elif kinds == {int, float} and all(each is None or float(each) == each for each in values):  # type: ignore[arg-type]
            found[name] = [None if each is None else float(each) for each in values]  # type: ignore[arg-type]
        else:
            marked = name.replace("configuration.", MIXED, 1) if name.startswith("configuration.") else name
            found[marked] = [None if each is None else json.dumps(each, ensure_ascii=False) for each in values]
    return found


def _readings(state: ProjectState, trial: str) -> Iterable[tuple[str | None, float | None, float | None]]:
    any_at_all = False
    for metric in state.curves.metrics(trial):
        curve = state.curves.curve(trial, metric)
        for step, value in zip(curve.steps.tolist(), curve.values.tolist(), strict=True) if curve is not None else ():
            any_at_all = True
            yield metric, step, value
    if not any_at_all:
        yield None, None, None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # Quotes of JSON where the text would be read as a number, a truth value, nothing, or quotes themselves.
        # So does a text with line ends or other control characters, which a text file does not keep as they are.
        plain = value.isprintable() and value != "" and not value.startswith('"') and _text(value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return repr(value) if isinstance(value, float) else str(value)


def _text(value: str) -> bool:
    return isinstance(value_of_text(value), str)


__all__ = ["RUNNING", "of_one_type", "reading_columns", "trial_columns", "write_csv"]
