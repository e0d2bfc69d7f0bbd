"""A journal is replayed as Optuna replays it; torn and merged lines are told, the snapshot is never opened."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.optuna_library import imported_object, read_server, without_password
from playnote.errors import MissingExtraError, SourceError

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")


def _objective(trial: Any) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    kind = trial.suggest_categorical("kind", ["relu", None])
    if trial.number % 7 == 3:
        raise ValueError
    for step in range(6):
        trial.report(math.nan if trial.number == 5 else abs(math.log10(lr) + 3) + 1 / (step + 1), step)
        if trial.number != 5 and trial.should_prune():
            raise optuna.TrialPruned
    return math.nan if trial.number == 5 else abs(math.log10(lr) + 3) + (kind is None)


def _write(path: Path, trials: int = 24) -> Any:
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    study = optuna.create_study(
        storage=storage,
        study_name="net",
        sampler=optuna.samplers.TPESampler(seed=2),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    study.optimize(_objective, n_trials=trials, catch=(ValueError,))
    study.add_trial(
        optuna.trial.create_trial(
            value=0.5,
            params={"lr": 1e-3},
            distributions={"lr": optuna.distributions.FloatDistribution(1e-5, 1e-1, log=True)},
            intermediate_values={1: 0.7, 2: 0.5},
            system_attrs={"constraints": [1.0]},
        )
    )
    return study


def _same(one: Imported, other: Imported) -> None:
    assert one.state.project.space == other.state.project.space
    for a, b in zip(one.state.trials, other.state.trials, strict=True):
        assert (a.configuration, a.outcome) == (b.configuration, b.outcome)
        assert one.state.readings[a.id] == other.state.readings[b.id]
        assert _points(one, a.id) == _points(other, b.id)


def _points(got: Imported, trial: str) -> list[tuple[float, str]]:
    curve = got.state.curves.curve(trial, got.state.project.objective.formula)
    # By their text, so that NaN equals itself.
    return [] if curve is None else [(step, repr(value)) for step, value in zip(curve.steps, curve.values, strict=True)]


def test_a_journal_reads_as_the_study_in_memory_does(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    study = _write(path)
    got = read_source(str(path))
    _same(got, imported_object(study))
    assert (got.study, got.sampler, got.said) == ("net", "TPE", "source")
    assert got.state.readings[got.state.trials[-1].id].feasible is False
    assert {trial.outcome for trial in got.state.trials} == {"ok", "pruned", "failed", "nan"}


def test_torn_and_merged_lines_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    _write(path)
    whole = read_source(str(path))
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if json.loads(line)["op_code"] == 7)
    merged = [*lines[:at], lines[at] + lines[at + 1], lines[at][:25], *lines[at + 2 :]]
    path.write_text("\n".join(merged) + '\n{"op_code":5,"trial')
    got = read_source(str(path))
    _same(got, whole)
    assert "2 torn lines" in got.left_out[0].en


def test_a_snapshot_beside_the_journal_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    _write(path, 4)
    snapshot = tmp_path / "journal.log.snapshot"
    snapshot.write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    read_source(str(path))
    with pytest.raises(SourceError):
        read_source(str(snapshot))
    assert not Path("owned").exists()


def test_operations_that_lead_nowhere_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    _write(path, 3)
    with path.open("a") as file:
        file.write('{"op_code":7,"trial_id":999,"step":1,"intermediate_value":1}\n{"op_code":99}\n{"op_code":10}\n')
    assert "2 lines name a trial" in read_source(str(path)).left_out[0].en


def test_one_of_several_objectives_is_asked_for_by_name(tmp_path: Path) -> None:
    path = tmp_path / "two.db"
    study = optuna.create_study(directions=["minimize", "maximize"], storage=f"sqlite:///{path}", study_name="two")
    study.set_metric_names(["loss", "speed"])
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 1 - trial.params["x"]), n_trials=8)
    with pytest.raises(SourceError, match="loss, speed"):
        read_source(str(path))
    got = read_source(str(path), Wanted(metric="speed"))
    assert (got.metric, got.state.project.objective.direction) == ("speed", "maximize")
    assert [got.state.readings[t.id].score for t in got.state.trials] == [t.values[1] for t in study.trials]
    assert f"{len(study.best_trials)} of 8" in got.left_out[-1].en


@pytest.mark.parametrize("sampler", ["QMCSampler", "GPSampler", "GridSampler", "RandomSampler"])
def test_a_sampler_is_known_by_the_traces_it_leaves(sampler: str) -> None:
    made = getattr(optuna.samplers, sampler)
    study = optuna.create_study(sampler=made({"x": [0.1, 0.5]}) if sampler == "GridSampler" else made())
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=12 if sampler != "GridSampler" else 2)
    got = imported_object(study)
    expected = {
        "QMCSampler": ("quasi-random", "QMC"),
        "GPSampler": ("imported", "GP"),
        "GridSampler": ("grid", "grid"),
        "RandomSampler": ("imported", None),
    }
    assert (got.state.rounds[0].sampler, got.sampler) == expected[sampler]


def test_a_storage_opened_through_the_library_reads_as_the_file_does(tmp_path: Path) -> None:
    # The way of server databases, on the one database that is here.
    path = tmp_path / "study.db"
    study = optuna.create_study(
        storage=f"sqlite:///{path}", study_name="net", sampler=optuna.samplers.TPESampler(seed=3)
    )
    study.optimize(_objective, n_trials=20, catch=(ValueError,))
    _same(read_server(f"sqlite:///{path}", Wanted()), read_source(str(path)))


def test_a_password_stays_out_of_what_is_shown() -> None:
    assert without_password("mysql://me:sec@ret@host:3306/x") == "mysql://me@host:3306/x"
    assert without_password("runs/a@b") == "runs/a@b"


def test_a_server_that_cannot_be_reached_is_an_error_without_the_password() -> None:
    with pytest.raises((SourceError, MissingExtraError)) as caught:
        read_source("postgresql://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)
    assert caught.value.fix.zh
