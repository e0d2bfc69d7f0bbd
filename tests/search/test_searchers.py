"""The plug-in point: our own searchers keep its promises, and the check notices one that does not."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.records.objective import Objective
from playnote.search.ask_tell import AskTellSearcher
from playnote.search.candidates import Candidates
from playnote.search.encoding import encoded
from playnote.search.optuna_searcher import OptunaSearcher
from playnote.search.request import Observation, SearchRequest
from playnote.search.searcher import SEARCHERS, searcher_named, suggest
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Float
from playnote.space.membership import check_configuration
from playnote.space.points import configuration_at
from playnote.testing.searchers import SPACE, check_searcher


@pytest.mark.parametrize("name", ["quasi-random", "random", "bayes"])
def test_our_searchers_keep_the_promises(name):
    assert check_searcher(SEARCHERS[name]) == ()


# The process of Optuna takes a minute where cores are scarce.
SLOW = pytest.param("GPSampler", marks=pytest.mark.peers)


@pytest.mark.parametrize("sampler", ["TPESampler", "RandomSampler", SLOW])
def test_a_sampler_of_optuna_keeps_the_promises(sampler):
    pytest.importorskip("optuna")
    assert check_searcher(OptunaSearcher(sampler)) == ()


@pytest.mark.parametrize("sampler", ["TPESampler", SLOW])
def test_a_sampler_of_optuna_learns_where_training_diverges(sampler):
    pytest.importorskip("optuna")
    space = space_of([Float(name="x", low=0.0, high=1.0)])
    request = SearchRequest(space=space, objective=Objective(formula="s", direction="minimize"))
    tried = [(at + 0.5) / 20 for at in range(20)]
    # The nearer to 0.6 the better; all beyond diverges.
    history = tuple(
        Observation(configuration={"x": x}, score=1.0 - x if x < 0.6 else None, outcome="ok" if x < 0.6 else "nan")
        for x in tried
    )
    made = OptunaSearcher(sampler).suggest(replace(request, observations=history), 8)
    assert sum(each["x"] < 0.65 for each in made) >= 6


class Memory:
    """Steps from the best it was told; forgets nothing."""

    def __init__(self, space, seed):
        self.space, self.rng, self.told = space, np.random.default_rng(seed), []

    def ask(self):
        units = {name: float(self.rng.random()) for name in self.space.names}
        return configuration_at(self.space, units, {}, off_share=0.2)

    def tell(self, configuration, error):
        self.told.append((configuration, error))


def test_an_object_that_is_asked_and_told_keeps_the_promises_and_hears_errors_in_order():
    assert check_searcher(AskTellSearcher(Memory)) == ()
    made = []

    def make(space, seed):
        made.append(Memory(space, seed))
        return made[-1]

    points = suggest({each.name: each for each in SPACE}, 3)
    outcomes = (("ok", 0.9), ("nan", None), ("failed:infra", None))
    history = tuple(
        Observation(configuration=point, score=score, outcome=outcome)
        for point, (outcome, score) in zip(points, outcomes, strict=True)
    )
    request = SearchRequest(
        space=SPACE, objective=Objective(formula="s", direction="maximize"), observations=history, pending=(points[0],)
    )
    heard = []
    AskTellSearcher(make, pending=lambda it, each: heard.append(each)).suggest(request, 1)
    # A maximised score is told as an error; a failure that is nobody's fault is not told.
    assert made[-1].told == [(points[0], -0.9), (points[1], None)]
    assert heard == [points[0]]


def test_an_object_that_asks_for_what_is_no_point_of_the_space_is_refused():
    class Outside(Memory):
        def ask(self):
            return {"lr": 5.0}

    with pytest.raises(InputError, match="no point of the space"):
        AskTellSearcher(Outside).suggest(
            SearchRequest(space=SPACE, objective=Objective(formula="s", direction="minimize")), 1
        )


def test_rows_of_coordinates_are_encoded_as_their_configurations_are():
    candidates = Candidates(SPACE, 0.2)
    units = candidates.spread(200, np.random.default_rng(3))
    made = [candidates.configuration(each) for each in units]
    np.testing.assert_allclose(candidates.rows(units), encoded(SPACE, made), atol=1e-9)
    again = [candidates.configuration(each) for each in candidates.units(made)]
    np.testing.assert_allclose(encoded(SPACE, again), encoded(SPACE, made), atol=1e-9)
    near = candidates.near(units[:5], 0.02, 40, np.random.default_rng(4))
    assert ((near >= 0) & (near < 1)).all()
    assert not any(check_configuration(SPACE, candidates.configuration(each)) for each in near)


class Broken:
    """Stateful, short by one, and outside the space."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def suggest(self, request, count):
        return [{"lr": float(self.rng.uniform(1, 2))} for _ in range(max(count - 1, 0))]


def test_every_broken_promise_is_noticed():
    broken = " ".join(check_searcher(Broken()))
    assert "were asked for and" in broken
    assert "no point of the space" in broken
    assert "the second time" in broken


def test_an_installed_package_can_bring_a_searcher(monkeypatch):
    point = metadata.EntryPoint("mine", "playnote.search.searcher:SEARCHERS", "playnote.searchers")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point] if group == "playnote.searchers" else [])
    assert searcher_named("mine") is SEARCHERS
    with pytest.raises(InputError, match="mine") as caught:
        suggest({"lr": Float(low=0.1, high=1.0)}, 1, searcher="min")
    assert "mine" in caught.value.fix.en


def test_the_space_of_the_check_holds_every_kind_of_hyperparameter():
    assert len(SPACE) == 5
