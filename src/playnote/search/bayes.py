"""Bayesian search that respects divergence and constraints.

The next configuration has the largest expected improvement (Jones, Schonlau & Welch 1998, eq. 15) times the
probability that the constraints hold and training ends well (Gardner et al. 2014, eq. 4), among those that end well
probably enough. Running trials count as if they had scored what is expected of them (kriging believer, Ginsbourger,
Le Riche & Carraro 2010). The same request always gives the same configurations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.records.curves import Floats
from playnote.records.trial import DIVERGED
from playnote.search.candidates import Candidates
from playnote.search.encoding import encoded
from playnote.search.models import Models, models_of, outcome_of, satisfies
from playnote.search.points import configurations, quasi_random
from playnote.search.request import SearchRequest, needs_direction
from playnote.space.space import Configuration

_SPREAD = 1024  # candidates all over the space
_AROUND, _STEPS = 6, (0.15, 0.05, 0.02, 0.005)  # best trials that candidates lie around, and how near
_EACH = 24  # candidates a step and a start
_RECENT = 20  # trials over which the share of diverged ones is counted
_SAME = 1e-9  # two rows nearer than this are one configuration
_AHEAD, _LIKELY = 16, 0.5  # quasi-random points looked at beyond those asked for, and what is probable among them


@dataclass(frozen=True, slots=True)
class BayesSearcher:
    """Expected improvement among configurations that probably end well; quasi-random until enough is known."""

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """`count` configurations; an unstated direction is an error, because results are looked at."""
        needs_direction(request)
        models = models_of(request)
        if models is None:
            return _exploring(request, count)
        chosen: list[Configuration] = []
        for _ in range(count):
            found = _best_of(models, request, chosen)
            chosen.append(found)
            models = models.believing([found])
        return chosen


def expected_gain(request: SearchRequest) -> float | None:
    """The largest expected improvement left, in the score's unit.

    None while nothing is modelled, or nothing satisfies the constraints yet.

    Below the noise of a single run there is nothing left for a search to find.
    """
    models = models_of(request)
    if models is None or models.best is None:
        return None
    candidates = Candidates(request.space, request.settings["off_share"])
    rng = np.random.default_rng((request.seed, len(request.observations)))
    at = candidates.rows(_candidates(request, candidates, rng))
    return float((models.gain(at) * models.ends_well(at)).max())


def _best_of(models: Models, request: SearchRequest, chosen: Sequence[Configuration]) -> Configuration:
    """Candidates everywhere and around the best trials, then ever nearer around the most promising."""
    candidates = Candidates(request.space, request.settings["off_share"])
    rng = np.random.default_rng((request.seed, len(request.observations), len(chosen)))
    seen = encoded(request.space, [*(o.configuration for o in request.observations), *request.pending, *chosen])
    units = _candidates(request, candidates, rng)
    for size in (*_STEPS[1:], None):
        worth = _worth(models, request, candidates.rows(units), seen)
        tops = units[np.argsort(-worth, kind="stable")[:_AROUND]]
        if size is not None:
            units = np.vstack([tops, candidates.near(tops, size, _EACH, rng)])
    return candidates.configuration(tops[0])


def _worth(models: Models, request: SearchRequest, at: Floats, seen: Floats) -> Floats:
    """Expected gain times the probability of ending well; where a probability is too low, only the probabilities.

    What was tried comes last: to run it again is a repeat, not a search.
    """
    well = models.ends_well(at)
    holds = models.holds(at)
    safe = well >= _asked_for(request)
    # While nothing satisfies the constraints, the gain is the probability that something does.
    usable = (holds >= request.settings["bayes.holds"]) | (models.best is None)
    worth = np.where(safe & usable, models.gain(at) * well, -1.0 + well * holds)
    return np.where(_known(at, seen), worth - 2.0, worth)


def _known(at: Floats, seen: Floats) -> np.ndarray:
    """: array of bool, shape (n,)  which rows were tried."""
    return np.asarray((np.abs(at[:, None, :] - seen[None, :, :]).max(axis=2) < _SAME).any(axis=1))


def _asked_for(request: SearchRequest) -> float:
    """How surely a proposal must end well: the more of the last trials diverged, the surer.

    A search that follows its expected improvement walks along the edge of divergence, where the next wrong step is
    always near; a share of diverged trials is allowed to find the edge, and once it is used up the search keeps off.
    """
    recent = request.observations[-_RECENT:]
    allowed = request.settings["bayes.diverged"] * _RECENT
    lost = sum(o.outcome in DIVERGED for o in recent)
    least = request.settings["bayes.ends_well"]
    return least if lost < allowed else 1.0 - (1.0 - least) / 2.0 ** (4.0 * (lost - allowed + 1.0))


def _candidates(request: SearchRequest, candidates: Candidates, rng: np.random.Generator) -> Floats:
    """Coordinates everywhere, and around the best trials, those that satisfy the constraints before the others."""
    sign, constraints = (
        (1.0, ()) if request.objective is None else (request.objective.sign, request.objective.constraints)
    )
    good = [o for o in request.observations if o.outcome == "ok" and o.score is not None]
    good.sort(key=lambda o: (not satisfies(o, constraints), sign * float(o.score or 0.0)))
    starts = candidates.units([o.configuration for o in good[:_AROUND]])
    near = [candidates.near(starts, size, _EACH, rng) for size in _STEPS]
    return np.vstack([candidates.spread(_SPREAD, rng), *near])


def _exploring(request: SearchRequest, count: int) -> list[Configuration]:
    """Quasi-random points; once some trials ended well and others diverged, the next of them that probably ends well."""
    wanted = count + _AHEAD
    coming: list[Configuration] = list(
        configurations(
            request.space,
            request.space.names,
            {},
            count=wanted,
            start=request.start_index,
            seed=request.seed,
            off_share=request.settings["off_share"],
            maker=quasi_random,
        )
    )
    outcome = outcome_of(request)
    if outcome is None:
        return coming[:count]
    at = encoded(request.space, coming)
    tried = [*(o.configuration for o in request.observations), *request.pending]
    lost = _known(at, encoded(request.space, tried)) + 2 * (outcome.ends_well(at) < _LIKELY)
    return [coming[each] for each in np.argsort(lost, kind="stable")[:count]]
