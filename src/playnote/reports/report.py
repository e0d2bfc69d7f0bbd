"""A round's report as one value: what `round show` says, its pictures in both languages, and where it all comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from playnote.diagnosis.importance import ImportanceFacts, measure_importance
from playnote.playbook.engine import Facts
from playnote.playbook.facts import Target
from playnote.playbook.facts.ladder import Ladder
from playnote.records.objective import Objective
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.records.table import TrialTable
from playnote.reports import words
from playnote.reports.curve_figures import curve_figures
from playnote.reports.figure import Figure, Json
from playnote.reports.ladder import GapRow, gap_rows
from playnote.reports.measured import MeasuredPart, measured_parts
from playnote.reports.ranges import range_of
from playnote.reports.round_figures import (
    axis_figures,
    importance_figures,
    isolation_figures,
    ladder_figures,
    variance_figures,
)
from playnote.text import Text, same


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says about one round.

    data        the value that `round show --json` gives
    measured    the latest answer of each procedure
    learned     lessons of this round, as `knowledge --json` gives them
    gaps        the gaps of the ladder, largest first, then those that cannot be measured
    ladder_said why there is no ladder, None where there is one
    ranked      why the hyperparameters are not ranked, None where they are
    searched    the nuisance hyperparameters and their ranges, as written
    provenance  name and content, row by row
    """

    project: str
    goal: str
    number: int
    question: str
    data: Json
    figures: tuple[Figure, ...]
    measured: tuple[MeasuredPart, ...]
    learned: tuple[Json, ...]
    gaps: tuple[GapRow, ...]
    ladder_said: Text | None
    ranked: Text | None
    searched: tuple[tuple[str, Text], ...]
    provenance: tuple[tuple[Text, Text], ...]


def report_of(state: ProjectState, data: Json, learned: Sequence[Json] = (), facts: Facts | None = None) -> Report:
    """The report of the round that `data` shows; it must be on record."""
    each = next(one for one in state.rounds if one.number == data["round"])
    given = facts or Facts(state)
    ladder: Ladder = given.give(Ladder, Target())
    drawn, need = ladder_figures(ladder), state.project.settings["importance.trials"]
    ranking = _ranking(given, each)
    measured = measured_parts(state)
    return Report(
        project=state.project.name,
        goal=state.project.goal,
        number=each.number,
        question=each.question,
        data=data,
        figures=(
            *variance_figures(state, each, data),
            *axis_figures(state, each),
            *isolation_figures(state, each, data),
            *curve_figures(state, each),
            *drawn,
            *importance_figures(ranking, need),
            *(figure for part in measured for figure in part.figures),
        ),
        measured=measured,
        learned=tuple(learned),
        gaps=gap_rows(ladder),
        ladder_said=None if drawn else _no_ladder(state, ladder),
        ranked=None if ranking.ranking else words.WORDS["importance_none"].fill(n=ranking.n, need=f"{need:g}"),
        searched=tuple((h.name, range_of(h)) for h in each.space),
        provenance=_provenance(state, each),
    )


def _ranking(facts: Facts, each: Round) -> ImportanceFacts:
    table: TrialTable = facts.give(TrialTable, Target(round=each.number))
    return measure_importance(table) if len(table) else ImportanceFacts(0)


def _no_ladder(state: ProjectState, ladder: Ladder) -> Text:
    if ladder.shares:
        return words.WORDS["ladder_none"]
    return words.WORDS["ladder_score"].fill(metric=state.project.objective.formula)


def _provenance(state: ProjectState, each: Round) -> tuple[tuple[Text, Text], ...]:
    objective, last = state.project.objective, state.journal[-1] if state.journal else None
    journal = words.JOURNAL.fill(n=last.number, time=last.time) if last else words.NO_JOURNAL.fill(origin=state.origin)
    about = _about(state, each)
    rows: list[tuple[str, Text]] = [
        ("project", same(state.project.name)),
        ("objective", _objective(objective)),
        ("sampler", words.SAMPLER[each.sampler]),
        ("seed", same(str(each.seed))),
        ("data", _data(state)),
        ("code", _code(about)),
        *([("python", same(str(about["python"])))] if about.get("python") else []),
        ("journal", journal),
        ("made", same(f"Playnote {metadata.version('playnote')}")),
    ]
    return tuple((words.PROVENANCE[name], content) for name, content in rows)


def _objective(objective: Objective) -> Text:
    return words.OBJECTIVE[objective.direction].fill(
        metric=objective.formula, read=words.READ[objective.read], version=objective.version
    )


def _about(state: ProjectState, each: Round) -> Mapping[str, object]:
    """Where the trials' code came from. Only harmless facts leave: no diff, no environment, no host name.

    The journal says it once a run; a trial that came from elsewhere says it itself. The latest word counts.
    """
    said = [event.data for event in state.events("run-started")]
    kept: dict[str, object] = {}
    for found in (*(trial.facts for trial in state.of_round(each.number)), *said):
        kept.update({name: found[name] for name in ("commit", "dirty", "python") if found.get(name) is not None})
    return kept


def _code(about: Mapping[str, object]) -> Text:
    commit = about.get("commit")
    if not commit:
        return words.NO_COMMIT
    known = {True: words.DIRTY, False: words.CLEAN}
    dirty = about.get("dirty")
    return (known[dirty] if isinstance(dirty, bool) else words.COMMIT).fill(commit=str(commit)[:12])


def _data(state: ProjectState) -> Text:
    splits = [
        words.FINGERPRINT.fill(
            name=split.name,
            n=split.n if split.n is not None else "?",
            mark=split.fingerprint[:12] if split.fingerprint else "-",
        )
        for split in state.project.splits.values()
    ]
    if not splits:
        return words.UNKNOWN
    return Text(en="; ".join(each.en for each in splits), zh="；".join(each.zh for each in splits))
