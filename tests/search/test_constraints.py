"""Constraints and learned limits: what may not be used is modelled from what was measured, and kept off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playnote.records.objective import Constraint, Objective
from playnote.search.bayes import BayesSearcher, expected_gain
from playnote.search.encoding import column_of, encoded
from playnote.search.limits import StabilityLimit, inside_limits
from playnote.search.models import held_of, models_of, outcome_of
from playnote.search.request import Observation, SearchRequest
from playnote.space.hyperparameter import Float
from playnote.space.space import Space
from playnote.testing.searchers import SPACE

SQUARE = Space((Float(name="width", low=0.0, high=1.0), Float(name="lr", low=0.0, high=1.0)))
FAST = Constraint("latency_ms", at_most=100.0)
OBJECTIVE = Objective(formula="s", direction="minimize", constraints=(FAST,))


def wide(c):
    """The wider the better and the slower: 100 ms lie at a width of 0.6, where the error is 0.14."""
    return 0.1 + 0.1 * (1 - c["width"]) + (c["lr"] - 0.4) ** 2, 40.0 * np.exp(c["width"] * np.log(2.5) / 0.6)


def search(trials, seed, objective=OBJECTIVE, measured=True):
    rng = np.random.default_rng(seed)
    observations = []
    for at in range(trials):
        request = SearchRequest(
            space=SQUARE, objective=objective, observations=tuple(observations), start_index=at, seed=seed
        )
        chosen = BayesSearcher().suggest(request, 1)[0]
        error, latency = wide(chosen)
        limits = {"latency_ms": latency * float(np.exp(0.02 * rng.standard_normal()))} if measured else {}
        observations.append(
            Observation(configuration=chosen, score=error + 0.002 * float(rng.standard_normal()), limits=limits)
        )
    return observations


def late_share(observations):
    """Share of the last half that breaks the constraint."""
    half = observations[len(observations) // 2 :]
    return np.mean([FAST.satisfied(each.limits["latency_ms"]) is False for each in half])


def test_with_a_planted_constraint_it_finds_the_best_that_may_be_used_and_mostly_stays_where_it_holds():
    found = [search(30, seed) for seed in range(4)]
    best = [min(o.score for o in each if FAST.satisfied(o.limits["latency_ms"])) for each in found]
    # What may be used ends at 0.14; random points of this space come no nearer than 0.155 on average.
    assert np.mean(best) < 0.146
    assert np.mean([late_share(each) for each in found]) < 0.5
    free = [search(30, seed, replace(OBJECTIVE, constraints=())) for seed in range(4)]
    assert np.mean([late_share(each) for each in free]) > 0.7


def test_the_probability_that_a_constraint_holds_is_the_share_of_runs_in_which_it_does():
    rng = np.random.default_rng(0)
    request = SearchRequest(space=SQUARE, objective=OBJECTIVE, observations=tuple(random_runs(60, rng)))
    (held,) = held_of(request)
    assert held.logarithmic
    at = rng.random((4000, 2))
    said = held.holds(encoded(SQUARE, [dict(zip(SQUARE.names, each, strict=True)) for each in at]))
    latency = np.array([wide({"width": w, "lr": lr})[1] for w, lr in at]) * np.exp(0.1 * rng.standard_normal(4000))
    happened = latency <= 100.0
    for low, high in ((0.0, 0.2), (0.3, 0.7), (0.8, 1.01)):
        here = (said >= low) & (said < high)
        assert here.sum() > 100
        assert happened[here].mean() == pytest.approx(said[here].mean(), abs=0.12)


def random_runs(count, rng):
    for _ in range(count):
        chosen = {"width": float(rng.random()), "lr": float(rng.random())}
        error, latency = wide(chosen)
        yield Observation(
            configuration=chosen, score=error, limits={"latency_ms": latency * float(np.exp(0.1 * rng.normal()))}
        )


def test_a_constraint_between_two_bounds_holds_between_them():
    both = Constraint("latency_ms", at_least=60.0, at_most=100.0)
    runs = tuple(random_runs(60, np.random.default_rng(1)))
    request = SearchRequest(space=SQUARE, objective=replace(OBJECTIVE, constraints=(both,)), observations=runs)
    (held,) = held_of(request)
    slow, right, fast = held.holds(np.array([[0.95, 0.5], [0.45, 0.5], [0.02, 0.5]]))
    assert right > 0.8
    assert max(slow, fast) < 0.1


def test_while_nothing_satisfies_the_constraint_it_looks_for_what_does_and_no_gain_is_told():
    slow = tuple(
        Observation(
            configuration={"width": w, "lr": lr}, score=wide({"width": w, "lr": lr})[0], limits={"latency_ms": ms}
        )
        for w, lr in np.random.default_rng(2).uniform((0.65, 0.0), (1.0, 1.0), (12, 2))
        if (ms := wide({"width": w, "lr": lr})[1])
    )
    request = SearchRequest(space=SQUARE, objective=OBJECTIVE, observations=slow, start_index=12)
    assert models_of(request).best is None
    assert expected_gain(request) is None
    assert BayesSearcher().suggest(request, 1)[0]["width"] < 0.6


def test_a_constraint_that_was_never_measured_is_not_modelled_and_does_not_stop_the_search():
    unmeasured = search(14, 0, measured=False)
    request = SearchRequest(space=SQUARE, objective=OBJECTIVE, observations=tuple(unmeasured), start_index=14)
    assert held_of(request) == ()
    assert models_of(request).best is not None


def limit(side="high", value=0.5, interval=(0.45, 0.55)):
    return StabilityLimit(hyperparameter="lr", side=side, value=value, interval=interval, n=(12, 6), round=1)


def test_a_limit_is_half_at_its_value_and_a_twentieth_at_the_end_of_its_interval():
    at = np.array([[0.3, 0.5], [0.3, 0.55], [0.3, 0.45], [0.9, 0.1]])
    np.testing.assert_allclose(inside_limits([limit()], SQUARE, at), [0.5, 0.05, 0.95, 1.0], atol=1e-4)
    np.testing.assert_allclose(inside_limits([limit("low")], SQUARE, at), [0.5, 0.95, 0.05, 0.0], atol=1e-4)


def test_a_limit_says_nothing_of_what_is_off_or_does_not_exist():
    column, absent = column_of(SPACE, "weight_decay")
    known = StabilityLimit(
        hyperparameter="weight_decay", side="high", value=1e-4, interval=(5e-5, 2e-4), n=(9, 3), round=1
    )
    off = {"lr": 0.1, "weight_decay": 0.0, "layers": 2, "optimizer": "sgd"}
    rows = encoded(SPACE, [off, {**off, "weight_decay": 1e-2}])
    assert absent == column + 1
    assert inside_limits([known], SPACE, rows) == pytest.approx([1.0, 0.0], abs=1e-6)
    elsewhere = replace(known, hyperparameter="of another space")
    assert inside_limits([elsewhere], SPACE, rows) == pytest.approx([1.0, 1.0])


def test_a_learned_limit_keeps_the_search_off_before_a_trial_of_this_study_diverged():
    """The better the higher the learning rate, and none of these trials went beyond 0.45."""
    rng = np.random.default_rng(0)
    calm = tuple(
        Observation(configuration={"width": float(w), "lr": float(lr)}, score=float(1.0 - lr))
        for w, lr in rng.uniform((0.0, 0.0), (1.0, 0.45), (12, 2))
    )
    request = SearchRequest(
        space=SQUARE, objective=replace(OBJECTIVE, constraints=()), observations=calm, start_index=12
    )
    free = BayesSearcher().suggest(request, 4)
    kept = BayesSearcher().suggest(replace(request, limits=(limit(),)), 4)
    assert min(each["lr"] for each in free) > 0.55
    assert max(each["lr"] for each in kept) < 0.5


def test_what_this_study_saw_beyond_a_limit_counts_more_than_the_limit():
    beyond = tuple(
        Observation(configuration={"width": w, "lr": lr}, score=1.0 - lr)
        for w in (0.1, 0.5, 0.9)
        for lr in (0.2, 0.5, 0.7, 0.9)
    )
    request = SearchRequest(space=SQUARE, observations=beyond, limits=(limit(),))
    assert outcome_of(replace(request, observations=())).ends_well(np.array([[0.5, 0.8]]))[0] < 0.01
    assert outcome_of(request).ends_well(np.array([[0.5, 0.8]]))[0] > 0.8
