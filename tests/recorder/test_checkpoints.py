"""Checkpoints: the best few by the objective and the last, across attempts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playnote.recorder import TrialCard, trial_in, write_card

ERRORS = [0.5, 0.2, 0.4, 0.1, 0.3, 0.6]


def run(folder: Path, **card: object) -> None:
    write_card(folder, TrialCard(id="t", objective="dev/error", keep=2, **card))  # type: ignore[arg-type]
    with trial_in(folder) as trial:
        for step, error in enumerate(ERRORS):
            trial.log(step, {"dev/error": error})
            trial.checkpoint(step, {"step": step})


def kept(folder: Path) -> list[int]:
    files = sorted(path.name for path in folder.glob("*step-*"))
    assert files == sorted(e["file"] for e in json.loads((folder / "checkpoints.json").read_text()))
    return sorted(json.loads((folder / name).read_text())["step"] for name in files)


@pytest.mark.parametrize(("direction", "expected"), [("minimize", [1, 3, 5]), ("maximize", [0, 5])])
def test_the_best_few_and_the_last_stay(tmp_path: Path, direction: str, expected: list[int]) -> None:
    run(tmp_path, direction=direction)
    assert kept(tmp_path) == expected


def test_a_new_attempt_resumes_from_the_last_and_says_so(tmp_path: Path) -> None:
    run(tmp_path)
    write_card(tmp_path, TrialCard(id="t", attempt=2))
    with trial_in(tmp_path) as trial:
        assert trial.resume() == (5, {"step": 5})
    assert '"kind":"resumed","attempt":1,"step":5' in (tmp_path / "attempt-2.jsonl").read_text()


def test_tensors_and_bytes_come_back(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    write_card(tmp_path, TrialCard(id="t"))
    with trial_in(tmp_path) as trial:
        assert trial.resume() is None
        trial.checkpoint(1, {"weight": torch.arange(3.0), "step": 1})
        resumed = trial.resume()
        assert resumed is not None
        assert torch.equal(resumed[1]["weight"], torch.arange(3.0))
        trial.checkpoint(2, b"raw")
        assert trial.resume() == (2, b"raw")
    assert not list(tmp_path.glob(".*"))


def test_a_score_is_only_taken_from_the_same_step(tmp_path: Path) -> None:
    write_card(tmp_path, TrialCard(id="t", objective="dev/error"))
    with trial_in(tmp_path) as trial:
        trial.log(1, {"dev/error": 0.1})
        trial.log(2, {"train/loss": 0.1})
        trial.checkpoint(2, {})
    assert json.loads((tmp_path / "checkpoints.json").read_text())[0]["score"] is None
