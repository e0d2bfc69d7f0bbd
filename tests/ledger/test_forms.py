"""Records go into the journal and come back equal."""

from __future__ import annotations

import json

import pytest

from playnote.ledger.forms import (
    dump_objective,
    dump_planned,
    dump_record,
    dump_round,
    dump_space,
    load_objective,
    load_planned,
    load_record,
    load_round,
    load_space,
)
from playnote.records.objective import Constraint, Objective
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.space.space import Space

SPACE = Space(
    (
        Float(name="lr", low=1e-4, high=1.0, scale="log", group="optimizer"),
        Float(name="wd", low=1e-6, high=1e-2, scale="log", off=0.0, natural_low=0.0),
        Integer(name="layers", low=1, high=8, off=0),
        Categorical(name="optimizer", choices=("sgd", "adamw", 3, True)),
        Float(name="beta1", low=0.5, high=0.99, scale="log-complement", when={"optimizer": "adamw"}),
    )
)
PLANNED = tuple(
    PlannedTrial(id=f"t{i}", study="r1/d=0", round=1, purpose="search", configuration={"lr": 0.1}, seed=i, index=i)
    for i in range(3)
)
ROUND = Round(
    number=1,
    question="Does dropout help?",
    roles={"dropout": "scientific", "lr": "nuisance"},
    scientific={"dropout": (0.0, 0.2)},
    space=SPACE,
    fixed={"momentum": 0.9},
    studies=(Study(name="r1/d=0", scientific={"dropout": 0.0}, planned=PLANNED),),
    seed=3,
)
OBJECTIVE = Objective(
    formula="dev/f1 - latency",
    direction="maximize",
    constraints=(Constraint("latency", at_most=100.0),),
    human=(0.01, 200),
)
RECORD = TrialRecord(id="x", configuration={"lr": 0.1}, outcome="pruned", summary={"dev/error": 0.5})


@pytest.mark.parametrize(
    ("dump", "load", "record"),
    [
        (dump_space, load_space, SPACE),
        (dump_round, load_round, ROUND),
        (dump_objective, load_objective, OBJECTIVE),
        (dump_objective, load_objective, Objective(formula="a", direction="minimize")),
        (dump_planned, load_planned, PLANNED[0]),
        (dump_record, load_record, RECORD),
    ],
)
def test_a_record_comes_back_equal_through_json(dump, load, record) -> None:  # type: ignore[no-untyped-def]
    assert load(json.loads(json.dumps(dump(record)))) == record


def test_what_a_later_version_added_is_ignored_and_what_an_earlier_lacked_takes_its_default() -> None:
    assert load_planned({**dump_planned(PLANNED[0]), "invented_later": 1}) == PLANNED[0]
    form = dump_objective(OBJECTIVE)
    del form["constraints"], form["human"], form["window"]
    assert load_objective(form) == Objective(formula="dev/f1 - latency", direction="maximize")
