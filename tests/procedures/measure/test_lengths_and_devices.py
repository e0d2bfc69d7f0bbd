"""Batch size on made-up devices, and training length on problems with a closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from playnote.procedures.measure.batch_size import batch_size
from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.regime import regime
from playnote.procedures.measure.retune import rate_centres, to_retune
from playnote.procedures.measure.round_transfer import round_transfer
from playnote.procedures.measure.steps import steps
from playnote.records.curves import Curve
from playnote.testing.machines import Device, drive, made_bench, quadratic


def ladder_of(device, **options):
    found, seen = drive(batch_size(made_bench(options={"start": 8, **options})), device)
    return found, dict(found.results)["batch-size"], seen


def test_the_memory_limit_and_the_knee_of_a_device_are_found():
    # knee at 0.01 / 1e-4 = 100 examples; 900 fit, so 512 is the last power of two
    found, numbers, _ = ladder_of(Device())
    assert numbers["largest"] == 512
    assert numbers["knee"] == pytest.approx(100, rel=0.3)
    assert numbers["chosen"] in (64, 128)
    assert numbers["capped"] is False
    assert found.label == "yes"
    assert found.edits == {("baseline", "batch_size"): numbers["chosen"]}


def test_a_loader_that_sleeps_is_named_as_the_bottleneck_and_no_size_is_proposed():
    found, _numbers, _ = ladder_of(Device(loader=0.01 / 32))
    assert "waits for its data" in found.message.en
    assert not found.edits
    assert any(row["limit"] == "waiting" for row in found.rows)


def test_saturation_is_told_from_waiting():
    found, _, _ = ladder_of(Device())
    limits = [row["limit"] for row in found.rows if row["limit"]]
    assert "saturated" in limits
    assert "waiting" not in limits


def noisy(device, draw):
    """The same device on another day: its noise drawn anew."""
    return lambda point: device(replace(point, seed=point.seed + 10_000 * draw))


def test_noise_in_step_times_moves_the_choice_by_one_doubling_at_most():
    days = [ladder_of(noisy(Device(jitter=0.15), draw))[1] for draw in range(20)]
    assert {numbers["chosen"] for numbers in days} <= {64, 128}
    assert all(numbers["largest"] == 512 for numbers in days)
    knees = np.array([numbers["knee"] for numbers in days])
    assert abs(np.median(knees) - 100) < 30


def test_a_loader_that_sleeps_is_named_through_noise_and_saturation_is_never_taken_for_it():
    for draw in range(20):
        waits, _, _ = ladder_of(noisy(Device(loader=0.01 / 32, jitter=0.1), draw))
        assert "waits for its data" in waits.message.en
        quiet, _, _ = ladder_of(noisy(Device(jitter=0.1), draw))
        assert "waiting" not in {row["limit"] for row in quiet.rows}


def test_an_out_of_memory_at_step_20_counts_as_one():
    _, numbers, seen = ladder_of(Device(late=128))
    assert numbers["largest"] == 64
    assert [row["fits"] for row in numbers["ladder"]] == [True, True, True, True, False]
    assert len(seen) == 5


def test_where_the_start_does_not_fit_the_ladder_goes_down():
    _, numbers, _ = ladder_of(Device(memory=120), start=64)
    assert numbers["largest"] == 16


def test_a_cap_is_said_to_be_one():
    _, numbers, _ = ladder_of(Device(memory=1e9), cap=64)
    assert numbers["largest"] == 64
    assert numbers["capped"] is True


def test_every_size_runs_in_a_process_of_its_own():
    procedure = batch_size(made_bench())
    ask = next(procedure)
    assert ask.fresh
    procedure.close()


def test_a_batch_change_asks_to_tune_the_optimizer_and_never_the_batch_itself():
    bench = made_bench()
    assert set(to_retune(bench, "batch")) == {"lr", "warmup_steps", "clip_norm", "schedule"}
    assert rate_centres(0.1, 32, 128) == (0.4, 0.2)


@pytest.mark.parametrize(("rate", "exact"), [(0.1, 66), (0.5, 10), (1.5, 10)])
def test_steps_to_a_ratio_are_those_of_the_closed_form(rate, exact):
    assert math.ceil(math.log(1e-6) / (2 * math.log(abs(1 - rate)))) == exact
    curve = quadratic(steps=200)
    from playnote.procedures.measure.contract import Point

    seen = curve(Point(configuration={"lr": rate}, seed=0)).curves["train_eval/error"]
    assert int(np.argmax(seen.values <= 1e-6)) == exact


def test_the_length_is_that_of_the_fastest_rate_within_its_smoothing():
    # On the grid around 0.1 the fastest stable rate is 1.0, which fits in one step: use a bowl where it takes some.
    bench = made_bench(options={"target": 1e-6, "start": 25, "cap": 400}, steps=200)
    from dataclasses import replace

    from playnote.playbook.facts.measurements import Measured, Measurement

    known = Measured({"lr": (Measurement(1, "", {"best": 0.05}),)})
    found, _ = drive(steps(replace(bench, measured=known)), quadratic(steps=200))
    numbers = dict(found.results)["steps"]
    exact = math.ceil(math.log(1e-6) / (2 * math.log(abs(1 - numbers["lr"])))) if numbers["lr"] != 1.0 else 1
    # a running median over 5 readings lags by 2, and two readings in a row are asked for
    assert exact <= numbers["steps"] <= exact + 3
    assert numbers["reached"] >= 2
    assert numbers["searched"] is False


def test_an_unreachable_target_is_refused():
    from dataclasses import replace

    from playnote.playbook.facts.measurements import Measured, Measurement

    bench = made_bench(options={"target": -1.0, "start": 20, "cap": 80}, steps=80)
    known = Measured({"lr": (Measurement(1, "", {"best": 0.05}),)})
    found, _ = drive(steps(replace(bench, measured=known)), quadratic(steps=80))
    assert found.label != "yes"
    assert dict(found.results)["steps"]["reached"] == 0
    assert not found.edits


def learner(curve, flips=False):
    """A machine whose dev error is `curve(step / total)` for the baseline, larger for rates away from 0.1."""

    def machine(point):
        total = point.steps or 1000
        at = np.arange(50.0, total + 1, 50.0)
        away = abs(math.log10(point.configuration["lr"] / 0.1))
        rng = np.random.default_rng(point.seed)
        sign = -1.0 if flips and total < 1000 else 1.0
        error = np.array([curve(step / 1000) for step in at]) + 0.05 * sign * away + 0.0005 * rng.normal(size=len(at))
        curves = {"dev/error": Curve(at, error), "lr": Curve(at, np.full(len(at), 0.1))}
        return Seen(point=point, trial="t", outcome="ok", error=float(error.min()), curves=curves)

    return machine


def with_effect(**more):
    from dataclasses import replace

    bench = made_bench(steps=1000, **more)
    objective = replace(bench.project.objective, min_effect=0.005)
    return replace(bench, project=replace(bench.project, objective=objective))


def test_an_error_that_keeps_falling_is_bound_by_compute_and_a_flat_one_is_not():
    falling, _ = drive(regime(with_effect()), learner(lambda t: 0.3 + 0.2 * (t + 0.02) ** -0.5))
    flat, _ = drive(regime(with_effect()), learner(lambda t: 0.3 + 0.5 * math.exp(-40 * t)))
    assert dict(falling.results)["regime"].get("bound") is True
    assert dict(flat.results)["regime"].get("bound") is False


def test_an_order_that_holds_and_one_that_flips_are_told_apart():
    holds, _ = drive(round_transfer(with_effect()), learner(lambda t: 0.3 + 0.1 / (1 + t)))
    flips, _ = drive(round_transfer(with_effect()), learner(lambda t: 0.3 + 0.1 / (1 + t), flips=True))
    assert holds.label == "yes"
    assert dict(holds.results)["round-transfer"]["best_kept"] is True
    assert flips.label != "yes"
    assert dict(flips.results)["round-transfer"]["best_kept"] is False
    assert any("full length" in note.en for note in flips.notes)
