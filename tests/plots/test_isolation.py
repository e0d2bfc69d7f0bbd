"""The isolation plot shows scores in the metric's own direction, best beside expected best."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playnote.diagnosis.isolation import IsolationFacts, LevelFacts
from playnote.playbook.examples import objective
from playnote.plots.isolation import isolation_spec


def spec_of(direction: str) -> dict[str, Any]:
    sign = 1 if direction == "minimize" else -1
    level = LevelFacts(
        value=0.2, n=3, tried=4, best=sign * 0.8, best_id="t7", expected_best=sign * 0.82, interval=(sign * 0.82 - 0.01, sign * 0.82 + 0.01),
        errors=(sign * 0.8, sign * 0.85, sign * 0.9),
    )  # fmt: skip
    facts = IsolationFacts((level, LevelFacts(value=0.4, n=0, tried=2)), baseline=0.2, budget=3, gain_budget=1)
    return isolation_spec(facts, "dropout", objective(direction=direction), "en")


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_scores_keep_their_own_sign_and_intervals_their_order(direction: str) -> None:
    rows = spec_of(direction)["data"]["values"]
    assert {round(row["score"], 2) for row in rows} == {0.8, 0.82, 0.85, 0.9}
    expected = next(row for row in rows if "low" in row)
    assert expected["low"] < expected["score"] < expected["high"]


def test_a_value_without_a_score_keeps_its_row_and_the_baseline_is_named() -> None:
    spec = spec_of("minimize")
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == ["0.2 (baseline)", "0.4"]
    json.dumps(spec, allow_nan=False)
