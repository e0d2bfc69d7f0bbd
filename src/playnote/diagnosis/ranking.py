"""Filter, then order: drop what breaks a constraint, order the rest by score, and say which ties are ties.

A candidate with an unmeasured constraint is neither in nor out: it is named, and where it would lead, so is that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playnote.records.objective import Constraint, Direction

Standing = Literal["ranked", "rejected", "undetermined"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate: its score in the metric's own unit (None: no score), and a value (or None) for each constraint."""

    name: str
    score: float | None
    limits: tuple[float | None, ...] = ()
    n: int = 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place.

    rank      from 1, equal for candidates that cannot be told apart; None where it is not ranked
    violated  metrics of the constraints it breaks, with the value
    missing   what was not measured
    excess    the largest relative violation, for when nobody is feasible
    """

    candidate: Candidate
    standing: Standing
    rank: int | None = None
    violated: tuple[tuple[str, float], ...] = ()
    missing: tuple[str, ...] = ()
    excess: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Everyone's place, best first; then the undetermined, then the rejected.

    would_lead  undetermined candidates whose score is better than every ranked one: the order is open until measured
    margin      scores nearer than this are ties; None where no seed noise is known (then nothing is said about ties)
    nearest     where nobody is feasible: the candidate with the smallest relative violation
    """

    places: tuple[Ranked, ...]
    would_lead: tuple[str, ...] = ()
    margin: float | None = None
    nearest: str | None = None


def rank(
    candidates: Sequence[Candidate],
    constraints: Sequence[Constraint],
    direction: Direction,
    *,
    seed_sd: float | None = None,
    z: float = 1.645,
) -> Ranking:
    """Order candidates.

    seed_sd  SD between seeds in the score's unit; two means of n runs differ by chance up to z * sd * sqrt(1/n + 1/m)
    z        from the settings: the 90 % quantile of a standard normal difference
    """
    sign = 1.0 if direction == "minimize" else -1.0
    placed = [_standing(candidate, constraints) for candidate in candidates]
    good = sorted((each for each in placed if each.standing == "ranked"), key=lambda each: sign * _score(each))
    open_ = sorted((each for each in placed if each.standing == "undetermined"), key=lambda e: sign * _score(e))
    out = sorted((each for each in placed if each.standing == "rejected"), key=lambda each: each.excess)
    lead = sign * _score(good[0]) if good else math.inf
    return Ranking(
        (*_numbered(good, seed_sd, z), *open_, *out),
        tuple(each.candidate.name for each in open_ if sign * _score(each) < lead and each.candidate.score is not None),
        None if seed_sd is None else z * seed_sd * math.sqrt(2),
        out[0].candidate.name if out and not good and not open_ and math.isfinite(out[0].excess) else None,
    )


def _standing(candidate: Candidate, constraints: Sequence[Constraint]) -> Ranked:
    held = [(limit, value, limit.satisfied(value)) for limit, value in zip(constraints, candidate.limits, strict=True)]
    violated = tuple((limit.metric, float(value)) for limit, value, fine in held if fine is False and value is not None)
    missing = tuple(limit.metric for limit, _, fine in held if fine is None)
    usable = candidate.score is not None and math.isfinite(candidate.score)
    if violated:
        excess = max(_excess(limit, float(value or 0.0)) for limit, value, fine in held if fine is False)
        return Ranked(candidate, "rejected", violated=violated, missing=missing, excess=excess)
    if missing or not usable:
        return Ranked(candidate, "undetermined", missing=missing if usable else (*missing, "score"))
    return Ranked(candidate, "ranked")


def _excess(limit: Constraint, value: float) -> float:
    """How far beyond the limit, relative to it."""
    bound = limit.at_most if limit.at_most is not None and value > limit.at_most else limit.at_least
    if bound is None:
        return math.inf
    return abs(value - bound) / (abs(bound) or 1.0)


def _score(each: Ranked) -> float:
    return math.inf if each.candidate.score is None else each.candidate.score


def _numbered(good: list[Ranked], seed_sd: float | None, z: float) -> list[Ranked]:
    """Ranks from 1; whoever cannot be told from the first of its group shares the group's rank."""
    placed: list[Ranked] = []
    head: Ranked | None = None
    for at, each in enumerate(good, start=1):
        number = at
        if head is not None and head.rank is not None and _tied(head.candidate, each.candidate, seed_sd, z):
            number = head.rank
        now = Ranked(each.candidate, "ranked", number)
        head = now if number == at else head
        placed.append(now)
    return placed


def _tied(a: Candidate, b: Candidate, seed_sd: float | None, z: float) -> bool:
    gap = abs((a.score or 0.0) - (b.score or 0.0))
    return gap == 0 or (seed_sd is not None and gap <= z * seed_sd * math.sqrt(1 / a.n + 1 / b.n))
