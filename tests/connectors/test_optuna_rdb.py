"""Optuna's own library writes, Playnote reads back equal, and the source stays as it was."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from pathlib import Path

import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.optuna_distributions import hyperparameter_of, value_of
from playnote.errors import SourceError
from playnote.space.hyperparameter import Categorical, Float, Integer

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")


def _write(path: Path, name: str = "net", trials: int = 30) -> optuna.Study:
    study = optuna.create_study(
        storage=f"sqlite:///{path}",
        study_name=name,
        sampler=optuna.samplers.TPESampler(seed=1),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
    )

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        width = trial.suggest_int("width", 8, 64, step=8)
        kind = trial.suggest_categorical("kind", ["relu", "gelu"])
        if trial.number % 9 == 4:
            raise ValueError
        for step in range(8):
            value = abs(math.log10(lr) + 3) + width / 100 + (kind == "gelu") * 0.1 + 1 / (step + 1)
            trial.report(math.inf if trial.number == 2 and step == 0 else value, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    study.optimize(objective, n_trials=trials, catch=(ValueError,))
    return study


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, optuna.Study, Imported]:
    path = tmp_path_factory.mktemp("optuna") / "study.db"
    study = _write(path)
    return path, study, read_source(str(path))


def test_every_trial_reads_back_equal(pair: tuple[Path, optuna.Study, Imported]) -> None:
    _, study, got = pair
    outcomes = {"COMPLETE": "ok", "PRUNED": "pruned", "FAIL": "failed"}
    assert {trial.state.name for trial in study.trials} == set(outcomes)
    assert len(got.state.trials) == len(study.trials)
    for theirs, ours in zip(study.trials, got.state.trials, strict=True):
        assert ours.configuration == theirs.params
        assert ours.outcome == outcomes[theirs.state.name]
        reading = got.state.readings[ours.id]
        if ours.outcome == "ok":
            assert reading.score == theirs.value
        curve = got.state.curves.curve(ours.id, got.state.project.objective.formula)
        read = {} if curve is None else dict(zip(curve.steps, curve.values, strict=True))
        assert read == theirs.intermediate_values
        if ours.outcome == "pruned":
            assert reading.score == theirs.intermediate_values[theirs.last_step]


def test_space_direction_and_sampler_come_from_the_study(pair: tuple[Path, optuna.Study, Imported]) -> None:
    got = pair[2]
    space = got.state.project.space
    assert space["lr"] == Float(name="lr", low=1e-5, high=1e-1, scale="log")
    assert space["width"] == Integer(name="width", low=8, high=64)
    assert space["kind"] == Categorical(name="kind", choices=("relu", "gelu"))
    assert (got.state.project.objective.direction, got.said) == ("minimize", "source")
    assert (got.sampler, got.state.rounds[0].sampler) == ("TPE", "imported")


def test_the_source_and_its_folder_are_left_as_they_were(pair: tuple[Path, optuna.Study, Imported]) -> None:
    path = pair[0]

    def look() -> object:
        return [
            (p.name, p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest())
            for p in sorted(path.parent.iterdir())
        ]

    before = look()
    read_source(f"sqlite:///{path}")
    assert look() == before


def test_what_stands_only_in_the_write_ahead_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    _write(path, trials=2)
    writer = sqlite3.connect(path)
    writer.execute("pragma journal_mode = wal")
    writer.execute("update trials set state = 'FAIL'")
    writer.commit()
    got = read_source(str(path))
    writer.close()
    assert [trial.outcome for trial in got.state.trials] == ["failed", "failed"]


def test_several_studies_ask_for_a_name(tmp_path: Path) -> None:
    path = tmp_path / "two.db"
    _write(path, "one", 2)
    _write(path, "two", 3)
    with pytest.raises(SourceError, match="one, two"):
        read_source(str(path))
    assert len(read_source(str(path), Wanted(study="two")).state.trials) == 3


def test_constraints_of_both_generations_decide_feasibility(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    study = optuna.create_study(storage=f"sqlite:///{path}")
    for attributes in ({"constraints": [-1.0, 0.0]}, {"constraints": [1.0]}, {"constraints:memory": 2.0}, {}):
        study.add_trial(optuna.trial.create_trial(value=1.0, system_attrs=attributes))
    got = read_source(str(path))
    assert [got.state.readings[t.id].feasible for t in got.state.trials] == [True, False, False, None]


def test_old_distributions_are_converted() -> None:
    old = '{"name": "%s", "attributes": {"low": 1, "high": 100}}'
    assert hyperparameter_of("x", [old % "LogUniformDistribution"]) == Float(name="x", low=1, high=100, scale="log")
    assert hyperparameter_of("x", [old % "UniformDistribution"]) == Float(name="x", low=1, high=100)
    whole = hyperparameter_of("x", [old % "IntLogUniformDistribution"])
    assert whole == Integer(name="x", low=1, high=100, scale="log")
    assert value_of(1.0, {"name": "CategoricalDistribution", "attributes": {"choices": [None, "a"]}}) == "a"


def _truncated(path: Path) -> None:
    _write(path, trials=3)
    path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"<html>" * 99),
        lambda path: sqlite3.connect(path).execute("create table a (b)").connection.close(),
        _truncated,
        lambda path: None,
    ],
    ids=["empty", "not a database", "no study", "truncated", "absent"],
)
def test_a_hostile_source_gives_one_clear_error(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "x.db"
    spoil(path)  # type: ignore[operator]
    with pytest.raises(SourceError) as caught:
        read_source(str(path))
    assert caught.value.fix.en
    assert caught.value.fix.zh


def test_a_table_needs_metric_and_direction_and_warns_of_inferred_ranges(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("lr,units,error\n0.001,8,0.3\n0.1,16,0.2\n0.01,8,nan\n0.02,8,\n")
    for wanted, said in ((Wanted(), "--metric"), (Wanted(metric="error"), "--direction")):
        with pytest.raises(SourceError) as caught:
            read_source(str(path), wanted)
        assert said in caught.value.fix.en
    got = read_source(str(path), Wanted(metric="error", direction="minimize"))
    assert [t.outcome for t in got.state.trials] == ["ok", "ok", "nan", "failed"]
    assert got.state.project.space["lr"] == Float(name="lr", low=0.001, high=0.1, scale="log")
    assert "No ranges are recorded" in got.left_out[0].en
