"""What is exported reads back equal through the connector of its format."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted, state_of
from playnote.connectors.runs import RunCurves
from playnote.errors import InputError
from playnote.records.curves import Curve
from playnote.records.objective import Constraint, Objective
from playnote.records.state import ProjectState, Reading
from playnote.records.trial import Outcome, TrialRecord
from playnote.service.export import _WRITERS, _whole, export
from playnote.space.hyperparameter import Categorical, Float, Integer, Value
from playnote.space.space import Space

WANTED = Wanted(metric="score", direction="minimize")
CHOICES = ("relu", '<b>"1e-3"', "007", "true", "", " 中\n文 ", "nan", "None")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), TEXTS, st.sampled_from(CHOICES)
)
OUTCOMES: tuple[Outcome | None, ...] = ("ok", "pruned", "nan", "exploded", "oom", "failed", "failed:code", None)


def made(settings_of: list[dict[str, Value]], numbers: list[float]) -> ProjectState:
    """Trials with these settings, every outcome in turn, two curves each."""
    trials, readings, curves = [], {}, {}
    for at, configuration in enumerate(settings_of):
        outcome = OUTCOMES[at % len(OUTCOMES)]
        values = np.array([*numbers, math.nan if outcome == "nan" else 0.5])
        score = 0.5 if outcome in ("ok", "pruned") else None
        trial = TrialRecord(
            id=f"{at:03d}",
            study="r1",
            round=1,
            configuration=configuration,
            seed=None if at % 3 == 0 else at,
            outcome=outcome,
            attempts=1,
            summary={"dev/error": float(values[-1]), "损失, b": 1e-300},
            seconds=0.1 + at,
            started="2026-01-01T00:00:00+00:00",
            index=at,
        )
        trials.append(trial)
        readings[trial.id] = Reading(score, len(numbers) * 1.0 if score else None, None if at % 2 else at % 4 == 0)
        steps = np.arange(len(values)) * 1.5
        curves[trial.id] = {"dev/error": Curve(steps, values), "损失, b": Curve(steps[:1], values[:1])}
    space = Space((Float(name="lr", low=1e-4, high=1.0, scale="log", off=0.0), Integer(name="w", low=1, high=9)))
    space = Space((*space, Categorical(name="c", choices=CHOICES)))
    objective = Objective(
        formula="dev/error", direction="minimize", min_effect=0.01, constraints=(Constraint("ms", at_most=math.inf),)
    )
    return state_of(
        origin="made",
        name="made",
        objective=objective,
        space=space,
        trials=trials,
        readings=readings,
        sampler="imported",
        curves=RunCurves(curves),
    )


def through(state: ProjectState, path: Path, wanted: Wanted = WANTED, *, curves: bool = False) -> Imported:
    path.unlink(missing_ok=True)
    _whole(_WRITERS[path.suffix], path, state, "made", curves=curves)
    return read_source(str(path), wanted)


def same_values(a: dict[str, Value], b: dict[str, Value]) -> bool:
    return {k: (type(v), v) for k, v in a.items()} == {k: (type(v), v) for k, v in b.items()}


CONFIGURATIONS = st.lists(
    st.dictionaries(st.one_of(st.sampled_from(["lr", "w", "c", "trial", "score", "a,b"]), TEXTS.filter(bool)), VALUES),
    min_size=1,
    max_size=9,
)
NUMBERS = st.lists(st.floats(), max_size=4)
QUICK = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(CONFIGURATIONS, NUMBERS)
def test_json_lines_hold_everything(
    tmp_path_factory: pytest.TempPathFactory, configurations: list[dict[str, Value]], numbers: list[float]
) -> None:
    state = made(configurations, numbers)
    got = through(state, tmp_path_factory.mktemp("x") / "t.jsonl", Wanted())
    assert repr(got.state.trials) == repr(state.trials)
    assert got.state.readings == state.readings
    assert got.state.project.objective == state.project.objective
    assert got.state.project.space == state.project.space
    assert got.left_out == ()
    for trial in state.trials:
        for metric in state.curves.metrics(trial.id):
            ours, theirs = state.curves.curve(trial.id, metric), got.state.curves.curve(trial.id, metric)
            assert ours is not None
            assert theirs is not None
            assert ours.steps.tobytes() == theirs.steps.tobytes()
            np.testing.assert_array_equal(ours.values, theirs.values)


@QUICK
@given(CONFIGURATIONS, NUMBERS)
def test_a_csv_of_trials_holds_settings_seeds_ends_and_scores(
    tmp_path_factory: pytest.TempPathFactory, configurations: list[dict[str, Value]], numbers: list[float]
) -> None:
    # A row without any setting stands for itself, so that it is no repeat of another.
    configurations = [each or {"lr": 0.1} for each in configurations]
    state = made(configurations, numbers)
    got = through(state, tmp_path_factory.mktemp("x") / "t.csv")
    for ours, theirs in zip(state.trials, got.state.trials, strict=True):
        assert same_values(dict(ours.configuration), dict(theirs.configuration))
        assert (ours.id, ours.seed, ours.outcome, ours.seconds) == (
            theirs.id,
            theirs.seed,
            theirs.outcome,
            theirs.seconds,
        )
        before, after = state.readings[ours.id], got.state.readings[theirs.id]
        assert (before.score, before.feasible) == (after.score, after.feasible)


def test_a_csv_of_readings_holds_the_curves(tmp_path: Path) -> None:
    state = made([{"lr": 10.0**-at, "c": CHOICES[at]} for at in range(8)], [1.0, math.nan, math.inf, 1 / 3])
    got = through(state, tmp_path / "t.csv", Wanted(metric="dev/error", direction="minimize"), curves=True)
    for ours, theirs in zip(state.trials, got.state.trials, strict=True):
        assert same_values(dict(ours.configuration), dict(theirs.configuration))
        assert (ours.id, ours.seed, ours.outcome) == (theirs.id, theirs.seed, theirs.outcome)
        for metric in state.curves.metrics(ours.id):
            mine, back = state.curves.curve(ours.id, metric), got.state.curves.curve(ours.id, metric)
            assert mine is not None
            assert back is not None
            assert mine.steps.tolist() == back.steps.tolist()
            np.testing.assert_array_equal(mine.values, back.values)


@pytest.mark.filterwarnings("ignore")
def test_an_optuna_storage_holds_space_settings_ends_and_the_objectives_curve(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    configurations = [{"lr": 0.0 if at == 5 else 10.0 ** (-at / 3), "w": at + 1, "c": CHOICES[at]} for at in range(8)]
    state = made([dict(each) for each in configurations], [1.0, math.nan, 1 / 3])
    got = through(state, tmp_path / "t.db", Wanted())
    theirs_own = optuna.load_study(study_name="made", storage=f"sqlite:///{tmp_path / 't.db'}")
    assert [each.state.name for each in theirs_own.trials] == ["COMPLETE", "PRUNED", *["FAIL"] * 5]
    assert (theirs_own.best_value, theirs_own.metric_names) == (0.5, ["dev/error"])
    ended = [trial for trial in state.trials if trial.outcome is not None]
    outcomes = {"exploded": "nan", "oom": "failed", "failed:code": "failed"}
    assert (got.study, got.said, got.metric) == ("made", "source", "dev/error")
    assert got.state.project.space["lr"] == replace(state.project.space["lr"], off=None)
    for ours, theirs in zip(ended, got.state.trials, strict=True):
        due = {k: v for k, v in ours.configuration.items() if not (k == "lr" and v == 0.0)}
        assert same_values(due, dict(theirs.configuration))
        assert theirs.seed == ours.seed
        assert theirs.outcome == outcomes.get(str(ours.outcome), ours.outcome)
        if ours.outcome == "ok":
            assert got.state.readings[theirs.id].score == state.readings[ours.id].score
        curve = got.state.curves.curve(theirs.id, "dev/error")
        mine = state.curves.curve(ours.id, "dev/error")
        assert curve is not None
        assert mine is not None
        np.testing.assert_array_equal(curve.values[: len(mine)], mine.values)


def test_a_file_that_is_there_an_unknown_ending_and_no_folder_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "s.csv"
    source.write_text("lr,err\n1,2\n2,3\n")
    for to, said in ((source, "already"), (tmp_path / "x.xls", "ending"), (tmp_path / "no" / "x.csv", "folder")):
        with pytest.raises(InputError, match=said):
            export(to, source=str(source), metric="err", direction="minimize")


def test_a_source_of_another_tool_is_exported_and_the_loss_is_said(tmp_path: Path) -> None:
    source = tmp_path / "s.csv"
    source.write_text("lr,err\n1,2\n2,3\n")
    done = export(tmp_path / "out.csv", source=str(source), metric="err", direction="minimize")
    assert done["trials"] == 2
    assert any("Ranges" in each["en"] for each in done["left_out"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "s.csv"]
