"""The gate bars what a rule forbids and names the way out; the next step alternates asking and measuring."""

from dataclasses import replace

import pytest

from playnote.errors import BarredError
from playnote.guide.gate import gate
from playnote.guide.next_step import next_step
from playnote.guide.stage import stage_of
from playnote.playbook.catalog import CATALOG
from playnote.playbook.examples import event, objective, planned_round, project, state, trial
from playnote.records.state import Reading


def with_baseline(**changed):
    runs = tuple(trial(f"b{at}", round=0, purpose="baseline", seed=at) for at in range(3))
    readings = {each.id: Reading(0.1 + 0.001 * at) for at, each in enumerate(runs)}
    return state(**{"trials": runs, "readings": readings, "rounds": (), **changed})


def test_a_round_with_everything_declared_passes_the_gate():
    plan = planned_round()
    passage = gate("round new", with_baseline(rounds=(plan,)), 1)
    assert passage.verdicts
    assert not passage.waived


def test_a_baseline_at_chance_bars_a_round_and_names_rule_evidence_and_way_out():
    runs = tuple(trial(f"b{at}", round=0, purpose="baseline", seed=at) for at in range(3))
    at_chance = with_baseline(trials=runs, readings={each.id: Reading(0.9) for each in runs}, rounds=(planned_round(),))
    with pytest.raises(BarredError) as barred:
        gate("round new", at_chance, 1)
    assert barred.value.bar.rule == "D4-beats-chance"
    assert barred.value.exit_code == 3
    assert "playnote waive D4-beats-chance" in barred.value.bar.waiver


def test_a_waiver_opens_the_gate_and_stays_in_what_is_recorded():
    waived = with_baseline(
        project=project(objective=objective(min_effect=None)),
        rounds=(planned_round(),),
        journal=(event("waiver", rule="C1-decide-score", because="a first look"),),
    )
    assert "C1-decide-score" in gate("round new", waived, 1).as_json()["waived"]


def test_selecting_on_test_is_barred_even_when_the_file_is_edited_after_the_plan():
    edited = with_baseline(project=project(objective=objective(formula="test/error")), rounds=(planned_round(),))
    with pytest.raises(BarredError) as barred:
        gate("round run", edited, 1)
    assert barred.value.bar.rule == "C2-dev-role"


def test_a_failed_prerequisite_bars_running_through_the_roll_up():
    answered = with_baseline(rounds=(planned_round(),), journal=(event("answer", rule="B-data-cleaned", answer="no"),))
    with pytest.raises(BarredError) as barred:
        gate("round run", answered, 1)
    assert barred.value.bar.rule == "B-gate"


def test_every_stage_has_one_next_step_with_a_command_and_a_reason():
    plan = planned_round()
    ended = tuple(trial(each.id, configuration=each.configuration, seed=each.seed) for each in plan.planned)
    everything = with_baseline(rounds=(plan,))
    states = {
        "declare": state(project=project(objective=objective(min_effect=None)), trials=(), rounds=()),
        "baseline": state(trials=(), rounds=()),
        "plan": with_baseline(),
        "run": everything,
        "decide": replace(
            everything,
            trials=(*everything.trials, *ended),
            readings={**everything.readings, **{each.id: Reading(0.1, feasible=True) for each in ended}},
        ),
    }
    for stage, at in states.items():
        assert stage_of(at) == stage
        step = next_step(at)
        assert step.command.startswith("playnote ")
        assert step.what.zh
        assert step.why.zh
        assert step.because


def test_two_declarations_are_never_asked_in_a_row():
    asked = next_step(with_baseline())
    assert asked.asks
    after = with_baseline(journal=(event("answer", rule=asked.because[0], answer="yes"),))
    assert not next_step(after).asks


def test_every_bar_names_an_operation_that_exists():
    from playnote.service.operations import OPERATIONS

    verbs = {operation.cli for operation in OPERATIONS}
    assert {bar for rule in CATALOG for bar in rule.bars} <= verbs
