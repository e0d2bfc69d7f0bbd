"""A rate at which training dies need not diverge: it ends where a model that learned nothing is."""

import math
from dataclasses import replace

import numpy as np
import pytest

from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.lr import lr
from playnote.records.curves import Curve
from playnote.testing.machines import drive, made_bench

CHANCE = 4.4


def language_model(point):
    """Falls from 6.6 to 3 at good rates; above 0.1 it falls to what letters alone tell, 4.4, and stays there."""
    rate, steps = point.configuration["lr"], np.arange(200.0)
    end = CHANCE if rate > 0.1 else 3.0 + 0.4 * abs(math.log10(rate / 0.03))
    loss = end + (6.6 - end) * np.exp(-steps / 20) + 0.01 * np.cos(7 * steps)
    curves = {"train/loss": Curve(steps, loss), "grad_norm": Curve(steps, np.ones(200))}
    return Seen(point=point, trial=f"t{rate}", outcome="ok", error=end, curves=curves)


def failing_above_ten(point):
    seen = language_model(point)
    return replace(seen, outcome="failed:code", curves={}, error=None) if point.configuration["lr"] > 10 else seen


def bench_with(chance):
    bench = made_bench(baseline={"lr": 0.03})
    return replace(bench, project=replace(bench.project, objective=replace(bench.project.objective, chance=chance)))


def test_a_rate_that_ends_at_what_guessing_scores_counts_as_unstable():
    found, _ = drive(lr(bench_with(CHANCE)), language_model)
    result = dict(found.results)["lr"]
    assert result["stable"] <= 0.1 <= result["unstable"]
    assert result["best"] == pytest.approx(0.03, rel=1.0)
    assert any("learns next to nothing" in note.en for note in found.notes)


def test_without_a_declared_chance_level_nothing_is_claimed_of_it():
    found, _ = drive(lr(bench_with(None)), language_model)
    assert dict(found.results)["lr"]["unstable"] is None


def test_rates_whose_trials_failed_are_not_said_to_be_stable_and_the_grid_is_not_extended_over_them():
    found, seen = drive(lr(bench_with(None)), failing_above_ten)
    assert "Nothing was unstable up to 10." in found.message.en
    assert sum(each.outcome.startswith("failed") for each in seen) <= 2
