"""Searchers of others: named, checked before a round relies on them, and told everything our own search knows."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from playnote.errors import InputError, MissingExtraError
from playnote.records.objective import Constraint, Objective
from playnote.search.optuna_searcher import OptunaSearcher
from playnote.search.plug_in import SAMPLERS, FactorySearcher, check_keeps
from playnote.search.request import Observation, SearchRequest
from playnote.search.searcher import searcher_named, suggest
from playnote.space.hyperparameter import Float
from playnote.space.space import Space
from playnote.testing.searchers import check_searcher

X = Space((Float(name="x", low=0.0, high=1.0),))
REQUEST = SearchRequest(space=X, objective=Objective(formula="s", direction="minimize"))


class Halver:
    """Goes half way from the best it was told to a draw of its own."""

    def __init__(self, space, seed):
        self.space, self.rng, self.best = space, np.random.default_rng(seed), None

    def ask(self):
        drawn = {each["name"]: each["at"] for each in self._draws()}
        return drawn

    def _draws(self):
        for each in self.space:
            yield {"name": each.name, "at": each.from_unit(float(self.rng.random()))}

    def tell(self, configuration, error):
        if error is not None and (self.best is None or error < self.best[1]):
            self.best = (configuration, error)


@pytest.fixture
def mine(monkeypatch):
    """A module somebody wrote."""
    module = ModuleType("mine_of_a_test")
    monkeypatch.setitem(sys.modules, "mine_of_a_test", module)
    module.halver = Halver
    return module


def test_a_factory_by_its_dotted_name_is_a_searcher(mine):
    assert suggest({"x": X["x"]}, 2, direction="minimize", searcher="mine_of_a_test:halver") == [
        {"x": pytest.approx(0.6369616873214543)},
        {"x": pytest.approx(0.2697867137638703)},
    ]
    assert check_searcher(searcher_named("mine_of_a_test:halver"), X) == ()


def test_a_factory_may_give_an_object_that_suggests(mine):
    mine.own = lambda space, seed: searcher_named("quasi-random")
    assert check_searcher(searcher_named("mine_of_a_test:own"), X) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_such_module_anywhere:make", "cannot be imported"),
        ("mine_of_a_test:nothing", "has no function nothing"),
        ("optuna:anneal", "No sampler of Optuna is called"),
        (":make", "cannot be imported"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error_with_a_way_out(mine, name, said):
    with pytest.raises(InputError, match=said) as caught:
        searcher_named(name)
    assert caught.value.fix.zh


def test_what_somebody_elses_code_raises_is_told_as_theirs(mine):
    def broken(space, seed):
        raise ZeroDivisionError("their own")

    with pytest.raises(InputError, match="mine:broken stopped with ZeroDivisionError: their own"):
        FactorySearcher(broken, "mine:broken").suggest(REQUEST, 1)
    with pytest.raises(InputError, match="no ask and tell"):
        FactorySearcher(lambda space, seed: 3, "mine:three").suggest(REQUEST, 1)


def test_a_searcher_that_remembers_or_gives_too_few_is_refused_before_a_round_relies_on_it():
    rng = np.random.default_rng(0)

    class Remembers:
        def suggest(self, request, count):
            return [{"x": float(rng.random())} for _ in range(count)]

    class Short:
        def suggest(self, request, count):
            return [{"x": 0.5}]

    with pytest.raises(InputError, match="other configurations when asked the same again"):
        check_keeps(Remembers(), REQUEST, "theirs")
    with pytest.raises(InputError, match="gave 1 configurations of 2"):
        check_keeps(Short(), REQUEST, "theirs")
    check_keeps(searcher_named("bayes"), REQUEST, "ours")


@pytest.mark.parametrize("name", ["optuna:tpe", "optuna:random", "optuna:cma-es"])
def test_a_sampler_by_its_short_name_keeps_the_promises(name):
    pytest.importorskip("optuna")
    pytest.importorskip("cmaes")
    assert check_searcher(searcher_named(name)) == ()
    assert name in SAMPLERS


def bowl_history(count, bottom=0.3):
    points = [(at + 0.5) / count for at in range(count)]
    return tuple(Observation(configuration={"x": x}, score=(x - bottom) ** 2) for x in points)


def test_cma_es_learns_from_a_history_that_is_not_its_own():
    pytest.importorskip("cmaes")
    told = replace(REQUEST, observations=bowl_history(40), start_index=40)
    made = [
        each["x"] for seed in range(10) for each in OptunaSearcher("CmaEsSampler").suggest(replace(told, seed=seed), 2)
    ]
    assert abs(np.median(made) - 0.3) < 0.1


def test_a_sampler_whose_package_is_missing_says_what_to_install(monkeypatch):
    optuna = pytest.importorskip("optuna")

    class Lacks:
        def __init__(self, **_):
            raise ImportError("no cmaes", name="cmaes")

    monkeypatch.setattr(optuna.samplers, "CmaEsSampler", Lacks)
    with pytest.raises(MissingExtraError) as caught:
        OptunaSearcher("CmaEsSampler").suggest(replace(REQUEST, observations=bowl_history(12)), 1)
    assert "pip install cmaes" in caught.value.fix.en


@pytest.mark.parametrize("name", ["optuna:tpe"])
def test_a_sampler_is_told_of_broken_constraints(name):
    pytest.importorskip("optuna")
    objective = Objective(formula="s", direction="minimize", constraints=(Constraint("latency_ms", at_most=100.0),))
    # The lower the score the slower: all below 0.5 breaks the constraint.
    history = tuple(
        replace(each, score=each.configuration["x"], limits={"latency_ms": 200.0 - 200.0 * each.configuration["x"]})
        for each in bowl_history(40)
    )
    request = replace(REQUEST, objective=objective, observations=history, start_index=40)
    kept = [each["x"] for each in searcher_named(name).suggest(request, 10)]
    free = searcher_named(name).suggest(replace(request, objective=REQUEST.objective), 10)
    assert np.mean(np.array(kept) >= 0.5) >= 0.7
    assert np.mean([each["x"] >= 0.5 for each in free]) <= 0.3


def test_an_object_hears_a_broken_constraint_as_one_that_may_not_be_used():
    heard = []

    class Listens(Halver):
        def tell(self, configuration, error):
            heard.append(error)

    objective = Objective(formula="s", direction="minimize", constraints=(Constraint("latency_ms", at_most=100.0),))
    history = (
        Observation(configuration={"x": 0.1}, score=1.0, limits={"latency_ms": 120.0}),
        Observation(configuration={"x": 0.2}, score=2.0, limits={"latency_ms": 100.0}),
        Observation(configuration={"x": 0.3}, score=3.0),
    )
    FactorySearcher(Listens, "listens").suggest(replace(REQUEST, objective=objective, observations=history), 1)
    assert heard == [None, 2.0, 3.0]
