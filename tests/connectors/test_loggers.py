"""What loggers and trackers write reads back equal, and whatever happens to their files is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import logger_writers as writers
import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.testing.connector_kit import Keeps, Write, bears, reads_back
from playnote.testing.known_trials import METRIC, known_trials

LINES = Keeps(clean=lambda data: not data or data.endswith(b"\n"))
UNENDED = replace(LINES, failures=False)


def named(metric: str) -> Callable[[Path], Imported]:
    return lambda source: read_source(str(source), Wanted(metric=metric, direction="minimize"))


EVERY: dict[str, tuple[Write, Keeps]] = {
    "mlflow db": (writers.mlflow_db, Keeps()),
    # A setting cut short is another setting: nothing in its file says how long it was.
    "mlflow folder": (
        writers.mlflow_folder,
        Keeps(clean=lambda data: not data.startswith((b"17 ", b"end_time")) or data.endswith(b"\n")),
    ),
    "trackio": (writers.trackio_db, Keeps(failures=False)),
    "ray": (writers.ray_folder, LINES),
    "lightning": (writers.lightning_folder, UNENDED),
    "keras": (writers.keras_folder, replace(UNENDED, settings=False, seeds=False)),
    "readings": (writers.readings_table, LINES),
    "long": (writers.long_table, LINES),
    "wide": (writers.wide_table, replace(LINES, curves=False)),
}


@pytest.mark.parametrize("name", EVERY)
def test_known_trials_read_back_equal(tmp_path: Path, name: str) -> None:
    write, keeps = EVERY[name]
    assert reads_back(write, tmp_path, keeps, steps=2_000) == ()


@pytest.mark.parametrize("name", EVERY)
def test_a_spoilt_source_gives_one_error_or_says_what_is_missing(tmp_path: Path, name: str) -> None:
    write, keeps = EVERY[name]
    assert bears(write, tmp_path, keeps, most=4) == ()


def test_trainer_states_read_back_equal_under_the_names_of_the_trainers_own_callback(tmp_path: Path) -> None:
    trials = known_trials(failed=False)
    got = named("eval_error")(writers.trainer_folder(tmp_path, trials))
    assert (got.metric, len(got.state.trials)) == ("eval/error", len(trials))
    for trial, mine in zip(trials, got.state.trials, strict=True):
        assert (mine.id, mine.configuration, mine.seed) == (trial.name, trial.configuration, trial.seed)
        assert mine.outcome == trial.ends
        for metric, series in trial.series.items():
            curve = got.state.curves.curve(mine.id, "eval/error" if metric == METRIC else metric)
            assert curve is not None
            assert repr(list(zip(curve.steps.tolist(), curve.values.tolist(), strict=True))) == repr(
                [(float(step), float(value)) for step, value in series]
            )


def test_spoilt_trainer_states_are_said(tmp_path: Path) -> None:
    assert bears(writers.trainer_folder, tmp_path, UNENDED, named("eval_error"), most=4) == ()
