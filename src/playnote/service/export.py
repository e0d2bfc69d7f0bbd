"""Trials out: CSV, JSON lines, Parquet, an Optuna storage; each reads back equal through its connector.

JSON lines hold everything (objective, ranges, curves); the others hold what their format has a place for, and what
was left out is said.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Wanted
from playnote.connectors.optuna_out import write_optuna
from playnote.connectors.parquet import write_parquet
from playnote.connectors.table_out import of_one_type, reading_columns, trial_columns, write_csv
from playnote.connectors.trial_lines import lines_of
from playnote.errors import InputError
from playnote.records.objective import Direction
from playnote.records.state import ProjectState
from playnote.service.plain import Json
from playnote.service.report import needs_folder
from playnote.service.session import Session
from playnote.text import Text

Write = Callable[[Path, ProjectState, str, bool], tuple[Text, ...]]
_ENDING = Text(en="{to}: this ending is not known.", zh="{to}：不认识这个后缀。")
_ENDINGS = Text(
    en="Let the name end in .csv, .jsonl, .parquet, or .db for an Optuna storage.",
    zh="文件名请用 .csv、.jsonl、.parquet 结尾，Optuna 存储用 .db。",
)
_WAY = Text(en="The direction is {said!r}.", zh="方向是 {said!r}。")
_SAY = Text(en="Say minimize or maximize.", zh="写 minimize 或 maximize。")
_THERE = Text(en="{to} is there already.", zh="{to} 已经存在。")
_OTHER_NAME = Text(en="Give another name, or move the file away.", zh="换个名字，或者先把那个文件移走。")
_NOTHING = Text(en="There is no trial to export.", zh="没有试验可以导出。")
_RUN = Text(en="Run something first: playnote next", zh="先跑点什么：playnote next")
_CURVES = Text(
    en="Curves are left out: one row a trial has no place for them (--curves, or a .jsonl file).",
    zh="没有写曲线：每行一个试验放不下（加 --curves，或者导出成 .jsonl）。",
)
_RANGES = Text(
    en="Ranges and the objective are left out: a table has no place for them (a .jsonl file does).",
    zh="没有写搜索范围和目标：表格里放不下（.jsonl 可以）。",
)


def export(
    to: str | Path,
    *,
    session: Session | None = None,
    source: str | None = None,
    curves: bool = False,
    metric: str | None = None,
    direction: str | None = None,
    study: str | None = None,
) -> Json:
    """Write a project's trials, or those of another tool's source, to a new file.

    to      its ending says the format: .csv, .jsonl, .parquet, .db
    curves  in a table, a row a reading instead of a row a trial

    Raises InputError for an ending that is not known, a file that is there and a project without trials;
    MissingExtraError where the format needs a library.
    """
    place = Path(to)
    write = _WRITERS.get(place.suffix.lower())
    if write is None:
        raise InputError(_ENDING.fill(to=to), fix=_ENDINGS)
    if direction not in (None, "minimize", "maximize"):
        raise InputError(_WAY.fill(said=direction), fix=_SAY)
    if place.exists():
        raise InputError(_THERE.fill(to=to), fix=_OTHER_NAME)
    needs_folder(place)
    way: Direction | None = "minimize" if direction == "minimize" else "maximize" if direction else None
    state, name, before = _state(session, source, Wanted(study=study, metric=metric, direction=way))
    if not state.trials:
        raise InputError(_NOTHING, fix=_RUN)
    left_out = (*before, *_whole(write, place, state, name, curves=curves))
    return {"path": str(place), "trials": len(state.trials), "left_out": [each.as_json() for each in left_out]}


def _state(session: Session | None, source: str | None, wanted: Wanted) -> tuple[ProjectState, str, tuple[Text, ...]]:
    if source is not None:
        got = read_source(source, wanted)
        return got.state, got.study, got.left_out
    if session is None:
        raise InputError(_NOTHING, fix=_RUN)
    state = session.state()
    return state, state.project.name, ()


def _whole(write: Write, place: Path, state: ProjectState, name: str, *, curves: bool) -> tuple[Text, ...]:
    """The file appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".playnote-") as folder:
        made = Path(folder) / place.name
        left_out = write(made, state, name, curves)
        made.replace(place)
    return left_out


def _csv(path: Path, state: ProjectState, _name: str, curves: bool) -> tuple[Text, ...]:
    write_csv(path, reading_columns(state) if curves else trial_columns(state))
    return (_RANGES,) if curves else (_RANGES, *_without_curves(state))


def _parquet(path: Path, state: ProjectState, _name: str, curves: bool) -> tuple[Text, ...]:
    write_parquet(path, of_one_type(reading_columns(state) if curves else trial_columns(state)))
    return (_RANGES,) if curves else (_RANGES, *_without_curves(state))


def _lines(path: Path, state: ProjectState, name: str, _curves: bool) -> tuple[Text, ...]:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines_of(state, name=name))
    return ()


def _optuna(path: Path, state: ProjectState, name: str, _curves: bool) -> tuple[Text, ...]:
    return write_optuna(path, state, name)


def _without_curves(state: ProjectState) -> tuple[Text, ...]:
    return (_CURVES,) if any(tuple(state.curves.metrics(trial.id)) for trial in state.trials) else ()


_WRITERS: dict[str, Write] = {
    ".csv": _csv,
    ".jsonl": _lines,
    ".parquet": _parquet,
    ".db": _optuna,
    ".sqlite3": _optuna,
    ".sqlite": _optuna,
}

__all__ = ["export"]
