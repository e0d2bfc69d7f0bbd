"""Choosing checkpoints after the run, and timing input pipelines, where the answer is known in closed form."""

import math

import numpy as np
import pytest

from playnote.errors import InputError, WorkflowError
from playnote.procedures.measure.checkpoint_selection import checkpoint_selection, error_curve, run_of
from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.input_pipeline import input_pipeline
from playnote.records.curves import Curve
from playnote.records.objective import Objective
from playnote.records.settings import DEFAULTS
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.testing.choice_machines import Path, Pipeline, bench_with, flat, rising
from playnote.testing.machines import drive

LR = Float(name="lr", low=0.001, high=1.0, scale="log")
LOADER = (
    LR,
    Integer(name="workers", low=0, high=8),
    Integer(name="sync_every", low=1, high=100),
    Categorical(name="cached_data", choices=(False, True)),
)
SET_UP = {"lr": 0.1, "workers": 0, "cached_data": False, "sync_every": 50}


def curves_bench(**more):
    return bench_with((LR,), {"lr": 0.1}, **more)


def loader_bench(baseline=None, **more):
    return bench_with(LOADER, {**SET_UP, **(baseline or {})}, **more)


def result(found):
    return found.results[0][1]


def test_an_end_that_is_clearly_worse_than_the_lowest_point_is_seen_and_reading_the_best_is_proposed():
    found, _ = drive(checkpoint_selection(curves_bench(read="last")), Path(rising(0.05)))
    assert found.label == "yes"
    assert found.edits == {("objective", "read"): "best"}
    assert result(found)["gain"] == pytest.approx(0.05, abs=0.01)
    assert result(found)["last_as_good"] is False


def test_on_a_plateau_the_last_is_as_good_although_every_best_reading_is_lower():
    found, _ = drive(checkpoint_selection(curves_bench(read="last", options={"seeds": 6})), Path(flat))
    assert found.label == "no"
    assert not found.edits
    assert result(found)["last_as_good"] is True
    assert all(row["best"] < row["last"] or row["best at"] == 200 for row in found.rows)
    assert result(found)["low"] < 0 < result(found)["high"]


def test_the_luck_that_is_taken_off_is_that_of_the_best_of_as_many_readings():
    # On a plateau of m independent readings the best is 1.87 noise SDs too good at m = 20, 1.54 at 10.
    lucks = []
    for salt in range(40):
        curve = Path(lambda share: 0.1, noise=0.01, count=20, salt=salt)(_point(salt)).curves["dev/error"]
        lucks.append(run_of("t", curve, None, DEFAULTS).luck / 0.01)
    assert 1.4 < np.mean(lucks) < 2.1


def _point(seed):
    from playnote.procedures.measure.contract import Point

    return Point(configuration={"lr": 0.1}, seed=seed)


def test_the_last_checkpoint_chosen_is_no_gain_at_all():
    falling = Curve(np.arange(20.0), 1.0 / (1.0 + np.arange(20.0)))
    assert run_of("t", falling, None, DEFAULTS).gain == pytest.approx(0.0, abs=1e-12)


class Curves:
    """Curves of trials by name, as a record gives them."""

    def __init__(self, by_trial):
        self.by_trial = by_trial

    def metrics(self, trial):
        return self.by_trial[trial]

    def curve(self, trial, metric):
        return self.by_trial[trial].get(metric)


def recorded(count, read="last"):
    bench = curves_bench(read=read)
    seen = {f"t{seed}": Path(rising(0.05))(_point(seed)) for seed in range(count)}
    trials = tuple(
        TrialRecord(id=name, purpose="repeat", configuration={"lr": 0.1}, outcome="ok", seed=at)
        for at, name in enumerate(seen)
    )
    state = ProjectState(
        project=bench.project, trials=trials, curves=Curves({name: each.curves for name, each in seen.items()})
    )
    from playnote.procedures.measure.bench import bench_of

    return bench_of(state)


def test_runs_on_record_are_enough_and_nothing_is_trained():
    found, seen = drive(checkpoint_selection(recorded(4)), Path(rising(0.05)))
    assert not seen
    assert result(found)["runs"] == 4
    assert found.label == "yes"


def test_only_what_is_missing_is_trained_with_seeds_that_no_other_procedure_uses():
    found, seen = drive(checkpoint_selection(recorded(1)), Path(rising(0.05)))
    assert len(seen) == 2
    assert result(found)["runs"] == 3
    assert not {each.point.seed for each in seen} & {700_000 + number for number in range(20)}


def test_runs_that_stopped_short_are_no_complete_runs():
    bench = recorded(4)
    short = {
        name: {metric: Curve(c.steps[:8], c.values[:8]) for metric, c in curves.items()}
        for name, curves in bench.state.curves.by_trial.items()
    }
    bench.state.curves.by_trial.update(short)
    _, seen = drive(checkpoint_selection(bench), Path(rising(0.05)))
    assert len(seen) == 3


def test_training_code_that_logs_dev_at_the_end_alone_hears_what_to_do():
    def machine(point):
        end = Curve(np.array([200.0]), np.array([0.1]))
        return Seen(point=point, trial="t", outcome="ok", error=0.1, curves={"dev/error": end})

    with pytest.raises(InputError, match="too few Dev readings") as error:
        drive(checkpoint_selection(curves_bench()), machine)
    assert "trial.log" in error.value.fix.en


