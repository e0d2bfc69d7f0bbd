"""Batch sizes, transfer and domain weights at equal tuning, where it is known which value is better."""

import math

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.procedures.measure.arms import run_arms, wish_of
from playnote.procedures.measure.arms_judging import judge_arms
from playnote.procedures.measure.batch_compare import batch_size_compare
from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.domain_weights import domain_weights
from playnote.procedures.measure.transfer_strategy import transfer_strategy
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.testing.choice_machines import Response, bench_with
from playnote.testing.machines import drive

LR = Float(name="lr", low=0.001, high=1.0, scale="log", group="optimizer")
RUNGS = Categorical(name="transfer", choices=("head", "partial", "full", "scratch"))


def sizes(**more):
    size = Integer(name="batch_size", low=8, high=512, scale="log")
    return bench_with((LR, size), {"lr": 0.1, "batch_size": 32}, **more)


def rungs(**more):
    return bench_with((LR, RUNGS), {"lr": 0.1, "transfer": "scratch"}, **more)


def strengths(**more):
    return bench_with((LR, Float(name="domain_weight", low=0.0, high=1.0)), {"lr": 0.1, "domain_weight": 0.0}, **more)


def result(found):
    return found.results[0][1]


def ridge(point):
    """Ridge regression by mini-batch gradient descent, run until it has converged: the optimum is the same for every batch."""
    rng = np.random.default_rng(3)
    x, true = rng.normal(size=(256, 3)), np.array([1.0, -0.5, 0.25])
    y = x @ true + 0.1 * rng.normal(size=256)
    dev_x = rng.normal(size=(512, 3))
    dev_y = dev_x @ true + 0.1 * rng.normal(size=512)
    beta, rate, size = np.zeros(3), point.configuration["lr"], int(point.configuration["batch_size"])
    order = np.random.default_rng(point.seed)
    for step in range(500):
        rows = order.integers(0, 256, size)
        # the rate falls to nothing, so that the noise of the batch does too
        beta -= rate * (1 - step / 500) * (x[rows].T @ (x[rows] @ beta - y[rows]) / size + 1e-3 * beta)
        if not np.isfinite(beta).all() or np.abs(beta).max() > 1e6:
            return Seen(point=point, trial="t", outcome="nan")
    error = float(np.mean((dev_x @ beta - dev_y) ** 2))
    return Seen(point=point, trial=f"{size}/{rate}/{point.seed}", outcome="ok", error=error)


def test_batch_sizes_that_converge_to_one_optimum_are_said_to_end_alike():
    found, _ = drive(batch_size_compare(sizes(options={"other": 128, "seeds": 3}, min_effect=0.001)), ridge)
    assert result(found)["outcome"] == "no-difference"
    assert found.label == "yes"
    assert not found.edits
    assert {each["verdict"] for each in result(found)["against"]} == {"same"}


@pytest.mark.parametrize("optimum", [12.0, 40.0])
def test_a_size_whose_range_of_rates_is_cut_makes_it_unfair_and_not_different(optimum):
    machine = Response("batch_size", {32: 0.1, 128: 0.1}, optima={128: optimum})
    found, _ = drive(batch_size_compare(sizes()), machine)
    assert result(found)["outcome"] == "unfair"
    assert found.label == "unknown"
    assert any("outside the range" in note.en for note in found.notes)


def test_a_real_difference_is_called_one_and_sends_to_steps_and_batch_norm_first():
    found, _ = drive(batch_size_compare(sizes()), Response("batch_size", {32: 0.1, 128: 0.16}))
    assert result(found)["outcome"] == "difference"
    assert any("batch norm" in note.en for note in found.notes)
    assert not found.edits


def test_every_size_gets_the_same_points_and_the_same_fresh_seeds():
    _, seen = drive(batch_size_compare(sizes()), Response("batch_size", {32: 0.1, 128: 0.1}))
    by_size = {
        size: [(s.point.configuration["lr"], s.point.seed) for s in seen if s.point.configuration["batch_size"] == size]
        for size in (32, 128)
    }
    assert by_size[32][:12] == by_size[128][:12]
    assert [seed for _, seed in by_size[32][12:]] == [seed for _, seed in by_size[128][12:]]
    # what chose the best never counts for it
    tuning, fresh = ({seed for _, seed in part} for part in (by_size[32][:12], by_size[32][12:]))
    assert not tuning & fresh


def test_what_a_batch_change_asks_to_tune_again_is_tuned_for_each_size():
    size = Integer(name="batch_size", low=8, high=512, scale="log")
    decay = Float(name="weight_decay", low=1e-5, high=0.1, scale="log", group="regularization")
    bench = bench_with((LR, size, decay), {"lr": 0.1, "batch_size": 32, "weight_decay": 1e-3})
    found, seen = drive(batch_size_compare(bench), Response("batch_size", {32: 0.1, 128: 0.1}))
    assert set(result(found)["tuned"]) == {"lr", "weight_decay"}
    assert len({each.point.configuration["weight_decay"] for each in seen[:12]}) == result(found)["trials"] == 12


def test_without_min_effect_no_difference_is_large_or_small():
    found, _ = drive(batch_size_compare(sizes(min_effect=None)), Response("batch_size", {32: 0.1, 128: 0.3}))
    assert found.label == "unknown"
    assert any("min_effect" in note.en for note in found.notes)


