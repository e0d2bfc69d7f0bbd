"""What a search by results knows: the score, whether training ends well, and whether the constraints hold.

One process models the score of the trials that ended well, another whether a trial ends well at all, and one more for
every constraint its metric: a diverged trial gets no invented score and still teaches where not to go. A learned
stability limit of an earlier round is what is expected of a place before a trial of this study was there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from playnote.records.curves import Floats
from playnote.records.objective import Constraint
from playnote.records.trial import DIVERGED
from playnote.search.encoding import encoded
from playnote.search.limits import StabilityLimit, inside_limits
from playnote.search.request import Observation, SearchRequest
from playnote.space.space import Configuration, Space
from playnote.stats.gaussian_process import GaussianProcess, fit_process, rougher, told
from playnote.stats.normal import normal_cdf_of

_LABEL_NOISE = 0.2  # of an outcome that is either +1 or -1
_ROUGH = 0.5
"""An edge is a step, over which a smooth process is too sure: the length scales that its likelihood likes best, halved.
On fresh seeds of three shapes this takes a third to a half off the log loss of the next outcome."""
_FEWEST_MEASURED = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether trials end well: a process over +1 (ended well) and -1 (diverged) about what the limits lead to expect.

    process  None where none diverged or none ended well: then the limits alone speak
    """

    space: Space
    process: GaussianProcess | None
    limits: tuple[StabilityLimit, ...]

    def ends_well(self, at: Floats) -> Floats:
        """: array, shape (n,)  the probability at each row."""
        if self.process is None:
            return inside_limits(self.limits, self.space, at)
        mean, spread = self.process.predict(at)
        if self.limits:
            mean = mean + _expected(self.limits, self.space, at)
        return normal_cdf_of(mean / np.sqrt(spread**2 + _LABEL_NOISE**2))


@dataclass(frozen=True, slots=True)
class Held:
    """One constraint: a process over its metric, on a log scale where metric and bound are positive."""

    constraint: Constraint
    process: GaussianProcess
    logarithmic: bool

    def holds(self, at: Floats) -> Floats:
        """: array, shape (n,)  the probability that a run at each row satisfies it."""
        mean, spread = self.process.predict(at)
        spread = np.sqrt(spread**2 + self.process.noise**2)
        low, high = self.constraint.at_least, self.constraint.at_most
        below = np.ones(len(at)) if high is None else normal_cdf_of((self._placed(high) - mean) / spread)
        under = np.zeros(len(at)) if low is None else normal_cdf_of((self._placed(low) - mean) / spread)
        return np.maximum(below - under, 0.0)

    def _placed(self, bound: float) -> float:
        return math.log(bound) if self.logarithmic else bound


@dataclass(frozen=True, slots=True)
class Models:
    """What is known of a space.

    score    process over the errors of trials that ended well, lower is better
    outcome  whether trials end well; None where nothing speaks against it
    held     the constraints whose metric was measured
    best     lowest expected error among the tried configurations that satisfy them; None where none does
    """

    space: Space
    score: GaussianProcess
    outcome: Outcome | None
    held: tuple[Held, ...]
    best: float | None

    def ends_well(self, at: Floats) -> Floats:
        """Probability that a trial at each row ends well."""
        return np.ones(len(at)) if self.outcome is None else self.outcome.ends_well(at)

    def holds(self, at: Floats) -> Floats:
        """Probability that a run at each row satisfies every constraint; they count as independent of one another."""
        return np.asarray(np.prod([np.ones(len(at)), *(each.holds(at) for each in self.held)], axis=0))

    def gain(self, at: Floats) -> Floats:
        """Expected improvement over the best times the probability that the constraints hold, in the score's unit.

        Where nothing satisfies the constraints yet, the probability alone.
        """
        if self.best is None:
            return self.holds(at)
        mean, spread = self.score.predict(at)
        z = (self.best - mean) / spread
        density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        return np.asarray(np.maximum(spread * (z * normal_cdf_of(z) + density), 0.0) * self.holds(at))

    def believing(self, pending: Sequence[Configuration]) -> Models:
        """The models with running configurations in them, at the mean that is expected there."""
        if not pending:
            return self
        at = encoded(self.space, pending)
        # Only the spread shrinks by it: the mean was already there.
        targets = np.append(self.score.targets, self.score.predict(at)[0])
        return replace(self, score=told(self.score, np.vstack([self.score.points, at]), targets))


