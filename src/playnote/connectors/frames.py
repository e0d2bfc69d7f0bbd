"""Tables in memory: pandas and polars frames in and out, through whichever the user has.

A frame comes in as rows of plain values, and is read as a table file is; neither library is needed for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.optuna_library import imported_object, is_study
from playnote.connectors.table import imported_columns
from playnote.errors import MissingExtraError
from playnote.text import Text, same

_WHAT = Text(en="this is neither a path, a frame nor a study.", zh="这既不是路径，也不是数据框或 study。")
_GIVE = Text(
    en="Give a path, a pandas or polars frame with one row a trial, or an Optuna study.",
    zh="请给路径、每行一个试验的 pandas 或 polars 数据框，或者 Optuna 的 study。",
)
_NEEDED = Text(en="A frame needs pandas or polars.", zh="数据框需要 pandas 或 polars。")
_NAME = "frame"


def read_object(source: Any, wanted: Wanted) -> Imported:
    """A frame, a list of rows, or an Optuna study; `SourceError` for anything else."""
    if is_study(source):
        return imported_object(source, wanted)
    columns = _columns(source)
    if columns is None:
        raise unreadable(type(source).__name__, _WHAT, _GIVE)
    return imported_columns(columns, wanted, where=_NAME, name=_NAME)


def frame_of(got: Imported, library: str | None = None) -> Any:
    """The trials as a frame, one row each: id, outcome, seed, seconds, the hyperparameters, the score."""
    chosen = library or next((name for name in ("pandas", "polars") if find_spec(name) is not None), None)
    if chosen is None:
        raise MissingExtraError(_NEEDED, fix=same("pip install pandas"))
    state = got.state
    metric = state.project.objective.formula
    rows = [
        {
            "trial": trial.id,
            "outcome": trial.outcome,
            "feasible": state.readings[trial.id].feasible,
            "seed": trial.seed,
            "seconds": trial.seconds,
            **{name: trial.configuration.get(name) for name in state.project.space.names},
            metric: state.readings[trial.id].score,
        }
        for trial in state.trials
    ]
    columns = list(rows[0]) if rows else []
    return import_module(chosen).DataFrame({name: [row[name] for row in rows] for name in columns})


def _columns(source: Any) -> dict[str, list[object]] | None:
    if isinstance(source, list) and source and all(isinstance(row, Mapping) for row in source):
        names = dict.fromkeys(str(name) for row in source for name in row)
        return {name: [_plain(row.get(name)) for row in source] for name in names}
    if hasattr(source, "columns") and hasattr(source, "to_dict"):  # pandas, polars
        return {str(name): [_plain(value) for value in source[name].to_list()] for name in source.columns}
    return None


def _plain(value: Any) -> object:
    """A cell as a plain value: NumPy's numbers become Python's, pandas' marks for "missing" become None."""
    value = value.item() if hasattr(value, "item") and not isinstance(value, str) else value
    return None if type(value).__name__ in ("NAType", "NaTType") else value


__all__ = ["frame_of", "read_object"]
