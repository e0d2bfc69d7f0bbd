"""What a new round starts from: the facts of the record that a plan needs, and the plan made from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np

from playnote.records.round import Round, SearcherName
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.search.detect import Floats, SeedNoise
from playnote.search.plan import plan_round
from playnote.search.price import Plan, price
from playnote.search.spending import Spending
from playnote.space.hyperparameter import Value

_RECENT = 20  # trials whose time tells what the next one takes
_FEWEST_EARLIER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The record as a plan sees it.

    number       number of the next round
    first_trial  number of the next trial id
    spending     trials planned or run so far, hours, and seconds of a trial (median of the recent ones)
    noise        seed noise pooled over repeated configurations, search trials left out (their best was chosen
                 for its luck); None where nothing was repeated
    """

    number: int
    first_trial: int
    spending: Spending
    noise: SeedNoise | None


def basis_of(state: ProjectState) -> Basis:
    """What the record says; of an empty record, the first round with nothing spent and nothing known."""
    ours = [trial for trial in state.trials if _ours(trial)]
    seconds = [trial.seconds for trial in ours if trial.outcome == "ok" and trial.seconds is not None]
    numbers = [int(found[1]) for trial in state.trials if (found := re.fullmatch(r"t(\d+)", trial.id))]
    planned = [int(found[1]) for each in _planned_ids(state.rounds) if (found := re.fullmatch(r"t(\d+)", each))]
    return Basis(
        number=max((each.number for each in state.rounds), default=0) + 1,
        first_trial=max([*numbers, *planned], default=0) + 1,
        spending=Spending(
            trials=len({trial.id for trial in ours} | set(_planned_ids(state.rounds))),
            hours=sum(trial.seconds or 0.0 for trial in ours) / 3600,
            seconds_per_trial=median(seconds[-_RECENT:]) if seconds else None,
        ),
        noise=seed_noise(state),
    )


def seed_noise(state: ProjectState) -> SeedNoise | None:
    """Pooled standard deviation of the score between seeds, over configurations that were repeated on purpose."""
    groups: dict[tuple[tuple[str, Value], ...], dict[int | None, float]] = {}
    for trial in state.of_purpose("baseline", "repeat", "confirm"):
        score = state.readings[trial.id].score if trial.id in state.readings else None
        if score is not None and np.isfinite(score):
            groups.setdefault(tuple(sorted(trial.configuration.items())), {})[trial.seed] = score
    repeated = [list(scores.values()) for scores in groups.values() if len(scores) > 1]
    freedom = sum(len(scores) - 1 for scores in repeated)
    squares = sum(float(np.var(scores)) * len(scores) for scores in repeated)
    return SeedNoise(float(np.sqrt(squares / freedom)), freedom) if freedom and squares > 0 else None


def earlier_scores(state: ProjectState, planned: Round) -> Floats | None:
    """Scores, lower is better, of the latest study of the same nuisance space; None where none is large enough."""
    for past in sorted(state.rounds, key=lambda each: each.number, reverse=True):
        if past.number == planned.number or past.space != planned.space:
            continue
        for study in past.studies:
            scores = [state.readings[each.id].score for each in study.planned if each.id in state.readings]
            known = [state.project.objective.sign * score for score in scores if score is not None]
            if len(known) >= _FEWEST_EARLIER:
                return np.array(known)
    return None


def plan_next(
    state: ProjectState,
    question: str,
    scientific: Mapping[str, Sequence[Value]],
    trials_per_value: int | None = None,
    *,
    nuisance: Iterable[str] | None = None,
    fixed: Mapping[str, Value] | None = None,
    seed: int = 0,
    workers: int = 1,
    sampler: SearcherName = "quasi-random",
    searcher: str = "",
    opened: str | None = None,
    resume: bool = False,
) -> Plan:
    """The next round of a project, with its cost and what it can show; arguments as for `plan_round`.

    resume  give back the open round that asks the same question of the same points, if there is one
    """
    basis = basis_of(state)

    plan = partial(
        plan_round,
        state.project,
        question,
        scientific,
        trials_per_value,
        nuisance=None if nuisance is None else tuple(nuisance),
        fixed=fixed,
        seed=seed,
        number=basis.number,
        first_trial=basis.first_trial,
        sampler=sampler,
        searcher=searcher,
        opened=opened,
    )
    # A round that is already open has paid for its trials: it is looked for before the budget is asked.
    planned = open_round_like(state, plan()) if resume else None
    return _priced(state, basis, planned or plan(spending=basis.spending), workers)


def _priced(state: ProjectState, basis: Basis, planned: Round, workers: int) -> Plan:
    return price(
        planned,
        state.project,
        seconds_per_trial=basis.spending.seconds_per_trial,
        workers=workers,
        noise=basis.noise,
        earlier=earlier_scores(state, planned),
    )


def open_round_like(state: ProjectState, planned: Round) -> Round | None:
    """The open round of the record that asks the same question of the same points: the one to go on with."""
    for past in state.rounds:
        if past.closed is None and _asked(past) == _asked(planned):
            return past
    return None


def _asked(each: Round) -> tuple[object, ...]:
    points = [[dict(trial.configuration) for trial in study.planned] for study in each.studies]
    return (each.question, dict(each.scientific), each.space, dict(each.fixed), points, each.searcher)


def _ours(trial: TrialRecord) -> bool:
    # A trial that was imported cost this project nothing.
    return trial.attempts > 0 or trial.round > 0 or trial.purpose != "search"


def _planned_ids(rounds: Iterable[Round]) -> list[str]:
    return [trial.id for each in rounds for trial in each.planned]
