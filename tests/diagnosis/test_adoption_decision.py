"""What becomes of a candidate: every way to end, what it adds, and the budget over many decisions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.diagnosis.adoption import answer_adoption, measure_adoption
from playnote.diagnosis.adoption_decision import alpha_of_decision, decide
from playnote.diagnosis.complexity import added, answer_complexity, measure_complexity

WORSE = [1.00, 1.02, 0.98, 1.01, 0.99]
BETTER = [0.80, 0.82, 0.78, 0.81, 0.79]
SLIGHTLY = [0.995, 1.015, 0.975, 1.005, 0.985]


def decided(a, b, **more):
    options = {name: more.pop(name) for name in ("complexity", "broken", "seconds_per_run") if name in more}
    facts = measure_adoption(a, b, **more)
    return decide(facts, answer_adoption(facts), **options)


def free():
    return answer_complexity(measure_complexity({"lr": 1.0}, {"lr": 2.0}))


def costly():
    return answer_complexity(measure_complexity({"lr": 1.0}, {"lr": 1.0, "dropout": 0.1}))


def test_a_gain_that_matters_is_adopted_whatever_it_adds():
    assert decided(WORSE, BETTER, min_effect=0.1, complexity=costly()).outcome == "adopted"


def test_a_loss_is_rejected():
    assert decided(BETTER, WORSE, min_effect=0.1).outcome == "rejected"


@pytest.mark.parametrize(("complexity", "outcome"), [(free, "adopted"), (costly, "candidate"), (None, "candidate")])
def test_a_sure_gain_below_what_matters_must_come_for_nothing(complexity, outcome):
    pairs = {"min_effect": 0.05, "pairs": True}
    found = decided(WORSE, np.array(SLIGHTLY) + 1e-4 * np.arange(5), complexity=complexity and complexity(), **pairs)
    assert found.outcome == outcome


def test_an_open_question_has_its_price_in_runs_and_time():
    found = decided([1.0, 1.2, 0.9, 1.1], [0.9, 1.1, 0.8, 1.0], min_effect=0.1, seconds_per_run=60.0)
    assert found.outcome == "candidate"
    assert found.seconds == 2 * found.more_runs * 60.0
    assert str(found.more_runs) in found.because.en
    assert str(found.more_runs) in found.because.zh


def test_one_run_an_arm_is_kept_as_a_candidate_and_a_broken_constraint_is_not():
    assert decided([1.0], [0.1], min_effect=0.1).outcome == "candidate"
    assert decided(WORSE, BETTER, broken=("latency_ms",)).outcome == "rejected"


def test_a_candidate_that_fails_more_often_is_not_adopted():
    nan = float("nan")
    assert decided(WORSE, [0.8, nan, nan, nan, 0.79, 0.81], min_effect=0.1).outcome != "adopted"


def test_a_machine_spends_one_alpha_over_all_its_decisions():
    levels = [alpha_of_decision(earlier, 0, automatic=True) for earlier in range(500)]
    assert sum(levels) <= 0.05
    assert alpha_of_decision(9, 0, automatic=False) == 0.05
    assert alpha_of_decision(9, 4, automatic=True) > alpha_of_decision(9, 0, automatic=True)


def test_hyperparameters_in_use_are_told_from_those_switched_off():
    facts = measure_complexity({"lr": 1, "wd": 0.1}, {"lr": 2, "wd": 0.0, "dropout": 0.3}, off={"wd": 0.0})
    assert facts.hyperparameters == ("dropout",)
    assert facts.dropped == ("wd",)
    assert added([facts, replace(facts, hyperparameters=("ema",))]) == ("dropout", "ema")


def test_slower_runs_are_complexity_and_noise_in_their_time_is_not():
    rng = np.random.default_rng(0)
    base = 100 * np.exp(rng.normal(0, 0.01, 6))
    slower = answer_complexity(measure_complexity({}, {}, seconds=(base, 1.1 * base)))
    faster = answer_complexity(measure_complexity({}, {}, seconds=(base, 0.9 * base)))
    assert slower.label == "yes"
    assert slower.estimate == pytest.approx(0.1)
    assert faster.label == "no"


def test_a_time_that_may_have_grown_is_unknown_and_nothing_measured_too():
    wild = answer_complexity(measure_complexity({}, {}, seconds=([90.0, 120.0], [100.0, 130.0])))
    assert wild.label == "unknown"
    assert answer_complexity(measure_complexity()).label == "unknown"


@given(st.lists(st.floats(1, 1e4), min_size=2, max_size=6), st.lists(st.floats(1, 1e4), min_size=2, max_size=6))
def test_the_unit_of_time_does_not_matter(first, second):
    seconds = measure_complexity(seconds=(first, second)).time
    hours = measure_complexity(seconds=([x / 3600 for x in first], [x / 3600 for x in second])).time
    assert hours.change == pytest.approx(seconds.change, rel=1e-6, abs=1e-9)


def test_what_it_adds_is_said_in_both_languages():
    note = answer_complexity(
        measure_complexity({"a": 1}, {"a": 1, "b": 2}, seconds=([1.0, 1.0, 1.01], [1.03, 1.03, 1.04]), code_lines=12)
    ).note
    assert "b" in note.en
    assert "b" in note.zh
    assert "+3 %" in note.en
    assert "12" in note.zh
