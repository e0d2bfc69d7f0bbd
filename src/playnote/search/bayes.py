"""Bayesian search that respects divergence.

One process models the score of the trials that ended well, another whether a trial ends well at all: a diverged trial
gets no invented score and still teaches where not to go. The next configuration has the largest expected improvement
(Jones, Schonlau & Welch 1998, eq. 15) times the probability of ending well (Gardner et al. 2014, eq. 4), among those
that end well probably enough. Running trials count as if they had scored what is expected of them (kriging believer,
Ginsbourger, Le Riche & Carraro 2010). The same request always gives the same configurations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playnote.records.curves import Floats
from playnote.records.trial import DIVERGED
from playnote.search.candidates import Candidates
from playnote.search.encoding import encoded
from playnote.search.points import configurations, quasi_random
from playnote.search.request import SearchRequest, needs_direction
from playnote.space.space import Configuration, Space
from playnote.stats.gaussian_process import GaussianProcess, fit_process, told
from playnote.stats.normal import normal_cdf_of

_SPREAD = 1024  # candidates all over the space
_AROUND, _STEPS = 6, (0.15, 0.05, 0.02, 0.005)  # best trials that candidates lie around, and how near
_EACH = 24  # candidates a step and a start
_RECENT = 20  # trials over which the share of diverged ones is counted
_SAME = 1e-9  # two rows nearer than this are one configuration
_AHEAD, _LIKELY = 16, 0.5  # quasi-random points looked at beyond those asked for, and what is probable among them
_LABEL_NOISE = 0.2  # of an outcome that is either +1 or -1


@dataclass(frozen=True, slots=True)
class Models:
    """What is known of a space: the score (lower is better) where trials end well, and whether they do.

    score    process over the errors of trials that ended well
    outcome  process over +1 (ended well) and -1 (diverged); None where none diverged
    best     lowest expected error among the tried configurations
    """

    space: Space
    score: GaussianProcess
    outcome: GaussianProcess | None
    best: float

    def ends_well(self, at: Floats) -> Floats:
        """Probability that a trial at each row ends well."""
        if self.outcome is None:
            return np.ones(len(at))
        return _ends_well(self.outcome, at)

    def improvement(self, at: Floats) -> Floats:
        """Expected improvement over the best, in the score's unit."""
        mean, spread = self.score.predict(at)
        z = (self.best - mean) / spread
        density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        return np.asarray(np.maximum(spread * (z * normal_cdf_of(z) + density), 0.0))


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
            models = _believing(models, [found])
        return chosen


def models_of(request: SearchRequest) -> Models | None:
    """Both processes; None while too few trials ended well. Pending trials count with what is expected of them."""
    sign = 1.0 if request.objective is None else request.objective.sign
    well = [o for o in request.observations if o.outcome == "ok" and o.score is not None and math.isfinite(o.score)]
    columns = len(request.space)
    if len(well) < max(int(request.settings["bayes.start"]), columns + 1):
        return None
    points = encoded(request.space, [o.configuration for o in well])
    errors = _tamed(np.array([sign * float(o.score or 0.0) for o in well]))
    score = fit_process(points, errors, seed=request.seed)
    outcome = _outcome_of(request)
    best = float(score.predict(points)[0].min())
    return _believing(Models(request.space, score, outcome, best), request.pending)


def _outcome_of(request: SearchRequest) -> GaussianProcess | None:
    """Process over whether trials end well; None where none diverged or none ended well."""
    bad = [o.configuration for o in request.observations if o.outcome in DIVERGED]
    well = [o.configuration for o in request.observations if o.outcome == "ok"]
    if not bad or not well:
        return None
    labels = np.append(np.ones(len(well)), -np.ones(len(bad)))
    return fit_process(encoded(request.space, [*well, *bad]), labels, seed=request.seed)


def _ends_well(outcome: GaussianProcess, at: Floats) -> Floats:
    mean, spread = outcome.predict(at)
    return normal_cdf_of(mean / np.sqrt(spread**2 + _LABEL_NOISE**2))


def expected_gain(request: SearchRequest) -> float | None:
    """The largest expected improvement left, in the score's unit; None while nothing is modelled.

    Below the noise of a single run there is nothing left for a search to find.
    """
    models = models_of(request)
    if models is None:
        return None
    candidates = Candidates(request.space, request.settings["off_share"])
    rng = np.random.default_rng((request.seed, len(request.observations)))
    at = candidates.rows(_candidates(request, candidates, rng))
    return float((models.improvement(at) * models.ends_well(at)).max())


def _tamed(errors: Floats) -> Floats:
    """Errors far worse than the middle are pulled in: how bad a bad trial is says little about where the best is."""
    low, middle = float(errors.min()), float(np.median(errors))
    high = middle + 2.0 * (middle - low)
    return np.minimum(errors, high) if high > low else errors


def _believing(models: Models, pending: Sequence[Configuration]) -> Models:
    """The models with running configurations in them, at the mean that is expected there."""
    if not pending:
        return models
    at = encoded(models.space, pending)
    # Only the spread shrinks by it: the mean was already there.
    targets = np.append(models.score.targets, models.score.predict(at)[0])
    score = told(models.score, np.vstack([models.score.points, at]), targets)
    return Models(models.space, score, models.outcome, models.best)


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
    """Expected improvement times the probability of ending well; where that is too low, only the probability.

    What was tried comes last: to run it again is a repeat, not a search.
    """
    well = models.ends_well(at)
    safe = well >= _asked_for(request)
    worth = np.where(safe, models.improvement(at) * well, -1.0 + well)
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
    """Coordinates everywhere, and around the best trials."""
    sign = 1.0 if request.objective is None else request.objective.sign
    good = [o for o in request.observations if o.outcome == "ok" and o.score is not None]
    good.sort(key=lambda o: sign * float(o.score or 0.0))
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
    outcome = _outcome_of(request)
    if outcome is None:
        return coming[:count]
    at = encoded(request.space, coming)
    tried = [*(o.configuration for o in request.observations), *request.pending]
    lost = _known(at, encoded(request.space, tried)) + 2 * (_ends_well(outcome, at) < _LIKELY)
    return [coming[each] for each in np.argsort(lost, kind="stable")[:count]]
