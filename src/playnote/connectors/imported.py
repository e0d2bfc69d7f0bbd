"""What every connector hands over: trials of another tool as a state, and what was left out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playnote.errors import SourceError
from playnote.records.curves import CurveSource, NoCurves
from playnote.records.objective import Direction, Objective
from playnote.records.project import Project
from playnote.records.round import PlannedTrial, Round, SearcherName, Study
from playnote.records.state import ProjectState, Reading
from playnote.records.trial import TrialRecord
from playnote.space.space import Space
from playnote.text import Text, same


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller says of a source: the study's name, the metric and its direction; None where not said."""

    study: str | None = None
    metric: str | None = None
    direction: Direction | None = None
    min_effect: float | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """Trials of another tool.

    study      the study's name, or the file's
    metric     the metric's name, None where the source has none
    said       where the direction comes from: "source" or "you"
    sampler    the sampler's name where the source records it
    state      the trials as one round
    left_out   what was skipped or bent, and why
    """

    study: str
    metric: str | None
    said: str
    sampler: str | None
    state: ProjectState
    left_out: tuple[Text, ...] = ()


def direction_missing(where: str) -> SourceError:
    """The source does not record which way is better, and it is never guessed."""
    return SourceError(
        Text(en="{where} does not say which way is better.", zh="{where} 没有记录指标越大越好还是越小越好。").fill(
            where=where
        ),
        fix=Text(
            en="Add --direction minimize or --direction maximize.",
            zh="加上 --direction minimize 或 --direction maximize。",
        ),
    )


def state_of(
    *,
    origin: str,
    name: str,
    objective: Objective,
    space: Space,
    trials: Sequence[TrialRecord],
    readings: Mapping[str, Reading],
    sampler: SearcherName,
    curves: CurveSource | None = None,
    facts: Mapping[str, object] | None = None,
) -> ProjectState:
    """One round over the whole space, no role invented: everything counts as nuisance."""
    each = Round(
        number=1,
        question=name,
        roles=dict.fromkeys(space.names, "nuisance"),
        scientific={},
        space=space,
        fixed={},
        studies=(Study(name=name, scientific={}, planned=_as_planned(trials)),),
        sampler=sampler,
    )
    return ProjectState(
        project=Project(name=name, objective=objective, space=space),
        trials=tuple(trials),
        readings=readings,
        rounds=(each,),
        curves=curves or NoCurves(),
        origin=origin,
        facts=facts or {},
    )


def _as_planned(trials: Sequence[TrialRecord]) -> tuple[PlannedTrial, ...]:
    """The points of trials that ran elsewhere, in the order of the source."""
    return tuple(
        PlannedTrial(
            id=trial.id,
            study=trial.study,
            round=1,
            purpose=trial.purpose,
            configuration=trial.configuration,
            seed=trial.seed or 0,
            index=at,
        )
        for at, trial in enumerate(trials)
    )


def unreadable(where: str, why: str | Text, fix: Text) -> SourceError:
    """A source that cannot be read: why, and one thing to do."""
    reason = same(why) if isinstance(why, str) else why
    return SourceError(Text(en="{where}: {why}", zh="{where}：{why}").fill(where=where, why=reason), fix=fix)
