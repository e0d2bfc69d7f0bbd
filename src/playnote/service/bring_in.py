"""Trials made elsewhere, taken into a project's record: they inform, and cost this project nothing.

Each keeps its settings, seed and outcome; its score is read as the project reads a curve. They belong to no round, so
no answer of a round rests on them. What was imported before from the same place is not imported again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.errors import InputError, SourceError
from playnote.ledger.forms import dump_record
from playnote.recorder.formula import parse
from playnote.records.curves import Curve
from playnote.records.naming import logged_names
from playnote.records.objective import Objective
from playnote.records.project import Project
from playnote.records.score import read_score
from playnote.records.trial import TrialRecord
from playnote.service.plain import Json
from playnote.service.session import PERSON, Session
from playnote.text import Text

_DIRECTION = Text(
    en="{where} says {theirs} and the project says {ours}.", zh="{where} 里是 {theirs}，项目里是 {ours}。"
)
_SAME = Text(
    en="Import a source with the project's direction, or name another number: --metric NAME.",
    zh="换一个方向一致的来源，或者用 --metric 指定别的数。",
)
_FORMULA = Text(
    en="The objective {formula} needs {names}, which the source does not hold.",
    zh="目标 {formula} 需要 {names}，来源里没有。",
)
_LOG_THEM = Text(en="Export the source with a column for each, and import that.", zh="把来源导出成每项一列的表再导入。")
_KNOWN = Text(en="{n} trials were imported before.", zh="有 {n} 个试验以前导入过。")
_RUNNING = Text(en="{n} trials have not ended and were left out.", zh="有 {n} 个试验还没结束，没有导入。")
_STRANGE = Text(
    en="{names}: settings that the project does not declare; they are kept and not searched.",
    zh="{names}：项目没有声明的设置，保留但不参与搜索。",
)


def bring_in(
    session: Session, source: str, *, metric: str | None = None, study: str | None = None, actor: str = PERSON
) -> Json:
    """Record a source's trials in the project; how many, and what was left out.

    metric  the source's name for the project's objective, where it has another one

    Raises SourceError for a source that cannot be read, InputError where direction or formula do not fit.
    """
    project = session.project
    got = _read(source, project, metric, study)
    ours, theirs = project.objective.direction, got.state.project.objective.direction
    if ours != theirs:
        raise InputError(_DIRECTION.fill(where=source, ours=ours, theirs=theirs), fix=_SAME)
    with session.writing(actor) as ledger:
        known = [trial for trial in ledger.trials() if "source" in trial.facts]
        before = {(trial.facts["source"], trial.facts.get("source_id")) for trial in known}
        place = _place(source, got)
        ended = [trial for trial in got.state.trials if trial.outcome is not None]
        fresh = [trial for trial in ended if (place, trial.id) not in before]
        records = [_record(trial, got, project, place, len(known) + at) for at, trial in enumerate(fresh, start=1)]
        if records:
            ledger.append("trial-imported", {"trials": [dump_record(each) for each in records], "source": place})
    notes = [*got.left_out, *_notes(got, project, len(ended) - len(fresh))]
    return {
        "imported": len(records),
        "ids": [each.id for each in records],
        "source": place,
        "study": got.study,
        "left_out": [each.as_json() for each in notes],
    }


def _read(source: str, project: Project, metric: str | None, study: str | None) -> Imported:
    """Under the name that was asked for, or under one of those the project's objective may be logged by."""
    objective = project.objective
    names = [metric] if metric else [*_plain_names(objective, project), None]
    wanted = Wanted(study=study, direction=None, min_effect=objective.min_effect)
    refused: SourceError | None = None
    for name in names:
        for direction in (None, objective.direction):
            # The direction a source records is wanted for comparison; one that records none takes the project's.
            try:
                return read_source(source, replace(wanted, metric=name, direction=direction))
            except SourceError as error:
                refused = error
    if refused is None:
        raise InputError(_FORMULA.fill(formula=objective.formula, names=""), fix=_LOG_THEM)
    raise refused


def _plain_names(objective: Objective, project: Project) -> tuple[str, ...]:
    terms = parse(objective.formula).terms
    return tuple(name for term in terms[:1] for name in logged_names(term, project.splits))


def _place(source: str, got: Imported) -> str:
    """The source as it is remembered: a path in full, so that the same file is known again."""
    path = Path(source)
    where = str(path.resolve()) if path.exists() else source
    return f"{where}#{got.study}"


def _record(trial: TrialRecord, got: Imported, project: Project, place: str, number: int) -> TrialRecord:
    return replace(
        trial,
        id=f"x{number:04d}",
        study="",
        round=0,
        purpose="search",
        attempts=0,
        summary=_summary(trial, got, project),
        facts={"source": place, "source_id": trial.id},
        index=None,
    )


def _summary(trial: TrialRecord, got: Imported, project: Project) -> dict[str, float]:
    """Last values, and the objective's terms at the step where the project reads its score."""
    found = {name: value for name, value in trial.summary.items() if math.isfinite(value)}
    objective, curves = project.objective, got.state.curves
    terms = parse(objective.formula).terms
    if len(terms) == 1 and objective.formula == terms[0]:
        curve = curves.curve(trial.id, got.state.project.objective.formula)
        score = got.state.readings[trial.id].score
        if curve is not None and len(curve) and trial.outcome == "ok":
            score = read_score(objective, {objective.formula: _finite(curve)}, {}).score
        return found | ({objective.formula: score} if score is not None else {})
    series = dict(_series(trial, got, project, terms))
    lacking = [name for name in terms if name not in series and name not in found]
    if lacking and trial.outcome == "ok":
        raise InputError(_FORMULA.fill(formula=objective.formula, names=", ".join(lacking)), fix=_LOG_THEM)
    step = read_score(objective, series, found).step
    at = {name: _value(curve, step) for name, curve in series.items()}
    return found | {name: value for name, value in at.items() if value is not None}


def _series(trial: TrialRecord, got: Imported, project: Project, terms: tuple[str, ...]) -> Iterator[tuple[str, Curve]]:
    limits = tuple(limit.metric for limit in project.objective.constraints)
    for name in dict.fromkeys((*terms, *limits)):
        for logged in logged_names(name, project.splits):
            curve = got.state.curves.curve(trial.id, logged)
            if curve is not None and len(curve):
                yield name, _finite(curve)
                break


def _finite(curve: Curve) -> Curve:
    kept = np.isfinite(curve.values)
    return Curve(curve.steps[kept], curve.values[kept])


def _value(curve: Curve, step: float | None) -> float | None:
    at = np.flatnonzero(curve.steps == step) if step is not None else np.empty(0, dtype=int)
    return float(curve.values[at[0]]) if len(at) else None


def _notes(got: Imported, project: Project, known: int) -> Iterator[Text]:
    running = sum(trial.outcome is None for trial in got.state.trials)
    strange = dict.fromkeys(
        name for trial in got.state.trials for name in trial.configuration if name not in project.space.names
    )
    if known:
        yield _KNOWN.fill(n=known)
    if running:
        yield _RUNNING.fill(n=running)
    if strange:
        yield _STRANGE.fill(names=", ".join(list(strange)[:10]))


__all__ = ["bring_in"]