def models_of(request: SearchRequest) -> Models | None:
    """All processes; None while too few trials ended well. Pending trials count with what is expected of them."""
    sign = 1.0 if request.objective is None else request.objective.sign
    well = [o for o in request.observations if o.outcome == "ok" and o.score is not None and math.isfinite(o.score)]
    columns = len(request.space)
    if len(well) < max(int(request.settings["bayes.start"]), columns + 1):
        return None
    points = encoded(request.space, [o.configuration for o in well])
    errors = _tamed(np.array([sign * float(o.score or 0.0) for o in well]))
    score = fit_process(points, errors, seed=request.seed)
    held = held_of(request)
    usable = np.array([satisfies(o, [each.constraint for each in held]) for o in well])
    best = float(score.predict(points)[0][usable].min()) if usable.any() else None
    return Models(request.space, score, outcome_of(request), held, best).believing(request.pending)


def outcome_of(request: SearchRequest) -> Outcome | None:
    """Whether trials end well; None where none diverged or none ended well, and no limit is known."""
    bad = [o.configuration for o in request.observations if o.outcome in DIVERGED]
    well = [o.configuration for o in request.observations if o.outcome == "ok"]
    limits = request.limits
    if not (bad and well) and not (limits and (bad or well)):
        return Outcome(request.space, None, limits) if limits else None
    at = encoded(request.space, [*well, *bad])
    labels = np.append(np.ones(len(well)), -np.ones(len(bad)))
    if limits:
        labels = labels - _expected(limits, request.space, at)
    return Outcome(request.space, rougher(fit_process(at, labels, seed=request.seed), _ROUGH), limits)


def held_of(request: SearchRequest) -> tuple[Held, ...]:
    """A process for every constraint whose metric was measured in two trials or more; the others cannot be modelled."""
    found = []
    for constraint in () if request.objective is None else request.objective.constraints:
        told_of = [
            (o.configuration, value)
            for o in request.observations
            if (value := o.limits.get(constraint.metric)) is not None and math.isfinite(value)
        ]
        if len(told_of) < _FEWEST_MEASURED:
            continue
        values = np.array([value for _, value in told_of])
        bounds = [bound for bound in (constraint.at_most, constraint.at_least) if bound is not None]
        logarithmic = bool(values.min() > 0) and min(bounds) > 0
        points = encoded(request.space, [configuration for configuration, _ in told_of])
        process = fit_process(points, np.log(values) if logarithmic else values, seed=request.seed)
        found.append(Held(constraint, process, logarithmic))
    return tuple(found)


def satisfies(observation: Observation, constraints: Sequence[Constraint]) -> bool:
    """Whether a trial was measured to satisfy all of them; unmeasured is not satisfied."""
    return all(each.satisfied(observation.limits.get(each.metric)) is True for each in constraints)


def _expected(limits: Sequence[StabilityLimit], space: Space, at: Floats) -> Floats:
    """The outcome, +1 to -1, that the limits lead to expect."""
    return 2.0 * inside_limits(limits, space, at) - 1.0


def _tamed(errors: Floats) -> Floats:
    """Errors far worse than the middle are pulled in: how bad a bad trial is says little about where the best is."""
    low, middle = float(errors.min()), float(np.median(errors))
    high = middle + 2.0 * (middle - low)
    return np.minimum(errors, high) if high > low else errors
