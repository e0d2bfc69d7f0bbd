"""Filter by the constraints, then order by the score; what cannot be told apart is said to be tied."""

from __future__ import annotations

import math
from collections import defaultdict

from playnote.diagnosis.ranking import Candidate, Ranked, rank
from playnote.playbook.facts import seed_noise_of
from playnote.records.state import ProjectState
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.service.session import Session
from playnote.service.views import Json, finite, metric_view


def ranking(session: Session, *, top: int | None = None) -> Json:
    """Every configuration on record in its place: ranked, undetermined, rejected.

    top  show only so many ranked ones; the counts are of all
    """
    state = session.state()
    return ranking_of(state, top=top)


def ranking_of(state: ProjectState, *, top: int | None = None) -> Json:
    """The same of a state that is at hand. Runs of one configuration are one candidate, scored by their mean."""
    runs = _by_configuration(state)
    objective, settings = state.project.objective, state.project.settings
    noise = seed_noise_of(state).sd
    found = rank(
        [_candidate(state, name, trials) for name, trials in runs.items()],
        objective.constraints,
        objective.direction,
        seed_sd=noise,
        z=settings["rank.tie"],
    )
    counts = {kind: sum(p.standing == kind for p in found.places) for kind in ("ranked", "undetermined", "rejected")}
    shown = [p for p in found.places if p.standing != "ranked"]
    ranked = [p for p in found.places if p.standing == "ranked"]
    return {
        "metric": metric_view(objective),
        "counts": counts,
        "seed_sd": finite(noise),
        "tie_within": finite(found.margin),
        "would_lead": list(found.would_lead),
        "nearest": found.nearest,
        "places": [_view(place, runs[place.candidate.name]) for place in (*ranked[:top], *shown)],
    }


def _by_configuration(state: ProjectState) -> dict[str, list[TrialRecord]]:
    """Ended runs by configuration, a procedure's short probes left out; the candidate is named by its first trial."""
    groups: dict[tuple[tuple[str, str], ...], list[TrialRecord]] = defaultdict(list)
    for trial in state.trials:
        if trial.purpose != "probe" and (trial.outcome == "ok" or trial.outcome in DIVERGED):
            groups[tuple(sorted((name, repr(value)) for name, value in trial.configuration.items()))].append(trial)
    return {trials[0].id: trials for trials in groups.values()}


def _candidate(state: ProjectState, name: str, trials: list[TrialRecord]) -> Candidate:
    """Mean score of its runs; no score where a run diverged: an average over the lucky ones would flatter it."""
    readings = [state.readings.get(trial.id) for trial in trials]
    scores = [reading.score for reading in readings if reading is not None and reading.score is not None]
    whole = len(scores) == len(trials) and all(math.isfinite(score) for score in scores)
    limits = []
    for constraint in state.project.objective.constraints:
        values = [r.limits[constraint.metric] for r in readings if r is not None and constraint.metric in r.limits]
        limits.append(sum(values) / len(values) if len(values) == len(trials) else None)
    return Candidate(name, sum(scores) / len(scores) if whole and scores else None, tuple(limits), max(len(scores), 1))


def _view(place: Ranked, trials: list[TrialRecord]) -> Json:
    return {
        "trial": place.candidate.name,
        "standing": place.standing,
        "rank": place.rank,
        "score": finite(place.candidate.score),
        "runs": len(trials),
        "diverged": sum(trial.outcome != "ok" for trial in trials),
        "configuration": finite(dict(trials[0].configuration)),
        "violated": [{"metric": metric, "value": finite(value)} for metric, value in place.violated],
        "missing": list(place.missing),
    }
