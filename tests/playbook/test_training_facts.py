"""Facts of gaps, stability, schedules, lengths and runs, read from made-up records with known truth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import BarredError
from playnote.guide.gate import gate
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.examples import event, objective, planned_round, project, splits, state, trial
from playnote.playbook.facts import Target
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.lengths import LengthInUse, Lengths, regime_said, steps_said
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.running import DataWait, Evaluations, Kept, fixed_steps
from playnote.playbook.facts.shapes import rises
from playnote.playbook.facts.stability import Clipping, Schedule, Stability, seen_schedule
from playnote.playbook.facts.two_lengths import TwoLengths
from playnote.records.curves import Curve
from playnote.records.project import Split
from playnote.records.state import Reading
from playnote.stats.periodicity import strongest_period


class Curves:
    """Curves by (trial, metric)."""

    def __init__(self, by_name):
        self.by_name = by_name

    def metrics(self, trial):
        return [metric for name, metric in self.by_name if name == trial]

    def curve(self, trial, metric):
        found = self.by_name.get((trial, metric))
        return None if found is None else Curve(np.asarray(found[0], float), np.asarray(found[1], float))


def made(kind, **changed):
    return Facts(state(**changed)).give(kind, Target())


def seeds(n=3, **changed):
    return tuple(trial(f"b{at}", purpose="baseline", round=0, seed=at, **changed) for at in range(n))


def read(trials, score=0.1, step=100.0):
    return {each.id: Reading(score, step=step, feasible=True) for each in trials}


def falling(rng, n=600):
    steps = np.arange(n)
    return steps, 2.0 * np.exp(-steps / 150) + 0.3 + rng.normal(0, 0.02, n)


def jumping(rng, n=600, at=350):
    steps, loss = falling(rng, n)
    return steps, loss + np.where(steps >= at, 2.0 * np.exp(-(steps - at) / 200.0), 0.0)


LARGE = {name: Split(name=name, source="line", n=5000) for name in ("train", "dev", "test")}


def test_a_planted_variance_gap_is_found_and_bias_needs_the_human_error():
    runs = seeds(summary={"train_eval/error": 0.01, "dev/error": 0.12})
    known = {"trials": runs, "readings": read(runs, 0.12), "project": project(splits=LARGE)}
    ladder = made(Ladder, **known)
    assert ladder.of("high_variance").label == "yes"
    assert ladder.open("high_variance")
    assert ladder.of("high_bias").label == "unknown"


def test_an_accuracy_gives_the_same_gaps_as_the_error():
    errors = seeds(summary={"train_eval/error": 0.01, "dev/error": 0.12})
    hits = seeds(summary={"train_eval/acc": 0.99, "dev/acc": 0.88})
    first = made(Ladder, trials=errors, readings=read(errors, 0.12), project=project(splits=LARGE))
    of = project(splits=LARGE, objective=objective(formula="dev/acc", direction="maximize"))
    second = made(Ladder, trials=hits, readings=read(hits, 0.88), project=of)
    for gap in ("high_variance", "high_bias", "data_mismatch"):
        assert first.of(gap).label == second.of(gap).label
    assert first.of("high_variance").estimate == pytest.approx(second.of("high_variance").estimate)


def test_a_loss_is_no_share_of_examples_so_no_gap_is_told():
    runs = seeds(summary={"train_eval/loss": 0.1, "dev/loss": 0.5})
    of = project(splits=LARGE, objective=objective(formula="dev/loss"))
    assert not made(Ladder, trials=runs, readings=read(runs, 0.5), project=of).shares


def test_without_a_train_dev_and_with_other_sources_variance_and_mismatch_are_not_told_apart():
    runs = seeds(summary={"train_eval/error": 0.01, "dev/error": 0.12})
    apart = {**LARGE, "train": Split(name="train", source="web", n=5000)}
    ladder = made(Ladder, trials=runs, readings=read(runs, 0.12), project=project(splits=apart))
    assert ladder.of("high_variance").label == "unknown"
    assert ladder.of("data_mismatch").label == "unknown"


def test_a_training_loop_error_is_not_taken_for_the_evaluation_mode_one():
    runs = seeds(summary={"train/error": 0.01, "dev/error": 0.12})
    ladder = made(Ladder, trials=runs, readings=read(runs, 0.12), project=project(splits=LARGE))
    assert ladder.of("high_variance").label == "unknown"


def stability(rng, *shapes, **changed):
    runs = seeds(len(shapes), **changed)
    curves = {(each.id, "train/loss"): shape(rng) for each, shape in zip(runs, shapes, strict=True)}
    return made(Stability, trials=runs, curves=Curves(curves), rounds=())


def test_two_runs_that_jump_make_training_unstable_and_one_alone_only_hints():
    rng = np.random.default_rng(3)
    assert stability(rng, jumping, jumping, falling).open
    one = stability(rng, jumping, falling, falling)
    assert not one.open
    assert one.hinted
    clean = stability(rng, falling, falling, falling)
    assert not clean.hinted
    assert clean.looked


def test_a_run_that_lost_its_numbers_counts_once():
    rng = np.random.default_rng(4)
    runs = (*seeds(2), trial("b9", purpose="baseline", round=0, outcome="nan"))
    steps, loss = falling(rng)
    lost = np.where(steps > 400, np.nan, loss)
    curves = {
        ("b0", "train/loss"): falling(rng),
        ("b1", "train/loss"): falling(rng),
        ("b9", "train/loss"): (steps, lost),
    }
    found = made(Stability, trials=runs, curves=Curves(curves), rounds=())
    assert found.diverged + len(found.shaking) == 1
    assert not found.open


def test_an_unstable_baseline_bars_a_large_round_and_lets_a_small_one_look_for_the_cause():
    rng = np.random.default_rng(5)
    runs = seeds()
    curves = {(each.id, "train/loss"): jumping(rng) for each in runs}
    rule = BY_ID["G2-no-tuning-unstable"]
    large = state(trials=runs, curves=Curves(curves), rounds=(planned_round(points=12),))
    small = state(trials=runs, curves=Curves(curves), rounds=(planned_round(scientific={"dropout": (0.0, 0.2)}),))
    assert judge_rules((rule,), large)[0].status == "fail"
    assert judge_rules((rule,), small)[0].status == "warn"
    assert "round new" in rule.bars


@given(warmup=st.integers(10, 200), peak=st.floats(1e-4, 1.0), total=st.integers(400, 2000), flat=st.booleans())
def test_a_linear_warmup_is_read_back_from_the_logged_rate(warmup, peak, total, flat):
    steps = np.arange(total)
    after = np.ones(total) if flat else np.cos(np.pi / 2 * np.clip((steps - warmup) / (total - warmup), 0, 1))
    rate = peak * np.where(steps < warmup, steps / warmup, after)
    seen = seen_schedule(Curve(steps.astype(float), rate))
    assert seen.warmup == pytest.approx(warmup, abs=warmup * 0.01 + 1)
    assert seen.straight
    assert seen.flat == flat
    assert seen.peak == pytest.approx(peak, rel=1e-3)
    assert seen.decays == (not flat)


def test_a_cosine_rise_is_no_straight_line_and_a_constant_rate_has_no_warmup():
    steps = np.arange(500.0)
    bent = np.where(steps < 150, (1 - np.cos(np.pi * steps / 150)) / 2, 1.0)
    assert seen_schedule(Curve(steps, bent)).straight is False
    constant = seen_schedule(Curve(steps, np.full(500, 0.1)))
    assert constant.warmup == 0
    assert constant.flat


@given(every=st.integers(1, 500), n=st.integers(3, 60), last=st.floats(0.1, 1.0))
def test_fixed_steps_with_a_short_last_stretch_are_fixed(every, n, last):
    steps = np.arange(1, n + 1) * float(every)
    assert fixed_steps(np.append(steps, steps[-1] + last * every))


def test_evaluations_by_the_clock_are_not_at_fixed_steps():
    rng = np.random.default_rng(6)
    steps = np.cumsum(rng.integers(80, 120, 30)).astype(float)
    assert fixed_steps(steps) is False


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        ("compute-bound", True),
        ("yes, limited", True),
        ("not compute-bound", False),
        ("受限", True),
        ("不受限", False),
        ("不受算力限制", False),
        ("hm", None),
        (None, None),
    ],
)
def test_the_compute_limit_is_read_from_an_answer(words, bound):
    assert regime_said(words) is bound


@pytest.mark.parametrize(
    ("words", "steps"), [("20000", 2e4), ("about 20,000 steps", 2e4), ("2e5", 2e5), ("many", None)]
)
def test_a_number_of_steps_is_read_from_an_answer(words, steps):
    assert steps_said(words) == steps


def two_rounds(order):
    """Five configurations, trained 100 steps in round 1 and 1000 in round 2, with these scores in round 2."""
    first = tuple(
        trial(
            f"s{at}",
            round=1,
            total_steps=100,
            configuration={"lr": 0.1 * (at + 1), "weight_decay": 0.0, "dropout": 0.0},
        )
        for at in range(5)
    )
    second = tuple(replace(each, id=f"l{at}", round=2, total_steps=1000) for at, each in enumerate(first))
    readings = {f"s{at}": Reading(0.1 + 0.01 * at) for at in range(5)}
    readings |= {f"l{at}": Reading(score) for at, score in enumerate(order)}
    rounds = (planned_round(studies=()), planned_round(number=2, studies=()))
    answers = (
        event("answer", rule="G1-declare-regime", answer="bound"),
        event("answer", rule="G1-round1-short", answer="1000"),
    )
    return {"trials": (*first, *second), "readings": readings, "rounds": rounds, "journal": answers}


def test_the_order_of_a_short_and_a_long_round_is_compared():
    kept = made(TwoLengths, **two_rounds([0.05, 0.06, 0.07, 0.08, 0.09]))
    flipped = made(TwoLengths, **two_rounds([0.09, 0.08, 0.07, 0.06, 0.05]))
    assert kept.order.label == "yes"
    assert flipped.order.label != "yes"


def test_round_lengths_are_shares_of_the_final_training():
    lengths = made(Lengths, **two_rounds([0.1] * 5))
    assert lengths.bound is True
    assert [lengths.share(at) for at in (0, 1)] == [0.1, 1.0]


def test_a_planned_round_without_trials_counts_with_its_planned_steps():
    known = (
        event("answer", rule="G1-declare-regime", answer="bound"),
        event("answer", rule="G1-round1-short", answer="1000"),
    )
    planned = state(trials=seeds(), journal=known)
    verdict = judge_rules((BY_ID["G1-no-full-budget-first"],), planned)[0]
    assert verdict.status == "fail"


def test_checkpoints_predictions_and_waiting_are_read_from_what_trials_recorded():
    facts = {
        "checkpoints": [
            {"file": "a.pt", "step": 50.0, "score": 0.2, "kept": ["a.pt"]},
            {"file": "b.pt", "step": 100.0, "score": 0.1, "kept": ["a.pt", "b.pt"]},
        ],
        "predictions": [{"split": "dev", "file": "p.gz", "n": 500}],
        "inputs": [
            {"steps": 10, "first": 0.5, "waited": 2.0, "seconds": 8.0},
            {"steps": 10, "waited": 0.0, "seconds": 2.0},
        ],
    }
    one = trial(facts=facts)
    kept = made(Kept, trials=(one,), readings={one.id: Reading(0.1, step=100.0)})
    assert kept.best_kept
    assert kept.best_scored
    assert kept.predictions == (("dev", 500),)
    assert made(DataWait, trials=(one,)).share == pytest.approx(0.2)


def test_evaluations_are_counted_on_the_objectives_own_curve():
    one = trial()
    found = made(
        Evaluations, trials=(one,), curves=Curves({(one.id, "dev/error"): (np.arange(1, 21) * 50, np.ones(20))})
    )
    assert found.counts == (20,)
    assert found.regular == (True,)


def test_clipping_reads_its_threshold_and_refuses_norms_logged_after_it():
    rng = np.random.default_rng(7)
    norms = (np.arange(400), np.exp(rng.normal(0, 0.3, 400)))
    before = {"trials": seeds(facts={"clip_norm": 1.5, "grad_norm_clipped": False})}
    after = {"trials": seeds(facts={"clip_norm": 1.5, "grad_norm_clipped": True})}
    curves = Curves({("b0", "grad_norm"): norms})
    told = made(Clipping, **before, curves=curves)
    assert told.threshold == 1.5
    assert told.finding.label == "no"
    assert made(Clipping, **after, curves=curves).finding.label == "unknown"


def test_the_latest_measurement_of_a_procedure_counts():
    journal = (
        event("measurement", 1, name="lr", result={"best": 0.1}),
        event("measurement", 2, name="lr", result={"best": 0.2, "listed": [1, 2]}, verdict="yes"),
    )
    found = made(Measured, journal=journal)
    assert found.last("lr").number_of("best") == 0.2
    assert found.last("lr").numbers("listed") == (1.0, 2.0)
    assert len(found.all("lr")) == 2
    assert found.last("warmup") is None


def test_length_in_use_is_judged_by_where_the_best_steps_lie():
    trials = tuple(trial(f"t{at:04d}", total_steps=1000) for at in range(5))
    early = made(LengthInUse, trials=trials, readings=read(trials, step=40.0))
    assert early.finding.verdict == "too-long"
    assert early.shares == (0.04,) * 5


def test_a_rising_loss_is_told_from_noise():
    rng = np.random.default_rng(8)
    assert rises(np.linspace(1, 3, 300) + rng.normal(0, 0.3, 300))
    flat = [rises(rng.normal(0, 1, 300)) for _ in range(400)]
    assert sum(flat) <= 12  # nominal 1 % (mean 4); 12 or more has probability below 0.001
    assert rises(np.ones(20)) is None


def test_a_planted_period_is_found_and_white_noise_keeps_its_rate():
    rng = np.random.default_rng(9)
    at = np.arange(40)
    swing = 0.3 * np.exp(-at / 10) + 0.02 * np.sin(2 * np.pi * at / 5)
    found = [strongest_period(swing + rng.normal(0, 0.01, 40)) for _ in range(50)]
    assert all(each.length == pytest.approx(5, rel=0.05) for each in found)
    assert sum(each.p < 0.01 for each in found) >= 45
    null = [strongest_period(0.3 * np.exp(-at / 10) + rng.normal(0, 0.01, 40)).p for _ in range(1000)]
    assert sum(p < 0.05 for p in null) <= 75  # nominal 5 % (mean 50); more than 75 has probability below 0.0005


def test_a_shared_period_of_dev_curves_is_read_off_the_baseline():
    rng = np.random.default_rng(11)
    runs, at = seeds(), np.arange(1, 31)
    curves = {
        (each.id, "dev/error"): (at * 50, np.exp(-at / 8) + 0.05 * np.sin(at * 2 * np.pi / 5) + rng.normal(0, 0.01, 30))
        for each in runs
    }
    known = state(trials=runs, curves=Curves(curves), rounds=())
    assert judge_rules((BY_ID["X+periodicity"],), known)[0].status == "warn"
    plain = {key: (steps, np.exp(-at / 8) + rng.normal(0, 0.01, 30)) for key, (steps, _) in curves.items()}
    assert (
        judge_rules((BY_ID["X+periodicity"],), state(trials=runs, curves=Curves(plain), rounds=()))[0].status == "pass"
    )


def test_a_schedule_is_unknown_where_no_run_logged_its_rate():
    assert made(Schedule, trials=seeds()).seen is None


def test_a_fresh_project_breaks_no_rule():
    fresh = state(project=project(splits=splits()), trials=(), readings={}, rounds=())
    assert [v.rule for v in judge_rules(CATALOG, fresh) if v.status == "fail"] == []


def test_the_gate_refuses_a_large_round_on_an_unstable_baseline_and_a_full_length_first_round():
    rng = np.random.default_rng(10)
    runs = seeds()
    shaking = Curves({(each.id, "train/loss"): jumping(rng) for each in runs})
    steady = Curves({(each.id, "train/loss"): falling(rng) for each in runs})
    plan = {"trials": runs, "readings": read(runs), "rounds": (planned_round(points=12),)}
    assert gate("round new", state(**plan, curves=steady), 1).operation == "round new"
    with pytest.raises(BarredError) as barred:
        gate("round new", state(**plan, curves=shaking), 1)
    assert barred.value.bar.rule == "G2-no-tuning-unstable"
    bound = (
        event("answer", rule="G1-declare-regime", answer="bound"),
        event("answer", rule="G1-round1-short", answer="1000"),
    )
    with pytest.raises(BarredError) as barred:
        gate("round new", state(**plan, curves=steady, journal=bound), 1)
    assert barred.value.bar.rule == "G1-no-full-budget-first"