def test_the_cheapest_rung_that_is_no_worse_than_the_best_is_taken():
    machine = Response("transfer", {"head": 0.1, "partial": 0.1, "full": 0.1, "scratch": 0.2})
    found, _ = drive(transfer_strategy(rungs()), machine)
    assert found.label == "yes"
    assert result(found)["best"] == "head"
    assert found.edits["baseline", "transfer"] == "head"
    assert result(found)["head_only"]
    assert result(found)["fine_tuned"]
    assert result(found)["low"] > 0


@pytest.mark.parametrize(
    ("floors", "best"),
    [
        ({"head": 0.2, "partial": 0.15, "full": 0.1, "scratch": 0.25}, "full"),
        ({"head": 0.3, "partial": 0.3, "full": 0.3, "scratch": 0.2}, "scratch"),
    ],
    ids=["features rotated", "unrelated features"],
)
def test_the_rung_that_wins_is_proposed_and_negative_transfer_is_named(floors, best):
    found, _ = drive(transfer_strategy(rungs()), Response("transfer", floors))
    assert result(found)["best"] == best
    assert ("baseline", "transfer") in found.edits or best == "scratch"
    assert any("negative transfer" in note.en for note in found.notes) == (best == "scratch")


def test_rungs_with_rates_of_their_own_are_each_tuned_to_theirs():
    optima = {"head": 0.5, "full": 0.005}
    machine = Response("transfer", dict.fromkeys(RUNGS.choices, 0.1), optima=optima, bend=0.2)
    found, _ = drive(transfer_strategy(rungs(options={"trials": 16})), machine)
    tuned = {row["transfer"]: row["lr"] for row in found.rows}
    assert abs(math.log10(tuned["head"] / 0.5)) < 0.3
    assert abs(math.log10(tuned["full"] / 0.005)) < 0.3


def test_a_rung_whose_best_configuration_diverges_with_fresh_seeds_is_not_taken():
    def machine(point):
        seen = Response("transfer", {"head": 0.05, "partial": 0.2, "full": 0.2, "scratch": 0.2})(point)
        fragile = point.configuration["transfer"] == "head" and point.seed % 2 == 0 and point.seed >= 700_012
        return Seen(point=point, trial=seen.trial, outcome="nan") if fragile else seen

    found, _ = drive(transfer_strategy(rungs()), machine)
    assert result(found)["best"] is None
    assert found.label == "unknown"


def test_a_project_without_such_a_choice_hears_what_to_declare():
    with pytest.raises(InputError) as error:
        next(transfer_strategy(sizes()))
    assert 'choices = ["head", "partial", "full", "scratch"]' in error.value.fix.en
    with pytest.raises(InputError, match="says how strongly"):
        next(domain_weights(sizes()))
    fixed = bench_with((RUNGS,), {"transfer": "head"})
    with pytest.raises(InputError, match="no learning rate"):
        next(transfer_strategy(fixed))


def test_weighting_that_pays_is_proposed_with_its_rate():
    facts = {"weights": {"used_test": False, "effective_share": 0.4}}
    found, _ = drive(
        domain_weights(strengths()), Response("domain_weight", {0.0: 0.2, 0.5: 0.1, 1.0: 0.15}, facts=facts)
    )
    assert found.label == "yes"
    assert found.edits["baseline", "domain_weight"] == 0.5
    assert ("baseline", "lr") in found.edits
    assert result(found)["effective_share"] == 0.4
    assert result(found)["used_test"] is False


def test_weighting_that_does_not_pay_is_not_proposed_and_few_examples_left_are_named():
    facts = {"weights": {"used_test": False, "effective_share": 0.05}}
    found, _ = drive(
        domain_weights(strengths()),
        Response("domain_weight", dict.fromkeys((0.0, 0.5, 1.0), 0.2), noise=0.001, facts=facts),
    )
    assert found.label == "no"
    assert not found.edits
    assert any("5%" in note.en for note in found.notes)


def test_weights_made_with_test_void_everything():
    facts = {"weights": {"used_test": True, "effective_share": 0.4}}
    found, _ = drive(
        domain_weights(strengths()), Response("domain_weight", {0.0: 0.2, 0.5: 0.1, 1.0: 0.1}, facts=facts)
    )
    assert found.label == "no"
    assert not found.edits
    assert result(found)["used_test"] is True


def test_failures_that_are_not_the_configurations_are_missing_and_never_divergence():
    def machine(point):
        seen = Response("transfer", dict.fromkeys(RUNGS.choices, 0.2))(point)
        return Seen(point=point, trial="f", outcome="failed:infra") if point.seed == 700_003 else seen

    bench = rungs(options={"trials": 8})
    wish = wish_of(bench, "transfer", ("scratch", "head"), ("lr",))
    stream = run_arms(bench, wish)
    ask = next(stream)
    try:
        while True:
            ask = stream.send(tuple(machine(point) for point in ask.points))
    except StopIteration as end:
        facts = judge_arms(end.value, 0.01, bench.settings)
    assert facts.tried == (7, 7)
    assert facts.lost == (0, 0)
    assert any("7 tuning trials" in note.en for note in facts.unfair)  # fewer than are needed: no conclusion
