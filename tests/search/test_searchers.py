"""The plug-in point: our own searchers keep its promises, and the check notices one that does not."""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.search.searcher import SEARCHERS, searcher_named, suggest
from playnote.space.hyperparameter import Float
from playnote.testing.searchers import SPACE, check_searcher


@pytest.mark.parametrize("name", ["quasi-random", "random", "bayes"])
def test_our_searchers_keep_the_promises(name):
    assert check_searcher(SEARCHERS[name]) == ()


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
