"""The axis plot: who is drawn where."""

from __future__ import annotations

from typing import Any

import pytest

from playnote.playbook.examples import objective, planned_round, trial
from playnote.plots.axis import axis_spec, measure_axis
from playnote.records.state import Reading
from playnote.space.hyperparameter import Categorical, Float
from playnote.space.space import Space


def facts_of(hyperparameter: Any, rows: list[tuple[Any, float | None, str]], **changed: Any) -> Any:
    trials = [
        trial(f"t{at}", outcome=outcome, configuration={hyperparameter.name: x, "dropout": 0.0})
        for at, (x, _, outcome) in enumerate(rows)
    ]
    readings = {
        f"t{at}": Reading(score, feasible=None if score is None else True) for at, (_, score, _) in enumerate(rows)
    }
    return measure_axis(
        hyperparameter.name, planned_round(space=Space((hyperparameter,))), trials, readings, objective(**changed)
    )


LOG = Float(name="lr", low=1e-4, high=1.0, scale="log")


def rows_of(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["trial"]: row for row in spec["data"]["values"]}


def test_a_diverged_trial_is_drawn_without_a_score_and_a_failed_one_is_only_counted() -> None:
    facts = facts_of(LOG, [(0.1, 0.2, "ok"), (0.9, None, "nan"), (0.5, None, "exploded"), (0.2, None, "failed:infra")])
    rows = rows_of(axis_spec(facts, "en"))
    assert [name for name, row in rows.items() if row["diverged"]] == ["t1", "t2"]
    assert rows["t1"]["y"] is None
    assert "t3" not in rows
    assert facts.missing >= 1


@pytest.mark.parametrize(("direction", "best"), [("minimize", "t0"), ("maximize", "t1")])
def test_the_best_is_marked_in_the_metrics_own_direction(direction: str, best: str) -> None:
    facts = facts_of(LOG, [(0.1, 0.2, "ok"), (0.3, 0.7, "ok")], direction=direction)
    assert facts.best == best
    assert [name for name, row in rows_of(axis_spec(facts, "en")).items() if row["best"]] == [best]


def test_a_log_complement_is_drawn_on_a_reversed_log_scale_of_its_complement() -> None:
    beta = Float(name="beta", low=0.5, high=0.999, scale="log-complement")
    spec = axis_spec(facts_of(beta, [(0.9, 0.2, "ok"), (0.99, 0.3, "ok")]), "en")
    scale = spec["layer"][1]["encoding"]["x"]["scale"]
    assert scale["type"] == "log"
    assert scale["reverse"] is True
    assert scale["domain"][0] < 0.001
    assert scale["domain"][1] > 0.5
    assert rows_of(spec)["t0"]["x"] == pytest.approx(0.1)
    assert rows_of(spec)["t0"]["shown"] == "0.9"


def test_a_value_off_stands_beside_the_range() -> None:
    decay = Float(name="wd", low=1e-6, high=1e-2, scale="log", off=0.0)
    spec = axis_spec(facts_of(decay, [(0.0, 0.2, "ok"), (1e-4, 0.3, "ok")]), "en")
    assert rows_of(spec)["t0"]["off"] is True
    assert spec["layer"][1]["encoding"]["x"]["scale"]["range"][0] > 0


def test_a_far_worse_score_is_pressed_to_the_edge_and_keeps_its_number() -> None:
    rows = [(0.001 * (at + 1), 0.1 + 0.01 * at, "ok") for at in range(10)]
    spec = axis_spec(facts_of(LOG, [*rows, (0.9, 50.0, "ok")]), "en")
    far = rows_of(spec)["t10"]
    assert far["edge"] is True
    assert far["y"] < 1
    assert far["scored"] == "50"


def test_choices_stand_in_their_declared_order() -> None:
    kind = Categorical(name="optimizer", choices=("sgd", "adamw"))
    spec = axis_spec(facts_of(kind, [("adamw", 0.2, "ok"), ("sgd", 0.3, "ok")]), "zh")
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["sgd", "adamw"]
