"""Procedures on machines whose limits are known in closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from playnote.procedures.measure.clipping import clipping
from playnote.procedures.measure.contract import Point
from playnote.procedures.measure.lr import lr
from playnote.procedures.measure.remedy import remedy
from playnote.procedures.measure.seeds import seeds
from playnote.procedures.measure.stability import stability
from playnote.procedures.measure.warmup import warmup
from playnote.testing.machines import drive, made_bench, quadratic, quartic, spiky


@pytest.mark.parametrize("curvature", [0.3, 1.0, 7.0])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_bracket_holds_the_limit_of_a_quadratic_and_is_no_wider_than_asked(curvature, beta):
    machine = quadratic(curvature, beta, steps=600)
    found, seen = drive(lr(made_bench(steps=600)), machine)
    result = dict(found.results)["lr"]
    assert result["stable"] <= 2 * (1 + beta) / curvature <= result["unstable"]
    assert result["unstable"] / result["stable"] <= 1.25 + 1e-9
    assert len(seen) <= 20


@pytest.mark.parametrize(("peak", "shortest"), [(10, 6), (20, 12), (200, 116)])
def test_the_shortest_stable_warmup_of_a_quartic_is_found_exactly(peak, shortest):
    bench = made_bench(options={"multiple": peak / 2, "tolerance": 0.0}, steps=4000, baseline={"lr": 1.0})
    found, _ = drive(_with_known(bench, warmup, unstable=2.0), quartic(steps=4000))
    result = dict(found.results)["warmup"]
    assert (result["peak"], result["shortest"]) == (peak, shortest)
    assert found.label == "yes"
    assert found.edits["baseline", "warmup_steps"] == shortest


@pytest.mark.parametrize(("peak", "shortest"), [(10, 6), (20, 12), (200, 116)])
def test_every_shorter_warmup_of_the_quartic_diverges_and_no_longer_one_does(peak, shortest):
    def diverges(warmup):
        point = Point(configuration={"lr": peak, "warmup_steps": warmup}, seed=0, steps=10 * warmup + 200)
        return quartic()(point).diverged

    assert all(diverges(warmup) for warmup in range(shortest))
    assert not any(diverges(warmup) for warmup in range(shortest, 2 * shortest + 20))


def _with_known(bench, procedure, unstable, best=0.5):
    from playnote.playbook.facts.measurements import Measured, Measurement

    known = Measured({"lr": (Measurement(1, "", {"best": best, "unstable": unstable, "stable": best}),)})
    return procedure(replace(bench, measured=known))


def test_the_quartic_is_unstable_above_two():
    found, _ = drive(lr(made_bench(steps=300)), quartic(steps=300))
    result = dict(found.results)["lr"]
    assert result["stable"] <= 2.0 <= result["unstable"]


def test_where_nothing_diverges_no_upper_limit_is_claimed():
    found, _ = drive(lr(made_bench(steps=100)), quadratic(1e-9, steps=100))
    assert dict(found.results)["lr"]["unstable"] is None
    assert "Nothing was unstable" in found.message.en


def test_probes_above_lr_star_say_at_which_multiple_a_quadratic_leaves_its_path():
    found, _ = drive(_with_known(made_bench(steps=300), stability, 2.0, best=1.1), quadratic(steps=300))
    jumped = {result["factor"]: result["jumped"] for _, result in found.results}
    assert jumped == {1.25: False, 2.0: True, 5.0: True, 10.0: True}
    assert found.label == "yes"


def test_what_is_unstable_far_above_only_is_no_finding():
    found, _ = drive(_with_known(made_bench(steps=300), stability, 2.0, best=0.3), quadratic(steps=300))
    assert [result["jumped"] for _, result in found.results] == [False, False, False, True]
    assert "Stable at twice" in found.message.en


def test_rare_huge_gradients_are_cured_by_clipping_about_a_tenth_of_the_steps():
    bench = made_bench(baseline={"lr": 0.3}, steps=2000)
    machine = spiky(steps=2000, start=0.05)
    found, seen = drive(_with_known(bench, clipping, 2.0, best=0.3), machine)
    result = dict(found.results)["clipping"]
    assert result["cured"] is True
    assert result["late_worse"] is False
    assert 0.05 <= result["clipped_share"] <= 0.15
    assert 0.88 <= result["percentile"] <= 0.92
    raw, cured = (max(each.values(("train/loss",))[500:]) for each in (seen[0], seen[-1]))
    assert cured < raw / 100


def test_a_bounded_oscillation_is_not_called_a_cure():
    bench = made_bench(baseline={"lr": 2.2}, steps=400)
    found, _ = drive(_with_known(bench, clipping, 2.0, best=1.0), quadratic(steps=400))
    result = dict(found.results)["clipping"]
    assert result["cured"] is False
    assert result["late_worse"] is True
    assert found.label == "no"
    assert not found.edits
    assert "ower" in found.message.en


def test_clipping_is_called_unnecessary_where_nothing_shakes():
    bench = made_bench(baseline={"lr": 0.5}, steps=400)
    found, _ = drive(_with_known(bench, clipping, 2.0, best=0.5), spiky(share=0.0, steps=400))
    assert found.label == "no"
    assert "not needed" in found.message.en


@pytest.mark.parametrize(
    ("machine", "rate", "best", "cure"),
    [
        (quartic(steps=2000), 20.0, 0.5, "warmup"),
        (spiky(steps=2000, start=0.05), 0.3, 0.3, "clipping"),
        (quadratic(steps=2000), 2.2, 1.0, "lower-lr"),
    ],
    ids=["quartic", "spikes", "quadratic"],
)
def test_the_ladder_stops_at_the_remedy_that_cures(machine, rate, best, cure):
    bench = made_bench(baseline={"lr": rate}, steps=2000)
    found, _ = drive(_with_known(bench, remedy, 2.0, best=best), machine)
    tried = [result for _, result in found.results]
    assert [each["remedy"] for each in tried if each["cured"]] == [cure]
    assert tried[-1]["remedy"] == cure
    assert found.edits


def test_a_project_that_lacks_a_hyperparameter_hears_what_to_add():
    from playnote.errors import InputError

    bench = made_bench(without=("warmup_steps",))
    with pytest.raises(InputError) as error:
        drive(warmup(bench), quadratic())
    assert "warmup_steps" in error.value.fix.en
    assert "warmup_steps = 0" in error.value.fix.zh


def test_a_machine_that_ignores_its_seed_is_named():
    found, _ = drive(seeds(made_bench()), quadratic())
    assert found.label == "unknown"
    assert dict(found.results)["seeds"]["identical"] is True
    assert any("seed" in note.en for note in found.notes)


def test_the_spread_of_seeds_is_that_of_the_machine():
    found, seen = drive(seeds(made_bench(options={"seeds": 40})), spiky(share=0.0, sd=0.1))
    numbers = dict(found.results)["seeds"]
    scores = [each.error for each in seen]
    mean = sum(scores) / len(scores)
    assert numbers["sd"] == pytest.approx(math.sqrt(sum((s - mean) ** 2 for s in scores) / 39))
    assert numbers["low"] < numbers["sd"] < numbers["high"]


def test_a_rate_at_which_training_dies_without_diverging_is_no_stable_rate():
    def dying(point):
        seen = quadratic(steps=200)(point)
        if 0.9 < point.configuration["lr"] <= 2.0:
            loss = seen.curves["train/loss"]
            flat = replace(loss, values=np.full(len(loss), loss.values[0] * 0.98))
            return replace(seen, curves={**seen.curves, "train/loss": flat}, error=0.5)
        return seen

    found, _ = drive(lr(made_bench()), dying)
    result = dict(found.results)["lr"]
    assert result["stable"] <= 0.9 <= result["unstable"]
    assert any("learns next to nothing" in note.en for note in found.notes)
