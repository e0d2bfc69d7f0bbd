"""A W&B project read through the user's own `wandb` library and account: whole histories, never the sampled one.

`run.history()` gives 500 sampled rows; `scan_history()` gives every row, and with `keys` only rows that hold all of
them. So whole rows are asked for, once a run. A sweep says which metric is meant, which way is better, how points
were chosen and over which ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.inferred import flat
from playnote.connectors.runs import Run, imported_runs
from playnote.connectors.series import LazySeries, gathered, number, series
from playnote.connectors.wandb_records import numbers_of, settings_of
from playnote.errors import MissingExtraError
from playnote.records.curves import Curve
from playnote.records.objective import Direction
from playnote.records.round import SearcherName
from playnote.records.trial import Outcome
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter, Integer
from playnote.text import Text

_STATES: dict[str, Outcome | None] = {
    "finished": "ok",
    "failed": "failed",
    "crashed": "failed",
    "killed": "failed",
    "preempted": "failed:preempted",
}
_GOALS: dict[str, Direction] = {"minimize": "minimize", "maximize": "maximize"}
_METHODS: dict[str, SearcherName] = {"grid": "grid", "random": "random"}
_FORM = Text(en="this is no project's address.", zh="这不是项目地址。")
_WRITE = Text(en="Write wandb://ENTITY/PROJECT.", zh="请写成 wandb://ENTITY/PROJECT。")
_NO = Text(en="the server did not give it ({why}).", zh="服务器没有给出来（{why}）。")
_LOG_IN = Text(
    en="Check the names, and log in once with `wandb login`.", zh="检查名字有没有写错，并先运行一次 `wandb login`。"
)
_NO_LIBRARY = Text(
    en="Reading a W&B project needs W&B's own library, which is not installed.",
    zh="读 W&B 项目要用它自己的库，现在没有装。",
)
_INSTALL = Text(en="Run: pip install wandb", zh="运行：pip install wandb")


def read_wandb_project(address: str, wanted: Wanted) -> Imported:
    """Every run of a project. Raises MissingExtraError without the library, SourceError where the server refuses."""
    entity, _, project = address.removeprefix("wandb://").strip("/").partition("/")
    if not entity or not project or "/" in project:
        raise unreadable(address, _FORM, _WRITE)
    library = _library()
    try:
        theirs = list(library.Api().runs(f"{entity}/{project}"))
        sweeps = _sweeps(theirs)
        metric, way = _meant(sweeps)
        return imported_runs(
            [_run(each) for each in theirs],
            wanted,
            origin="wandb",
            where=address,
            name=project,
            metric=metric,
            direction=way if wanted.metric in (None, metric) else None,
            recorded=_ranges(sweeps),
            sampler=_sampler(sweeps, len(theirs)),
        )
    except (library.Error, OSError) as error:  # the errors of its HTTP library are of OSError's kind
        raise unreadable(address, _NO.fill(why=error), _LOG_IN) from None
    except ValueError as error:  # how it says that there is no such project
        raise unreadable(address, _NO.fill(why=error), _LOG_IN) from None


def _library() -> Any:
    try:
        import wandb
    except ImportError:
        raise MissingExtraError(_NO_LIBRARY, fix=_INSTALL) from None
    return wandb


def _run(theirs: Any) -> Run:
    """A run whose rows are fetched when its first curve is asked for."""

    @cache
    def curves() -> dict[str, Curve]:
        rows = (dict(row) for row in theirs.scan_history())
        return gathered((float(row.get("_step") or 0), numbers_of(row)) for row in rows)

    summary = numbers_of(_plain(theirs.summary))
    values = {name: found for name, value in summary.items() if (found := number(value)) is not None}
    return Run(
        name=theirs.name or theirs.id,
        configuration=flat(settings_of(_plain(theirs.config))),
        curves=LazySeries(list(values), lambda name: curves().get(name, series((), ()))),
        summary=values,
        outcome=_STATES.get(theirs.state),
        started=getattr(theirs, "created_at", None),
        facts={"run_id": str(theirs.id)},
    )


def _plain(theirs: Any) -> dict[str, Any]:
    """Their mappings as dictionaries; a summary keeps its values inside."""
    inner = getattr(theirs, "_json_dict", theirs)
    return {str(key): value for key, value in dict(inner).items()}


def _sweeps(theirs: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The declarations of the sweeps that the runs belong to, each once a run."""
    found = [getattr(run, "sweep", None) for run in theirs]
    return [dict(sweep.config) for sweep in found if sweep is not None]


def _meant(sweeps: Sequence[Mapping[str, Any]]) -> tuple[str | None, Direction | None]:
    """The metric and direction that all sweeps declare alike."""
    said = {(str(m.get("name")), _GOALS.get(str(m.get("goal")))) for s in sweeps if (m := s.get("metric"))}
    return said.pop() if len(said) == 1 else (None, None)


def _sampler(sweeps: Sequence[Mapping[str, Any]], runs: int) -> SearcherName:
    methods = {str(sweep.get("method")) for sweep in sweeps}
    every = len(sweeps) == runs and len(methods) == 1
    return _METHODS.get(methods.pop(), "imported") if every else "imported"


def _ranges(sweeps: Sequence[Mapping[str, Any]]) -> dict[str, Hyperparameter]:
    """Hyperparameters with the range or choices a sweep declares; of several sweeps that differ, none."""
    found: dict[str, Hyperparameter | None] = {}
    for sweep in sweeps:
        for name, declared in dict(sweep.get("parameters") or {}).items():
            each = _declared(str(name), dict(declared))
            found[name] = each if found.get(name, each) == each else None
    return {name: each for name, each in found.items() if each is not None}


def _declared(name: str, said: Mapping[str, Any]) -> Hyperparameter | None:
    choices = said.get("values")
    low, high = said.get("min"), said.get("max")
    if isinstance(choices, Sequence) and len(choices) > 1 and any(isinstance(each, str | bool) for each in choices):
        return Categorical(name=name, choices=tuple(choices))
    if not isinstance(low, int | float) or not isinstance(high, int | float) or not low < high:
        return None
    scale = "log" if "log" in str(said.get("distribution", "")) and low > 0 else "linear"
    whole = isinstance(low, int) and isinstance(high, int) and scale == "linear"
    if whole:
        return Integer(name=name, low=int(low), high=int(high))
    return Float(name=name, low=float(low), high=float(high), scale="log" if scale == "log" else "linear")
