"""W&B runs: files by their format alone, what is left of a run without one, and a project through a stand-in library."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from playnote.connectors.choose import read_source
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.wandb_log import LogFile
from playnote.errors import MissingExtraError, SourceError
from playnote.space.hyperparameter import Categorical, Float, Integer
from playnote.testing.connector_kit import Keeps, bears, bears_huge_names, reads_back
from playnote.testing.event_files import part, varint, whole
from playnote.testing.wandb_files import ended, framed, row, run_record, write_runs

WANTED = Wanted(metric="dev/error", direction="minimize")


def said(got: Imported) -> str:
    return "\n".join(text.en for text in got.left_out)


def test_known_trials_read_back_equal(tmp_path: Path) -> None:
    assert reads_back(write_runs, tmp_path, steps=20_000) == ()


def test_a_spoilt_folder_gives_one_error_or_says_what_is_missing(tmp_path: Path) -> None:
    assert bears(write_runs, tmp_path, Keeps()) == ()


def test_huge_names_are_read_and_shown_short(tmp_path: Path) -> None:
    assert bears_huge_names(write_runs, tmp_path) == ()


def test_records_of_any_length_cross_the_blocks(tmp_path: Path) -> None:
    for length in (32754, 32755, 32761, 32762, 70_000):
        path = tmp_path / f"{length}.wandb"
        records = [bytes([n]) * length for n in range(3)] + [b""]
        path.write_bytes(framed(records))
        log = LogFile(path)
        assert list(log.read()) == records
        assert log.damage is None


def test_what_is_appended_is_read_by_the_next_read(tmp_path: Path) -> None:
    whole_file = framed([b"a" * 40_000, b"b"])
    path = tmp_path / "x.wandb"
    log = LogFile(path)
    seen = []
    for at in (3, 20, 35_000, len(whole_file) - 1, len(whole_file)):
        path.write_bytes(whole_file[:at])
        seen.append([record[:1] for record in log.read()])
    assert seen == [[], [], [], [b"a"], [b"b"]]
    assert log.damage is None


def test_a_resumed_run_is_one_story_and_a_run_without_an_end_still_runs(tmp_path: Path) -> None:
    for at, (steps, value, end) in enumerate((((0, 1, 2), 1.0, 1), ((2, 3), 0.5, None))):
        place = tmp_path / "wandb" / f"run-2026010{at}_000000-abc"
        place.mkdir(parents=True)
        records = [run_record("abc", "mine", {"lr": 0.1}), *(row(s, {"dev/error": value}) for s in steps)]
        (place / "run-abc.wandb").write_bytes(framed(records + ([ended(end)] if end is not None else [])))
    got = read_source(str(tmp_path / "wandb"), WANTED)
    curve = got.state.curves.curve("mine", "dev/error")
    assert curve is not None
    assert dict(zip(curve.steps, curve.values, strict=True)) == {0.0: 1.0, 1.0: 1.0, 2.0: 0.5, 3.0: 0.5}
    assert got.state.trials[0].outcome is None
    assert "resumed" in said(got)
    assert "no end" in said(got)


def test_the_defined_goal_is_the_direction_and_nested_settings_are_flat(tmp_path: Path) -> None:
    records = [
        run_record("a", "a", {"opt": {"lr": 0.1, "name": "sgd"}, "layers": [1, 2]}),
        part(12, part(1, "acc") + whole(8, 2)),
        part(5, part(1, part(2, "opt") + part(2, "lr") + part(16, "0.2"))),
        row(0, {"acc": 0.5, "loss": 1.0}),
        part(2, part(1, part(1, "pic") + part(16, '{"_type": "image"}')) + part(2, varint(8) + varint(1))),
        ended(0),
    ]
    (tmp_path / "run-a.wandb").write_bytes(framed(records))
    got = read_source(str(tmp_path / "run-a.wandb"))
    assert (got.metric, got.state.project.objective.direction, got.said) == ("acc", "maximize", "source")
    assert got.state.trials[0].configuration == {"opt.lr": 0.2, "opt.name": "sgd", "layers": "[1, 2]"}
    assert set(got.state.curves.metrics("a")) == {"acc", "loss"}


def test_settings_and_last_values_are_enough_for_a_run(tmp_path: Path) -> None:
    for at in range(2):
        files = tmp_path / "wandb" / f"run-2026010{at}_000000-r{at}" / "files"
        files.mkdir(parents=True)
        (files / "config.yaml").write_text(
            f"wandb_version: 1\n\n_wandb:\n  value:\n    a: 1\nlr:\n  desc: null\n  value: 0.{at + 1}\n"
        )
        (files / "wandb-summary.json").write_text(json.dumps({"dev/error": 0.3 + at, "_runtime": 5, "note": "x"}))
    got = read_source(str(tmp_path / "wandb"), WANTED)
    assert [dict(trial.configuration) for trial in got.state.trials] == [{"lr": 0.1}, {"lr": 0.2}]
    assert [got.state.readings[t.id].score for t in got.state.trials] == [0.3, 1.3]
    assert "only their last values" in said(got)


class TheirRun:
    """One run as the library shows it; sampled rows must not be asked for."""

    def __init__(self, at: int) -> None:
        self.id, self.name, self.state = f"id{at}", f"run {at}", ("finished", "crashed", "running")[at]
        self.config = {"lr": 10.0**-at, "act": "relu", "_wandb": {}}
        self.summary = types.SimpleNamespace(_json_dict={"dev/error": 0.1, "_step": 2, "pic": {"_type": "image"}})
        self.created_at = "2026-01-01T00:00:00Z"
        parameters = {
            "lr": {"min": 1e-4, "max": 1.0, "distribution": "log_uniform_values"},
            "act": {"values": ["relu", "gelu"]},
            "width": {"min": 1, "max": 8},
            "fixed": {"value": 3},
        }
        config = {"method": "random", "metric": {"name": "dev/error", "goal": "minimize"}, "parameters": parameters}
        self.sweep = types.SimpleNamespace(config=config)

    def scan_history(self) -> Any:
        return iter(
            [{"_step": 0, "dev/error": 0.5, "lr": 1}, {"_step": 1, "dev/error": None}, {"_step": 2, "dev/error": 0.1}]
        )

    def history(self, **_: object) -> None:
        raise AssertionError


def stand_in(runs: Any) -> types.ModuleType:
    library = types.ModuleType("wandb")
    library.Error = type("Error", (Exception,), {})  # type: ignore[attr-defined]
    library.Api = lambda: types.SimpleNamespace(runs=runs)  # type: ignore[attr-defined]
    return library


def test_a_project_is_read_whole_through_the_users_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", stand_in(lambda path: [TheirRun(at) for at in range(3)]))
    got = read_source("wandb://me/known")
    assert got.state.origin == "wandb"
    assert [trial.outcome for trial in got.state.trials] == ["ok", "failed", None]
    curve = got.state.curves.curve("run 0", "dev/error")
    assert curve is not None
    assert curve.steps.tolist() == [0.0, 2.0]
    assert (got.metric, got.said, got.state.rounds[0].sampler) == ("dev/error", "source", "random")
    space = got.state.project.space
    assert space["lr"] == Float(name="lr", low=1e-4, high=1.0, scale="log")
    assert space["act"] == Categorical(name="act", choices=("relu", "gelu"))
    assert Integer(name="width", low=1, high=8) not in tuple(space)
    assert read_source("wandb:me/known").study == "known"


def test_without_the_library_the_fix_is_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingExtraError, match="pip install wandb"):
        read_source("wandb://me/known")


def test_a_project_that_the_server_refuses_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> list[TheirRun]:
        raise ValueError(f"Could not find project {path}")

    monkeypatch.setitem(sys.modules, "wandb", stand_in(refuse))
    with pytest.raises(SourceError, match="wandb login"):
        read_source("wandb://me/absent")
    with pytest.raises(SourceError, match="ENTITY/PROJECT"):
        read_source("wandb://me")
