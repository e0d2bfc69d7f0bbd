"""What every searcher must do, as a check that a plug-in's own tests can run.

assert check_searcher(my_searcher) == ()
"""

from __future__ import annotations

from dataclasses import replace

from playnote.records.objective import Objective
from playnote.search.request import Observation, Searcher, SearchRequest
from playnote.space.checks import space_of
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.membership import check_configuration
from playnote.space.space import Configuration, Space

SPACE: Space = space_of(
    [
        Float(name="lr", low=1e-4, high=1.0, scale="log"),
        Float(name="weight_decay", low=1e-6, high=1e-2, scale="log", off=0.0),
        Integer(name="layers", low=1, high=4),
        Categorical(name="optimizer", choices=("sgd", "adamw")),
        Float(name="beta1", low=0.5, high=0.99, scale="log-complement", when={"optimizer": "adamw"}),
    ]
)


def check_searcher(searcher: Searcher, space: Space = SPACE) -> tuple[str, ...]:
    """The promises a searcher breaks, in words; none where it keeps them all.

    As many configurations as asked for, each a complete point of the space; the same request gives the same
    ones, with no history, with one that holds good and diverged trials, and with pending trials.
    """
    broken: list[str] = []
    empty = SearchRequest(space=space, objective=Objective(formula="score", direction="minimize"))
    first = searcher.suggest(empty, 6)
    history = tuple(_observed(number, each) for number, each in enumerate(first))
    many = tuple(_observed(number, each) for number, each in enumerate(searcher.suggest(empty, 24)))
    requests = {
        "a long history": replace(empty, observations=many, start_index=24),
        "a long history and pending trials": replace(empty, observations=many, pending=tuple(first), start_index=24),
        "an empty history": empty,
        "a history with diverged trials": replace(empty, observations=history, start_index=6),
        "a history in which all diverged": replace(
            empty, observations=tuple(replace(each, score=None, outcome="nan") for each in history), start_index=6
        ),
        "equal scores": replace(
            empty, observations=tuple(replace(each, score=1.0, outcome="ok") for each in history), start_index=6
        ),
        "pending trials": replace(empty, pending=tuple(first), start_index=6),
    }
    for name, request in requests.items():
        broken += [f"with {name}: {each}" for each in _broken(searcher, request)]
    return tuple(broken)


def _observed(number: int, configuration: Configuration) -> Observation:
    if number % 3 == 2:
        return Observation(configuration=configuration, score=None, outcome="nan")
    return Observation(configuration=configuration, score=0.1 * (number + 1))


def _broken(searcher: Searcher, request: SearchRequest) -> list[str]:
    broken = []
    for count in (0, 1, 5):
        made = searcher.suggest(request, count)
        if len(made) != count:
            broken.append(f"{count} configurations were asked for and {len(made)} came")
        for each in made:
            problems = check_configuration(request.space, each)
            broken += [f"{dict(each)} is no point of the space: {problem.path}" for problem in problems]
        if searcher.suggest(request, count) != made:
            broken.append("the same request gave other configurations the second time")
    return broken
