"""What loggers say of runs beside their numbers, and what each of them does not hold."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import logger_writers as writers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.plain_yaml import read_settings
from playnote.errors import SourceError
from playnote.testing.known_trials import METRIC, known_trials

WANTED = Wanted(metric=METRIC, direction="minimize")


def said(got: Imported) -> str:
    return "\n".join(note.en for note in got.left_out)


def changed(path: Path, *statements: str) -> Path:
    base = sqlite3.connect(path)
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()
    return path


def test_deleted_runs_are_left_out_and_running_ones_have_no_outcome(tmp_path: Path) -> None:
    path = changed(
        writers.mlflow_db(tmp_path, known_trials()[:4]),
        f"update runs set lifecycle_stage = 'deleted' where run_uuid = '{0:032x}'",
        f"update runs set status = 'RUNNING' where run_uuid = '{1:032x}'",
    )
    got = read_source(str(path), WANTED)
    assert [trial.outcome for trial in got.state.trials] == [None, "ok", "ok"]


def test_a_run_that_only_holds_others_is_no_trial(tmp_path: Path) -> None:
    path = changed(
        writers.mlflow_db(tmp_path, known_trials()[:2]),
        "insert into runs values ('parent', '', 'FINISHED', 0, 1, 'active', 1)",
        "insert into tags select 'mlflow.parentRunId', 'parent', run_uuid from runs where run_uuid != 'parent'",
    )
    got = read_source(str(path), WANTED)
    assert len(got.state.trials) == 2
    assert "1 runs only hold other runs together" in said(got)


def test_several_experiments_ask_for_a_name(tmp_path: Path) -> None:
    path = changed(
        writers.mlflow_db(tmp_path, known_trials()[:2]),
        "insert into runs values ('other', '', 'FINISHED', 0, 1, 'active', 0)",
    )
    with pytest.raises(SourceError, match="2 experiments: Default, known"):
        read_source(str(path), WANTED)
    named = Wanted(study="known", metric=METRIC, direction="minimize")
    assert len(read_source(str(path), named).state.trials) == 2


def test_runs_without_settings_are_no_repeats_of_one_another(tmp_path: Path) -> None:
    got = read_source(str(writers.keras_folder(tmp_path, known_trials(failed=False))), WANTED)
    assert len({str(sorted(trial.configuration.items())) for trial in got.state.trials}) == len(got.state.trials)
    assert got.state.project.space.names == ()


def test_a_ray_trial_that_reported_less_is_censored(tmp_path: Path) -> None:
    root = writers.ray_folder(tmp_path, known_trials()[:3])
    file = next(root.glob("train_00001*/result.json"))
    file.write_text("".join(line + "\n" for line in file.read_text().splitlines()[:3]))
    got = read_source(str(root), Wanted(direction="minimize"))
    assert [trial.outcome for trial in got.state.trials] == ["ok", "pruned", "ok"]
    assert "1 trials reported less often" in said(got)
    assert got.metric == METRIC


def trainer_state(folder: Path, best: float | None, values: tuple[float, ...]) -> None:
    folder.mkdir(parents=True)
    history = [{"step": step, "eval_f1": value, "eval_runtime": 9.0 - step} for step, value in enumerate(values, 1)]
    form = {"best_metric": best, "global_step": len(values), "max_steps": len(values), "log_history": history}
    (folder / "trainer_state.json").write_text(json.dumps(form))


def test_the_trainers_recorded_best_says_metric_and_direction(tmp_path: Path) -> None:
    trainer_state(tmp_path / "up" / "a", 0.9, (0.5, 0.9, 0.7))
    trainer_state(tmp_path / "up" / "b", 0.8, (0.8, 0.6, 0.7))
    got = read_source(str(tmp_path / "up"))
    assert (got.metric, got.said, got.state.project.objective.direction) == ("eval/f1", "source", "maximize")


def test_a_best_that_could_be_either_end_is_asked_about(tmp_path: Path) -> None:
    trainer_state(tmp_path / "flat" / "a", 0.5, (0.5, 0.5))
    with pytest.raises(SourceError, match="which way is better"):
        read_source(str(tmp_path / "flat"), Wanted(metric="eval_f1"))


def test_autoresearch_results_are_single_tries_with_crashes(tmp_path: Path) -> None:
    path = tmp_path / "results.tsv"
    path.write_text(
        "commit\tval_bpb\tmemory_gb\tstatus\tdescription\na1\t0.997900\t44.0\tkeep\tbaseline\n"
        "b2\t0.993200\t44.2\tkeep\tLR 0.04 <b>\nc3\t1.005000\t44.0\tdiscard\tGeLU\nd4\t0.000000\t0.0\tcrash\tOOM\nbad\n"
    )
    got = read_source(str(path))
    assert [trial.outcome for trial in got.state.trials] == ["ok", "ok", "ok", "failed"]
    assert [got.state.readings[trial.id].score for trial in got.state.trials] == [0.9979, 0.9932, 1.005, None]
    assert (got.metric, got.said, got.state.project.objective.direction) == ("val_bpb", "source", "minimize")
    assert "1 rows hold no number" in said(got)
    assert got.state.project.space.names == ()


class Mlflow(BaseHTTPRequestHandler):
    """Answers as an MLflow server does, two items a page."""

    runs: ClassVar[list[dict[str, Any]]] = []
    history: ClassVar[dict[tuple[str, str], list[dict[str, Any]]]] = {}
    spoil: ClassVar[bytes | None] = None

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("experiments/search"):
            names = [{"experiment_id": "0", "name": "Default"}, {"experiment_id": "1", "name": "known"}]
            self.page("experiments", names, asked.get("page_token"))
        else:
            mine = Mlflow.runs if asked["experiment_ids"] == ["1"] else []
            self.page("runs", mine, asked.get("page_token"))

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.page("metrics", Mlflow.history[asked["run_id"], asked["metric_key"]], asked.get("page_token"))

    def page(self, name: str, items: list[dict[str, Any]], token: str | None) -> None:
        at = int(token or 0)
        form = {name: items[at : at + 2], "next_page_token": str(at + 2) if at + 2 < len(items) else ""}
        body = json.dumps(form).encode() if Mlflow.spoil is None else Mlflow.spoil
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[str]:
    Mlflow.spoil = None
    trials = known_trials()
    Mlflow.runs = [
        {
            "info": {
                "run_id": f"{at:032x}",
                "run_name": trial.name,
                "status": "FAILED" if trial.ends == "failed" else "FINISHED",
                "start_time": at,
            },
            "data": {
                "metrics": [{"key": key, "value": 0.0} for key in trial.series],
                "params": [{"key": k, "value": str(v)} for k, v in {**trial.configuration, "seed": trial.seed}.items()],
            },
        }
        for at, trial in enumerate(trials)
    ]
    Mlflow.history = {
        (f"{at:032x}", key): [
            {"key": key, "step": step, "value": value if value == value else "NaN", "timestamp": 1}
            for step, value in series
        ]
        for at, trial in enumerate(trials)
        for key, series in trial.series.items()
    }
    web = ThreadingHTTPServer(("127.0.0.1", 0), Mlflow)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{web.server_address[1]}"
    web.shutdown()
    thread.join()
    web.server_close()


def test_a_server_is_read_page_by_page(server: str) -> None:
    got = read_source(server, WANTED)
    trials = known_trials()
    assert got.study == "known"
    for trial, mine in zip(trials, got.state.trials, strict=True):
        assert (mine.id, dict(mine.configuration), mine.seed) == (trial.name, dict(trial.configuration), trial.seed)
        assert (mine.outcome, got.state.readings[mine.id].score) == (trial.ends, trial.score)
        for metric, series in trial.series.items():
            curve = got.state.curves.curve(mine.id, metric)
            assert curve is not None
            assert repr(curve.values.tolist()) == repr([float(value) for _, value in series])


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"experiments": 3}', b'{"experiments": [3]}', b"[" * 9999])
def test_a_server_that_answers_nonsense_is_one_clear_error(server: str, body: bytes) -> None:
    Mlflow.spoil = body
    with pytest.raises(SourceError):
        read_source(server, WANTED)


def test_a_server_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(SourceError, match="no answer"):
        read_source("http://127.0.0.1:9", WANTED)


SCALARS = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@given(st.dictionaries(TEXTS, st.one_of(SCALARS, TEXTS, st.lists(SCALARS, max_size=3)), max_size=5))
def test_settings_in_json_are_settings_in_yaml(settings: dict[str, object]) -> None:
    text = "".join(f"{written(name)}: {written(value)}\n" for name, value in settings.items())
    assert read_settings(text) == settings


def test_settings_as_lightning_writes_them_are_read() -> None:
    text = (
        "betas: !!python/tuple\n- 0.9\n- 0.99\nlr: 1.0e-05\nlong: 'one two\n  three: ''four'''\n"
        'name: "\\u4E2D <b>\\n"\nnone: null\nopt:\n  kind: adam # the usual\n  steps: [1, 2]\nrate: 1e-5\n'
    )
    assert read_settings(text) == {
        "betas": [0.9, 0.99],
        "lr": 1e-05,
        "long": "one two three: 'four'",
        "name": "中 <b>\n",
        "none": None,
        "opt": {"kind": "adam", "steps": [1, 2]},
        "rate": 1e-05,
    }


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_settings(text: str) -> None:
    assert isinstance(read_settings(text), dict)
