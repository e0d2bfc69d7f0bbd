"""Trials made elsewhere in a project's record, and verdicts as tags on the runs they are about."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Wanted
from playnote.connectors.tags import tag_runs
from playnote.errors import InputError, MissingExtraError, SourceError
from playnote.service.bring_in import bring_in
from playnote.service.session import Session, open_project
from playnote.service.tag import tag
from playnote.testing.known_trials import METRIC, known_trials

sys.path.append(str(Path(__file__).parents[1] / "connectors"))
import logger_writers as writers

PROJECT = """
[project]
name = "p"
[objective]
optimize = "{optimize}"
direction = "{direction}"
min_effect = 0.01
[splits]
dev = {{ source = "a", logged_as = "val" }}
[workflow]
command = "python train.py --lr {{lr}}"
max_train_steps = 10
evaluate_every = 1
[hyperparameters]
lr = {{ low = 1e-5, high = 1.0, scale = "log" }}
[baseline]
lr = 0.1
"""


def project(folder: Path, optimize: str = "dev/error", direction: str = "minimize") -> Session:
    folder.mkdir(exist_ok=True)
    (folder / "playnote.toml").write_text(PROJECT.format(optimize=optimize, direction=direction))
    return open_project(folder)


def test_imported_trials_keep_settings_seeds_ends_and_scores(tmp_path: Path) -> None:
    trials = known_trials()
    session = project(tmp_path / "p")
    done = bring_in(session, str(writers.mlflow_db(tmp_path, trials)))
    assert done["imported"] == len(trials)
    state = session.state()
    for trial, mine in zip(trials, state.trials, strict=True):
        assert (dict(mine.configuration), mine.seed, mine.outcome) == (trial.configuration, trial.seed, trial.ends)
        assert (mine.round, mine.attempts, mine.facts["source_id"]) == (0, 0, trial.name)
        assert state.readings[mine.id].score == trial.score


def test_the_same_trials_are_not_imported_twice(tmp_path: Path) -> None:
    session = project(tmp_path / "p")
    source = str(writers.mlflow_db(tmp_path, known_trials()[:3]))
    assert bring_in(session, source)["imported"] == 3
    again = bring_in(session, source)
    assert (again["imported"], len(session.state().trials)) == (0, 3)
    assert any("before" in each["en"] for each in again["left_out"])


def test_a_name_by_which_the_split_is_logged_is_found(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("lr,val_error\n0.1,0.5\n0.2,0.25\n")
    session = project(tmp_path / "p")
    bring_in(session, str(table))
    state = session.state()
    assert [state.readings[trial.id].score for trial in state.trials] == [0.5, 0.25]


def test_a_formula_needs_every_term_and_is_read_at_one_step(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("trial,step,f1,ms,lr\na,0,0.5,10,0.1\na,1,0.9,90,0.1\nb,0,0.4,1,0.2\nb,1,0.4,1,0.2\n")
    session = project(tmp_path / "p", "f1 - 0.01 * ms", "maximize")
    bring_in(session, str(table), metric="f1")
    state = session.state()
    assert [state.readings[trial.id].score for trial in state.trials] == pytest.approx([0.4, 0.39])
    with pytest.raises(InputError, match="needs bleu"):
        bring_in(project(tmp_path / "q", "f1 - bleu", "maximize"), str(table), metric="f1")


def test_another_direction_and_an_unknown_metric_are_refused(tmp_path: Path) -> None:
    results = tmp_path / "results.tsv"
    results.write_text("commit\tval_bpb\tmemory_gb\tstatus\tdescription\nabc\t1.0\t2\tkeep\tx\n")
    with pytest.raises(InputError, match="minimize"):
        bring_in(project(tmp_path / "p", "val_bpb", "maximize"), str(results))
    table = tmp_path / "t.csv"
    table.write_text("lr,loss\n1,2\n2,3\n")
    with pytest.raises(SourceError, match="which column"):
        bring_in(project(tmp_path / "q"), str(table))


class Client:
    """Keeps what an MLflow client is told."""

    told: dict[str, dict[str, str]]

    def __init__(self, tracking_uri: str) -> None:
        Client.where = tracking_uri

    def set_tag(self, run: str, name: str, value: str) -> None:
        Client.told.setdefault(run, {})[name] = value


def test_every_ended_run_is_tagged_and_the_best_is_never_called_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = ModuleType("mlflow.tracking")
    tracking.MlflowClient = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", ModuleType("mlflow"))
    monkeypatch.setitem(sys.modules, "mlflow.tracking", tracking)
    Client.told = {}
    trials = known_trials()
    source = writers.mlflow_db(tmp_path, trials)
    assert tag(str(source), metric=METRIC, direction="minimize")["runs"] == len(trials)
    assert Client.where == f"sqlite:///{source}"
    ends = {"ok": "ok", "nan": "diverged", "failed": "failed"}
    assert [Client.told[f"{at:032x}"]["playnote.outcome"] for at in range(len(trials))] == [
        ends[t.ends] for t in trials
    ]
    best = min(range(6), key=lambda at: trials[at].score or 9.0)
    assert Client.told[f"{best:032x}"]["playnote.rank"] == "1"
    assert Client.told[f"{best:032x}"]["playnote.best"] in ("tied", "unconfirmed")
    assert sum("playnote.best" in each for each in Client.told.values()) == 1


def test_tagging_says_which_library_is_missing_and_which_sources_carry_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match="pip install mlflow"):
        tag(str(writers.mlflow_db(tmp_path, known_trials())), metric=METRIC, direction="minimize")
    table = tmp_path / "t.csv"
    table.write_text("lr,err\n1,2\n2,3\n")
    with pytest.raises(SourceError, match="no tags"):
        tag(str(table), metric="err", direction="minimize")


class Theirs:
    """A W&B run as its API gives it."""

    def __init__(self) -> None:
        self.tags = ["kept", "playnote.outcome=ok", "playnote.rank=1"]
        self.updated = 0

    def update(self) -> None:
        self.updated += 1


def test_tags_on_wandb_runs_replace_ours_and_keep_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: dict[str, Theirs] = {}

    class Api:
        def run(self, path: str) -> Theirs:
            return runs.setdefault(path, Theirs())

    library = ModuleType("wandb")
    library.Api = Api  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", library)
    got = read_source(str(writers.mlflow_db(tmp_path, known_trials()[:2])), Wanted(metric=METRIC, direction="minimize"))
    got = replace(got, state=replace(got.state, origin="wandb"))
    first = got.state.trials[0]
    assert tag_runs("wandb://team/digits", got, {first.id: {"outcome": "diverged", "note": "x" * 99}}) == 1
    theirs = runs[f"team/digits/{first.facts['run_id']}"]
    assert theirs.tags[:3] == ["kept", "playnote.rank=1", "playnote.outcome=diverged"]
    assert (len(theirs.tags[3]), theirs.updated) == (64, 1)
    with pytest.raises(SourceError, match="no tags"):
        tag_runs("offline-run-1", got, {first.id: {"outcome": "ok"}})
