"""Two rounds or two versions of the baseline in one report: `report --compare 1 2`, `report --compare b1 b2`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from playnote.errors import InputError, NotFoundError
from playnote.records.state import ProjectState
from playnote.reports import comparison_words as said
from playnote.reports.comparison import CompareReport, compare_baselines, compare_page, compare_rounds
from playnote.service.compare import compare
from playnote.service.report import replace_file
from playnote.service.rounds import chosen_round, show_of
from playnote.service.session import Session
from playnote.space.hyperparameter import Value
from playnote.text import Language, Text

DEFAULT_NAME = "playnote-comparison.html"
_SIDE = re.compile(r"(b?)(\d+)")
_STATUS = {"adopt": "yes", "keep": "no", "undecided": "unknown"}
_UNREAD = Text(en="{said!r} names neither a round nor a baseline.", zh="{said!r} 既不是一轮，也不是一版 baseline。")
_WRITE = Text(
    en="Give two rounds (1 2), or two versions of the baseline (b1 b2).",
    zh="写两轮的编号（1 2），或者两版 baseline（b1 b2）。",
)
_MIXED = Text(en="A round and a baseline cannot be compared.", zh="一轮和一版 baseline 没法比。")
_TWICE = Text(en="Both sides are {said}.", zh="两边都是 {said}。")
_NO_VERSION = Text(en="There is no version {n} of the baseline.", zh="没有第 {n} 版 baseline。")
_VERSIONS = Text(en="Versions on record: {n}.", zh="现有 {n} 版。")
_FEW = Text(en="Version {n} of the baseline has no run with a score.", zh="第 {n} 版 baseline 还没有得到分数的训练。")
_RUN = Text(en="Run it first: playnote baseline", zh="先跑：playnote baseline")
_UNWRITTEN = Text(en="The report cannot be written to {path}: {why}.", zh="报告写不到 {path}：{why}。")
_OTHER = Text(en="Name another file with --out.", zh="用 --out 换一个文件。")


def report_compare(
    session: Session, first: str, second: str, *, out: Path | None = None, language: Language = "en"
) -> Path:
    """Write the comparison of two rounds, or of two versions of the baseline, as one HTML file; where it was written.

    first, second  "1": round 1; "b1": the first version of the baseline
    Raises InputError for sides that cannot be compared or a file that cannot be written, NotFoundError for one that is
    not on record.
    """
    state = session.state()
    page = compare_page(comparison_of(state, first, second), language)
    place = out if out is not None else Path(session.project.folder) / DEFAULT_NAME
    try:
        replace_file(place, page)
    except OSError as error:
        raise InputError(_UNWRITTEN.fill(path=place, why=error.strerror or error), fix=_OTHER) from error
    return place


def comparison_of(state: ProjectState, first: str, second: str) -> CompareReport:
    """What the page says. Raises InputError and NotFoundError."""
    (kind, one), (other, two) = _side(first), _side(second)
    if kind != other:
        raise InputError(_MIXED, fix=_WRITE)
    if one == two:
        raise InputError(_TWICE.fill(said=first), fix=_WRITE)
    if kind == "b":
        return _baselines(state, one, two)
    rounds = chosen_round(state, one), chosen_round(state, two)
    return compare_rounds(state, *rounds, (show_of(state, rounds[0]), show_of(state, rounds[1])))


def _side(written: str) -> tuple[str, int]:
    found = _SIDE.fullmatch(written.strip().lower())
    if found is None:
        raise InputError(_UNREAD.fill(said=written), fix=_WRITE)
    return found.group(1), int(found.group(2))


def baseline_versions(state: ProjectState) -> list[Mapping[str, Value]]:
    """Every configuration that was the baseline, in order; the first is what the baseline's own runs began with."""
    begun = [trial.configuration for trial in state.of_purpose("baseline")][:1]
    adopted = [event.data["configuration"] for event in state.events("baseline")]
    versions: list[Mapping[str, Value]] = []
    for each in (*begun, *adopted):
        if isinstance(each, Mapping) and (not versions or dict(versions[-1]) != dict(each)):
            versions.append(each)
    return versions


def _baselines(state: ProjectState, one: int, two: int) -> CompareReport:
    versions = baseline_versions(state)
    for number in (one, two):
        if not 1 <= number <= len(versions):
            raise NotFoundError(_NO_VERSION.fill(n=number), fix=_VERSIONS.fill(n=len(versions)))
    runs = [_runs(state, versions[number - 1]) for number in (one, two)]
    scores = [[score for _, score in each] for each in runs]
    for number, each in zip((one, two), scores, strict=True):
        if not any(score is not None for score in each):
            raise InputError(_FEW.fill(n=number), fix=_RUN)
    objective = state.project.objective
    found = compare(
        *scores, direction=objective.direction, min_effect=objective.min_effect, settings=state.project.settings
    )
    names = (said.WORDS["baseline"].fill(n=one), said.WORDS["baseline"].fill(n=two))
    judged = (_STATUS[found.decision], found.message, found.as_json())
    return compare_baselines(state, names, (versions[one - 1], versions[two - 1]), (runs[0], runs[1]), judged)


def _runs(state: ProjectState, configuration: Mapping[str, Value]) -> list[tuple[str, float | None]]:
    """Its fresh runs: those that were not picked for their score. Unrelated failures are missing, not results."""
    return [
        (trial.id, reading.score if (reading := state.readings.get(trial.id)) else None)
        for trial in state.of_purpose("baseline", "confirm")
        if dict(trial.configuration) == dict(configuration)
        and trial.outcome is not None
        and not trial.outcome.startswith("failed")
    ]
