"""Search by results: it goes where it is good, keeps off divergence, and depends on the history alone."""

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.records.objective import Objective
from playnote.search.bayes import BayesSearcher, expected_gain
from playnote.search.encoding import encoded
from playnote.search.request import Observation, SearchRequest
from playnote.search.searcher import suggest
from playnote.space.hyperparameter import Float, Integer
from playnote.space.space import Space
from playnote.testing.searchers import SPACE

SQUARE = Space((Float(name="x", low=0.0, high=1.0), Float(name="y", low=0.0, high=1.0)))
SEARCHER = BayesSearcher()


def run(evaluate, trials, seed, *, direction="minimize", space=SQUARE):
    """The observations of a search for so many trials; `evaluate` gives None where training diverges."""
    observations = []
    for _ in range(trials):
        request = SearchRequest(
            space=space,
            objective=Objective(formula="s", direction=direction),
            observations=tuple(observations),
            start_index=len(observations),
            seed=seed,
        )
        configuration = SEARCHER.suggest(request, 1)[0]
        score = evaluate(configuration)
        outcome = "ok" if score is not None else "nan"
        observations.append(Observation(configuration=configuration, score=score, outcome=outcome))
    return observations


def bowl(c):
    return (c["x"] - 0.31) ** 2 + (c["y"] - 0.77) ** 2


def cliff(c):
    """The nearer to the edge of divergence the better; beyond it nothing."""
    return None if c["x"] > 0.6 else 0.1 + 0.3 * (0.6 - c["x"]) + (c["y"] - 0.4) ** 2


def test_it_finds_the_bottom_of_a_bowl_that_as_many_quasi_random_points_do_not():
    found = min(o.score for o in run(bowl, 20, 0))
    spread = min(bowl(c) for c in suggest({h.name: h for h in SQUARE}, 20, seed=0))
    assert found < 0.2 * spread
    assert found < 1e-3


def test_maximising_the_negative_gives_the_same_points():
    one = run(bowl, 14, 0)
    other = run(lambda c: -bowl(c), 14, 0, direction="maximize")
    assert [o.configuration for o in one] == [o.configuration for o in other]


def test_where_the_best_lies_at_the_edge_of_divergence_few_of_the_last_trials_diverge():
    observations = run(cliff, 36, 0)
    assert sum(o.outcome == "nan" for o in observations[18:]) <= 3
    assert min(o.score for o in observations if o.score is not None) < 0.105


def test_the_order_of_the_same_history_of_pending_trials_does_not_matter_and_they_are_kept_apart():
    observations = tuple(run(bowl, 12, 1))
    request = SearchRequest(
        space=SQUARE, objective=Objective(formula="s", direction="minimize"), observations=observations, start_index=12
    )
    batch = SEARCHER.suggest(request, 4)
    gaps = [np.linalg.norm(a - b) for a in encoded(SQUARE, batch) for b in encoded(SQUARE, batch) if a is not b]
    apart = [gap for gap in gaps if gap > 0]
    assert len(apart) == 12
    assert min(apart) > 1e-3
    assert SEARCHER.suggest(request, 1)[0] == batch[0]


def test_what_was_tried_is_not_tried_again_while_anything_else_is_left():
    grid = Space((Integer(name="x", low=0, high=5), Integer(name="y", low=0, high=3)))
    tried = run(lambda c: (c["x"] - 2) ** 2 + c["y"] + 0.0, 20, 0, space=grid)
    points = [tuple(sorted(o.configuration.items())) for o in tried]
    assert len(set(points[8:])) == 12
    assert not set(points[8:]) & set(points[:8])


def test_before_enough_ended_well_it_explores_where_training_probably_does():
    def mostly(c):
        return None if c["x"] > 0.25 else c["y"]

    tried = run(mostly, 20, 0)
    assert sum(o.outcome == "nan" for o in tried[:6]) > sum(o.outcome == "nan" for o in tried[6:12])


def test_what_is_left_to_gain_shrinks_as_the_search_goes_on():
    observations = run(bowl, 20, 2)

    def left(n):
        return expected_gain(
            SearchRequest(
                space=SQUARE,
                objective=Objective(formula="s", direction="minimize"),
                observations=tuple(observations[:n]),
                start_index=n,
            )
        )

    assert left(4) is None
    assert left(20) < 0.1 * left(9)


def test_without_a_direction_it_refuses():
    with pytest.raises(InputError, match="direction"):
        suggest({"lr": Float(low=0.1, high=1.0)}, 1, searcher="bayes")


def test_off_absent_and_chosen_values_have_places_of_their_own():
    request = SearchRequest(space=SPACE, objective=Objective(formula="s", direction="minimize"))
    rows = encoded(SPACE, SEARCHER.suggest(request, 40))
    assert np.isfinite(rows).all()
    off = {"lr": 0.1, "weight_decay": 0.0, "layers": 2, "optimizer": "sgd"}
    on = {**off, "weight_decay": 1e-4}
    adam = {**off, "optimizer": "adamw", "beta1": 0.9}
    one, two, three = encoded(SPACE, [off, on, adam])
    assert np.linalg.norm(one - two) > 0.3
    assert np.linalg.norm(one - three) > 0.3
