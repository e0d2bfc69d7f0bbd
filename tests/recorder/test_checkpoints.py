"""Checkpoints: the best few by the objective and the last, across attempts."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.recorder import TrialCard, attempt_log, checkpoints, trial_in, write_card
from playnote.recorder.checkpoints import chosen_checkpoint, kept_checkpoints

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


@given(
    scores=st.lists(st.sampled_from([math.nan, 0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=12),
    direction=st.sampled_from(["minimize", "maximize"]),
    within=st.sampled_from([0.0, 0.1001, 0.2001]),
)
def test_the_choice_after_the_run_is_the_latest_of_those_that_tie_with_the_best(scores, direction, within) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_card(folder, TrialCard(id="t", objective="dev/error", direction=direction, keep=len(scores)))
        with trial_in(folder) as trial:
            for step, score in enumerate(scores):
                trial.log(step, {"dev/error": score})
                trial.checkpoint(step, {"step": step})
        chosen = chosen_checkpoint(folder, direction, within)
        finite = [score for score in scores if math.isfinite(score)]
        if not finite:
            assert chosen is None
            return
        best = min(finite) if direction == "minimize" else max(finite)
        expected = max(step for step, score in enumerate(scores) if abs(score - best) <= within)
        assert chosen is not None
        assert (chosen.step, chosen.load()) == (expected, {"step": expected})


def test_a_checkpoint_that_was_cut_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    write_card(tmp_path, TrialCard(id="t", objective="dev/error"))
    with trial_in(tmp_path) as trial:
        for step in (1, 2):
            trial.log(step, {"dev/error": 1.0 / step})
            trial.checkpoint(step, {"weight": torch.full((3,), float(step))})
    last = kept_checkpoints(tmp_path)[-1].path
    last.write_bytes(last.read_bytes()[:200])
    write_card(tmp_path, TrialCard(id="t", attempt=2))
    with trial_in(tmp_path) as trial:
        step, state = trial.resume() or (None, {})
    assert (step, state["weight"].tolist()) == (1, [1.0, 1.0, 1.0])


def test_all_that_led_to_a_checkpoint_is_on_record_before_it_can_be_resumed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    whole = checkpoints._whole

    def looked_at(path: Path, write: object) -> None:
        seen.append((path.name, b'"step":7' in attempt_log(tmp_path, 1).read_bytes()))
        whole(path, write)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoints, "_whole", looked_at)
    write_card(tmp_path, TrialCard(id="t"))
    with trial_in(tmp_path) as trial:
        trial.log(7, {"dev/error": 0.5})
        trial.checkpoint(7, {})
    assert seen == [("attempt-1-step-7.json", True), ("checkpoints.json", True)]


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch was-run",)


def test_loading_a_checkpoint_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    write_card(tmp_path, TrialCard(id="t"))
    with trial_in(tmp_path) as trial:
        trial.checkpoint(1, {"model": Code()})
    with pytest.raises(InputError, match="could run code"):
        kept_checkpoints(tmp_path)[-1].load()
    assert not (tmp_path / "was-run").exists()


WRITER = """
import sys
from pathlib import Path
from playnote.recorder import trial_in
with trial_in(Path(sys.argv[1])) as trial:
    start, _ = trial.resume() or (0, None)
    for step in range(int(start) + 1, 1_000_000):
        trial.log(step, {"dev/error": 1.0 / step})
        trial.checkpoint(step, bytes([step % 256]) * 200_000)
        print(step, flush=True)
"""


@pytest.mark.faults
def test_a_writer_killed_at_any_moment_leaves_the_best_and_the_newest_whole(tmp_path: Path) -> None:
    chance, told = random.Random(45), 0
    for attempt in range(1, 26):
        write_card(tmp_path, TrialCard(id="t", attempt=attempt, objective="dev/error"))
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(chance.randint(1, 60))]
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.read().splitlines(keepends=True)
        told = max(int(line) for line in lines if line.endswith("\n"))
        newest, best = kept_checkpoints(tmp_path)[-1], chosen_checkpoint(tmp_path, "minimize")
        assert newest.step >= told
        assert best is not None
        assert best.step == newest.step
        for each in kept_checkpoints(tmp_path):
            assert each.load() == bytes([int(each.step) % 256]) * 200_000
