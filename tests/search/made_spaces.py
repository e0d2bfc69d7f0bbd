"""Made-up spaces and projects for the search tests."""

from __future__ import annotations

from hypothesis import strategies as st

from playnote.records.objective import Objective
from playnote.records.project import Budget, Project
from playnote.space.checks import check_hyperparameter, space_of
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.space import Space


def project(space: Space, baseline=None, **rest) -> Project:
    objective = Objective(formula="dev/error", direction="minimize", min_effect=0.002)
    return Project(name="made up", objective=objective, space=space, baseline=baseline or {}, **rest)


def training_space() -> Space:
    return space_of(
        [
            Float(name="lr", low=1e-4, high=1.0, scale="log", group="optimizer"),
            Float(name="weight_decay", low=1e-6, high=1e-2, scale="log", off=0.0, group="regularization"),
            Float(name="dropout", low=0.0, high=0.6, natural_low=0.0, group="regularization"),
            Integer(name="layers", low=1, high=4, group="architecture"),
            Categorical(name="optimizer", choices=("sgd", "adamw"), group="optimizer"),
            Float(name="momentum", low=0.5, high=0.99, scale="log-complement", when={"optimizer": "sgd"}),
            Float(name="beta1", low=0.5, high=0.99, scale="log-complement", when={"optimizer": "adamw"}),
        ]
    )


def training_project(**rest) -> Project:
    baseline = {"optimizer": "sgd", "lr": 0.1, "dropout": 0.0, "layers": 2, "momentum": 0.9, "weight_decay": 0.0}
    return project(training_space(), baseline, **{"budget": Budget(trials=200), **rest})


@st.composite
def spaces(draw) -> Space:
    """Spaces of up to six hyperparameters of all kinds, with conditions two levels deep."""
    made: list[Float | Integer | Categorical] = []
    for name in "abcdef"[: draw(st.integers(1, 6))]:
        parents = [each for each in made if not isinstance(each, Float)]
        when = {}
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            values = parent.choices if isinstance(parent, Categorical) else range(parent.low, parent.high + 1)
            when = {parent.name: draw(st.sampled_from(list(values)))}
        made.append(draw(hyperparameters(name, when)))
    return space_of(made)


@st.composite
def hyperparameters(draw, name: str, when: dict):
    kind = draw(st.sampled_from(["choice", "whole", "linear", "log", "log-complement"]))
    if kind == "choice":
        return Categorical(name=name, choices=("x", "y", "z")[: draw(st.integers(1, 3))], when=when)
    if kind == "whole":
        low = draw(st.integers(1, 5))
        return Integer(name=name, low=low, high=low + draw(st.integers(1, 20)), when=when)
    low, high = draw(st.sampled_from([(0.01, 0.5), (0.5, 0.99)]))
    off = draw(st.sampled_from([None, 0.0]))
    made = Float(name=name, low=low, high=high, scale=kind, off=off, when=when)
    assert check_hyperparameter(made) == ()
    return made
