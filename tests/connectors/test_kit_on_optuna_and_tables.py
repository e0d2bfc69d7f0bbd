"""Optuna studies and tables held to what every connector must do."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from playnote.space.hyperparameter import Value
from playnote.testing.connector_kit import Keeps, bears, bears_huge_names, reads_back
from playnote.testing.known_trials import METRIC, KnownTrial

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")
ONE_SERIES = Keeps(metrics=False)
ONE_NUMBER = Keeps(metrics=False, curves=False, clean=lambda data: True)


def _distributions(trials: Sequence[KnownTrial]) -> dict[str, Any]:
    found: dict[str, Any] = {"seed": optuna.distributions.IntDistribution(0, 10_000)}
    for name in trials[0].configuration:
        values: list[Value] = [trial.configuration[name] for trial in trials]
        if isinstance(values[0], str | bool):
            found[name] = optuna.distributions.CategoricalDistribution(list(dict.fromkeys(values)))
        elif isinstance(values[0], int):
            found[name] = optuna.distributions.IntDistribution(1, 1000)
        else:
            found[name] = optuna.distributions.FloatDistribution(1e-9, 1.0, log=True)
    return found


def _their_trial(trial: KnownTrial, distributions: dict[str, Any]) -> Any:
    """The trial as a study keeps it: a failure with NaN as its last report, or none, or a value."""
    states = optuna.trial.TrialState
    return optuna.trial.create_trial(
        state=states.COMPLETE if trial.ends == "ok" else states.FAIL,
        value=trial.score,
        params={**trial.configuration, "seed": trial.seed},
        distributions={name: distributions[name] for name in (*trial.configuration, "seed")},
        intermediate_values=dict(trial.series[METRIC]),
    )


def write_database(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "study.db"
    study = optuna.create_study(storage=f"sqlite:///{path}", direction="minimize")
    study.add_trials([_their_trial(trial, _distributions(trials)) for trial in trials])
    return path


def write_journal(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "study.log"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    study = optuna.create_study(storage=storage, direction="minimize")
    study.add_trials([_their_trial(trial, _distributions(trials)) for trial in trials])
    return path


def _row(trial: KnownTrial) -> dict[str, Value | float | None]:
    score = math.nan if trial.ends == "nan" else trial.score
    return {**trial.configuration, "seed": trial.seed, METRIC: score}


def write_csv(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(_row(trials[0])))
        writer.writeheader()
        writer.writerows(_row(trial) for trial in trials)
    return path


def write_json_lines(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    path = folder / "table.jsonl"
    path.write_text("".join(json.dumps(_row(trial), ensure_ascii=False) + "\n" for trial in trials), encoding="utf-8")
    return path


CASES = {
    "database": (write_database, ONE_SERIES, 200),
    "journal": (write_journal, ONE_SERIES, 0),
    "csv": (write_csv, ONE_NUMBER, 0),
    "json lines": (write_json_lines, ONE_NUMBER, 0),
}


@pytest.mark.parametrize("kind", CASES)
def test_known_trials_read_back_equal(kind: str, tmp_path: Path) -> None:
    write, keeps, steps = CASES[kind]
    assert reads_back(write, tmp_path, keeps, steps=steps) == ()


@pytest.mark.parametrize("kind", CASES)
def test_a_spoilt_source_gives_one_error_or_says_what_is_missing(kind: str, tmp_path: Path) -> None:
    write, keeps, _ = CASES[kind]
    assert bears(write, tmp_path, keeps, most=25) == ()


@pytest.mark.parametrize("kind", ["journal", "csv", "json lines"])
def test_huge_names_are_read_and_shown_short(kind: str, tmp_path: Path) -> None:
    assert bears_huge_names(CASES[kind][0], tmp_path) == ()
