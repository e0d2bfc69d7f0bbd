"""`import` and `export` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playnote.interfaces.cli.app import app

PROJECT = """
[project]
name = "p"
[objective]
optimize = "err"
direction = "minimize"
min_effect = 0.01
[workflow]
command = "python train.py --lr {lr}"
max_train_steps = 10
evaluate_every = 1
[hyperparameters]
lr = { low = 1e-5, high = 1.0, scale = "log" }
[baseline]
lr = 0.1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "playnote.toml").write_text(PROJECT)
    (tmp_path / "made.csv").write_text("lr,seed,err\n0.1,1,0.5\n0.2,2,0.4\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYNOTE_LANG", "en")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_what_is_imported_is_exported_and_reviewed(folder: Path, ending: str) -> None:
    code, text = run("import", "made.csv", "--json")
    assert (code, json.loads(text)["data"]["imported"]) == (0, 2)
    code, text = run("export", "--to", f"out.{ending}", "--json")
    assert (code, json.loads(text)["data"]["trials"]) == (0, 2)
    code, text = run("review", f"out.{ending}", "--direction", "minimize", "--json")
    data = json.loads(text)["data"]
    assert (code, data["trials"], data["hyperparameters"]) == (0, 2, ["lr"])


def test_both_languages_say_what_was_done_and_left_out(folder: Path) -> None:
    assert "2 trials imported" in run("import", "made.csv")[1]
    assert (
        "2 个试验"
        in run("export", "made.csv", "--metric", "err", "--direction", "minimize", "--to", "x.csv", "--lang", "zh")[1]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export",), "--to"),
        (("export", "--tag"), "source"),
        (("export", "--to", "x.pkl"), ".jsonl"),
        (("import", "no.csv"), "no such file"),
    ],
)
def test_what_is_missing_is_said_with_a_fix_and_exit_code_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    code, text = run(*words)
    assert code == 2
    assert said in text
