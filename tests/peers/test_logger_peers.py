"""Trackers and loggers as their own libraries write them."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from peers_environment import PEERS, PYTHON

from playnote.connectors import mlflow_rest
from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.records.curves import Curve, CurveSource
from playnote.testing.connector_kit import Keeps, Write, reads_back
from playnote.testing.known_trials import METRIC, ODD, OTHER, known_trials

# MLflow takes no "<" or ">" in a name; the writer puts "_" for them, and here they are put back.
REAL = {name.replace("<", "_").replace(">", "_"): name for name in (ODD, OTHER)}


class RealNames:
    """Curves under the names the known trials have."""

    def __init__(self, source: CurveSource) -> None:
        self.source = source

    def metrics(self, trial: str) -> list[str]:
        return [REAL.get(name, name) for name in self.source.metrics(trial)]

    def curve(self, trial: str, metric: str) -> Curve | None:
        return self.source.curve(trial, metric.replace("<", "_").replace(">", "_"))


def read_mlflow(source: Path | str, study: str | None = None) -> Imported:
    got = read_source(str(source), Wanted(study=study, metric=METRIC, direction="minimize"))
    trials = tuple(
        replace(trial, configuration={REAL.get(name, name): value for name, value in trial.configuration.items()})
        for trial in got.state.trials
    )
    return replace(got, state=replace(got.state, trials=trials, curves=RealNames(got.state.curves)))


def parquet_is_there() -> bool:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.mark.parametrize("store", ["db", "folder"])
def test_what_mlflow_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path, store: str) -> None:
    assert reads_back(writer("mlflow_store", store), tmp_path, read=read_mlflow, steps=2_000) == ()


def test_what_trackio_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert reads_back(writer("trackio_local"), tmp_path, Keeps(failures=False), steps=2_000) == ()


@pytest.mark.skipif(not parquet_is_there(), reason="pyarrow is not installed here")
def test_what_trackio_exports_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert reads_back(writer("trackio_local", "parquet"), tmp_path, Keeps(failures=False), steps=2_000) == ()


def test_what_ray_tune_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    trials = known_trials()
    got = read_source(str(writer("ray_tune")(tmp_path, trials)), Wanted(metric=METRIC, direction="minimize"))
    by_place = sorted(got.state.trials, key=lambda trial: int(trial.configuration["known.at"]))
    assert len(by_place) == len(trials)
    for trial, mine in zip(trials, by_place, strict=True):
        assert {n.removeprefix("known."): v for n, v in mine.configuration.items() if n != "known.at"} == {
            **trial.configuration,
            "seed": trial.seed,
        }
        assert mine.outcome == trial.ends
        for metric, series in trial.series.items():
            curve = got.state.curves.curve(mine.id, metric)
            assert curve is not None
            # Ray counts reports from 1; every row of ours is one report.
            assert repr(curve.values.tolist()) == repr([float(value) for _, value in series])
            assert curve.steps.tolist() == [float(step + 1) for step, _ in series]


def test_what_lightning_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert reads_back(writer("lightning_csv"), tmp_path, Keeps(failures=False), steps=200) == ()


def test_what_keras_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    keeps = Keeps(settings=False, seeds=False, failures=False)
    assert reads_back(writer("keras_csv"), tmp_path, keeps, steps=2_000) == ()


def test_what_the_trainer_saves_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    trials = known_trials(failed=False)
    got = read_source(str(writer("trainer_state")(tmp_path, trials)), Wanted(metric="eval_error", direction="minimize"))
    for trial, mine in zip(trials, got.state.trials, strict=True):
        assert (mine.id, dict(mine.configuration), mine.seed) == (trial.name, dict(trial.configuration), trial.seed)
        assert mine.outcome == trial.ends
        for metric, series in trial.series.items():
            curve = got.state.curves.curve(mine.id, "eval/error" if metric == METRIC else metric)
            assert curve is not None
            assert repr(curve.values.tolist()) == repr([float(value) for _, value in series])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on this machine alone."""
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    home = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}", "--default-artifact-root", str(home)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([str(PYTHON), "-m", "mlflow", *words], stdout=log, stderr=log, cwd=home)
    address = f"http://127.0.0.1:{port}"
    try:
        if not answers(address, process):
            pytest.skip("the MLflow server did not start: " + (home / "log").read_text(errors="replace")[-500:])
        yield address
    finally:
        process.terminate()
        process.wait(30)


def answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server comes up; starting it takes a while, so it is asked until it answers or ends."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        if process.poll() is not None:
            return False
        try:
            with opener.open(f"{address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    return False


def test_what_an_mlflow_server_holds_reads_back_equal_over_many_pages(
    writer: Callable[..., Write], tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_rest, "_PAGE", 4)
    monkeypatch.setattr(mlflow_rest, "_HISTORY", 300)
    name = ""

    def write(folder: Path, trials: object) -> Path:
        nonlocal name
        name = f"known {folder.name} <b>é</b> 实验"
        writer("mlflow_store", server)(folder, trials)  # type: ignore[arg-type]
        return folder

    def read(source: Path) -> Imported:
        return read_mlflow(server, name)

    assert reads_back(write, tmp_path, Keeps(), read, steps=1_000) == ()


def test_a_parquet_file_of_ours_reads_back_equal_where_pyarrow_is(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert str(writer("parquet_table")(tmp_path, known_trials())) == "[true, true, true]"
