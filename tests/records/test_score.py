"""A score is read at one step: the definition by brute force, and the laws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.recorder.formula import parse
from playnote.records.curves import Curve
from playnote.records.objective import Constraint, Objective
from playnote.records.score import read_score
from playnote.records.state import Reading

Logged = dict[str, dict[float, float]]  # metric -> step -> value
values = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
series = st.dictionaries(st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0]), values, max_size=5)
logged = st.fixed_dictionaries({}, optional={"a": series, "b": series, "c": series})
objectives = st.builds(
    Objective,
    formula=st.sampled_from(["a", "a + 2 * b", "a / b", "max(a, b, 1)", "log(a) - b", "a ** b", "-a"]),
    direction=st.sampled_from(["minimize", "maximize"]),
    read=st.sampled_from(["best", "last", "window"]),
    window=st.integers(1, 3),
    constraints=st.sampled_from(
        [(), (Constraint("c", at_most=0.5),), (Constraint("c", at_least=0.0), Constraint("b", at_most=1.0))]
    ),
)


def curves_of(metrics: Logged) -> dict[str, Curve]:
    return {
        name: Curve(np.array(sorted(points)), np.array([points[s] for s in sorted(points)]))
        for name, points in metrics.items()
    }


def by_definition(objective: Objective, metrics: Logged) -> Reading:
    """The definition, step by step, in plain Python; every value finite."""
    formula = parse(objective.formula)
    present = {name: metrics[name] for name in formula.terms if metrics.get(name)}
    missing = tuple(name for name in formula.terms if name not in present)
    steps = sorted(
        s for s in {s for p in metrics.values() for s in p} if all(s in metrics.get(n, {}) for n in formula.terms)
    )
    if missing or not steps:
        return Reading(None, missing=missing or formula.terms)

    def score(step: float) -> float:
        value = formula.evaluate({name: metrics[name][step] for name in formula.terms})
        return math.nan if value is None else value

    def held(at: list[float]) -> tuple[bool | None, tuple[str, ...]]:
        answers = []
        for c in objective.constraints:
            points = [metrics.get(c.metric, {}).get(s) for s in at]
            known = [p for p in points if p is not None]
            mean = sum(known) / len(known) if len(known) == len(at) else None
            answers.append((c.metric, c.satisfied(mean)))
        gaps = tuple(dict.fromkeys(name for name, answer in answers if answer is None))
        if any(answer is False for _, answer in answers):
            return False, gaps
        return (None if gaps else True), gaps

    if objective.read == "best":

        def rank(step: float) -> tuple[bool, int, float]:
            answers = [c.satisfied(metrics.get(c.metric, {}).get(step)) for c in objective.constraints]
            kind = max([{True: 0, None: 1, False: 2}[answer] for answer in answers], default=0)
            real = math.isfinite(score(step))
            return (not real, kind, objective.sign * score(step) if real else 0.0)

        chosen = [min(steps, key=rank)]
    else:
        chosen = steps[-(1 if objective.read == "last" else objective.window) :]
    mean = sum(score(s) for s in chosen) / len(chosen)
    feasible, gaps = held(chosen)
    return Reading(mean if math.isfinite(mean) else None, chosen[-1], feasible, gaps)


@given(objectives, logged)
def test_a_reading_is_what_the_definition_says(objective: Objective, metrics: Logged) -> None:
    found, expected = read_score(objective, curves_of(metrics), {}), by_definition(objective, metrics)
    if not any(metrics.get(name) for name in parse(objective.formula).terms):
        assert found.score is None
        assert set(parse(objective.formula).terms) <= set(found.missing)
        return
    if expected.score is None:
        assert found.score is None
    else:
        assert found.score == pytest.approx(expected.score, rel=1e-12)
    assert replace(found, score=None) == replace(expected, score=None)


@given(logged, st.sampled_from(["best", "last", "window"]))
def test_turning_metric_and_direction_around_turns_the_score_around(metrics: Logged, read: str) -> None:
    up = Objective(formula="a", direction="maximize", read=read)  # type: ignore[arg-type]
    down = Objective(formula="-a", direction="minimize", read=read)  # type: ignore[arg-type]
    one, other = read_score(up, curves_of(metrics), {}), read_score(down, curves_of(metrics), {})
    assert (one.step, one.score) == (other.step, None if other.score is None else -other.score)


@given(logged.filter(lambda m: m.get("a")), st.sampled_from([math.nan, math.inf, -math.inf]), st.data())
def test_nan_or_infinity_in_a_term_leaves_no_score_and_says_where(
    metrics: Logged, bad: float, data: st.DataObject
) -> None:
    step = data.draw(st.sampled_from(sorted(metrics["a"])))
    broken: Mapping[str, dict[float, float]] = {**metrics, "a": {**metrics["a"], step: bad}}
    reading = read_score(Objective(formula="a + 0 * a", direction="minimize"), curves_of(dict(broken)), {"a": 1.0})
    assert (reading.score, reading.step) == (None, step)


def test_a_source_without_curves_is_read_from_its_summary() -> None:
    objective = Objective(formula="f1 - latency", direction="maximize", constraints=(Constraint("memory", at_most=8),))
    assert read_score(objective, {}, {"f1": 3.0, "latency": 1.0, "memory": 8.0}) == Reading(2.0, None, True)
    assert read_score(objective, {}, {"f1": 3.0, "latency": 1.0}) == Reading(2.0, None, None, ("memory",))
    assert read_score(objective, {}, {"f1": 3.0, "memory": 9.0}) == Reading(None, None, False, ("latency",))


def test_a_summary_value_is_never_mixed_with_another_steps_curve() -> None:
    objective = Objective(formula="f1 - latency", direction="maximize")
    curves = curves_of({"f1": {0.0: 1.0, 1.0: 2.0}})
    assert read_score(objective, curves, {"latency": 1.0}) == Reading(None, missing=("latency",))


def test_a_feasible_step_goes_before_a_better_one_that_violates() -> None:
    objective = Objective(formula="error", direction="minimize", constraints=(Constraint("latency", at_most=100),))
    curves = curves_of({"error": {0.0: 0.3, 1.0: 0.1, 2.0: 0.2}, "latency": {0.0: 90.0, 1.0: 150.0, 2.0: 100.0}})
    assert read_score(objective, curves, {}) == Reading(0.2, 2.0, True)