def test_a_formula_is_read_where_all_its_metrics_were_logged_and_turned_into_an_error():
    objective = Objective(formula="dev/f1 - 0.5 * cost", direction="maximize")
    f1, cost = Curve(np.arange(4.0), np.arange(4.0)), Curve(np.array([1.0, 3.0]), np.array([2.0, 4.0]))
    curve = error_curve(objective, {"dev/f1": f1, "cost": cost})
    assert list(curve.steps) == [1.0, 3.0]
    assert list(curve.values) == [-(1.0 - 1.0), -(3.0 - 2.0)]
    assert error_curve(objective, {"dev/f1": f1}) is None


@pytest.mark.parametrize("load", [0.004, 0.02, 0.08])
@pytest.mark.parametrize("workers", [0, 2])
def test_the_wait_and_the_gap_are_those_of_the_closed_form(load, workers):
    machine = Pipeline(work=0.01, load=load, jitter=0.0)
    found, _ = drive(input_pipeline(loader_bench({"workers": workers})), machine)
    wait = load if workers == 0 else max(0.0, load / workers - 0.01)
    assert result(found)["gap"] == pytest.approx(wait / (0.01 + wait), abs=0.02)
    assert result(found)["wait"] == pytest.approx(wait / (0.01 + wait), abs=0.02)
    assert result(found)["outcome"] == ("bottleneck" if wait / (0.01 + wait) > 0.1 else "saturated")


def test_the_fewest_workers_that_are_as_fast_as_any_are_proposed():
    found, _ = drive(input_pipeline(loader_bench()), Pipeline(work=0.01, load=0.035))
    assert found.edits == {("baseline", "workers"): 4}  # 2 workers still wait 7.5 ms, 4 do not


def test_a_loader_that_is_no_limit_is_not_swept_and_nothing_is_proposed():
    found, seen = drive(input_pipeline(loader_bench()), Pipeline(load=0.0001))
    assert result(found)["outcome"] == "saturated"
    assert not found.edits
    assert len(seen) == 6
    assert "saturated" in found.message.en


def test_loaders_that_take_processors_from_training_are_seen_with_cached_data_and_not_by_waiting():
    machine = Pipeline(work=0.01, load=0.018, contention=0.4)
    found, _ = drive(input_pipeline(loader_bench({"workers": 4})), machine)
    assert result(found)["wait"] == 0.0
    assert result(found)["outcome"] == "bottleneck"


def test_without_cached_data_much_waiting_is_a_bottleneck_and_little_shows_nothing():
    bench = bench_with(LOADER[:2], {"lr": 0.1, "workers": 0})
    much, _ = drive(input_pipeline(bench), Pipeline(load=0.02))
    little, _ = drive(input_pipeline(bench), Pipeline(load=0.0001))
    assert result(much)["outcome"] == "bottleneck"
    assert "cached_rate" not in result(much)
    assert little.label == "unknown"
    assert any("cached_data" in note.en for note in little.notes)


def test_a_barrier_in_the_loop_is_measured_where_metrics_are_gathered_at_every_step():
    found, _ = drive(input_pipeline(loader_bench({"sync_every": 1})), Pipeline(sync=0.005, jitter=0.0))
    assert result(found)["sync_cost"] == pytest.approx(0.015 / (0.01 + 0.005 / 50) - 1, rel=1e-6)


def test_a_drifting_machine_does_not_make_a_bottleneck():
    outcomes = [
        result(drive(input_pipeline(loader_bench()), Pipeline(jitter=0.05, salt=salt))[0])["outcome"]
        for salt in range(40)
    ]
    assert outcomes.count("bottleneck") <= 4  # 90 % certainty on a true gap of nothing: one in a hundred or fewer
    assert outcomes.count("saturated") >= 20


def test_a_loader_near_its_limit_is_named_though_nothing_waits():
    def machine(point):
        seen = Pipeline(load=0.0)(point)
        return Seen(
            point=point, trial="t", outcome="ok", curves=seen.curves, facts={"input": {"loader_seconds": 0.009}}
        )

    found, _ = drive(input_pipeline(loader_bench()), machine)
    assert any("near its limit" in note.en for note in found.notes)


def test_timing_by_the_loop_over_the_loader_is_enough():
    def machine(point):
        total, wait = Pipeline(load=0.02).seconds(point.configuration)
        facts = {"inputs": [{"steps": 50, "waited": 50 * wait, "seconds": 50 * total}]}
        share = wait / total
        return Seen(point=point, trial="t", outcome="ok", waiting=share, facts=facts)

    found, _ = drive(input_pipeline(loader_bench()), machine)
    assert result(found)["gap"] == pytest.approx(2 / 3, abs=0.01)
    assert math.isclose(result(found)["wait"], 2 / 3, abs_tol=0.01)


def test_a_project_that_times_nothing_is_told_how_before_anything_runs():
    with pytest.raises(InputError, match="timed its steps") as error:
        next(input_pipeline(curves_bench()))
    assert "trial.steps(loader)" in error.value.fix.en
    with pytest.raises(WorkflowError, match="timed nothing"):
        drive(input_pipeline(loader_bench()), lambda point: Seen(point=point, trial="t", outcome="ok"))
