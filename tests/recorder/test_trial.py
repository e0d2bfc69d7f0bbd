"""The trial handle: what is logged is durable, what may not be logged is refused, and alone it is harmless."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playnote.errors import InputError, LedgerError
from playnote.recorder import Trial, TrialCard, TrialEnded, attempt_log, current_trial, read_card, trial_in, write_card
from playnote.recorder import current as current_module
from playnote.recorder.lines import decode


def records(folder: Path, attempt: int = 1) -> list[dict[str, object]]:
    found = decode(attempt_log(folder, attempt).read_bytes())
    assert not found.damage
    return list(found.records)


def rows(folder: Path) -> list[tuple[object, object]]:
    return [(r["step"], r["metrics"]) for r in records(folder) if r["kind"] == "log"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    card = TrialCard(id="t0001", configuration={"lr": 0.1}, seed=7, watch=("dev/error",))
    write_card(tmp_path / "t0001", card)
    return tmp_path / "t0001"


def test_a_card_comes_back_as_it_was_written(folder: Path) -> None:
    card = TrialCard(id="x", configuration={"a": 1, "b": "c", "d": True}, watch=("m",), milestone="release", keep=1)
    write_card(folder, card)
    assert read_card(folder) == card
    assert not list(folder.glob(".trial.json*"))


def test_what_is_logged_is_in_the_file(folder: Path) -> None:
    with trial_in(folder) as trial:
        assert (trial.id, trial.configuration, trial.seed) == ("t0001", {"lr": 0.1}, 7)
        trial.log(0, {"train/loss": 2.5, "dev/error": 1})
        trial.log(np.int64(1), {"train/loss": np.float32(0.5), "dev/error": np.array(0.25)})
        trial.eval_train(1, 0.125)
        trial.facts["parameters"] = 1200
    assert rows(folder) == [
        (0, {"train/loss": 2.5, "dev/error": 1}),
        (1.0, {"train/loss": 0.5, "dev/error": 0.25}),
        (1, {"train_eval/error": 0.125}),
    ]
    assert {"kind": "fact", "name": "parameters", "value": 1200} in records(folder)
    assert records(folder)[-1] == {"kind": "closed"}


def test_a_dictionary_or_tensor_changed_after_the_call_changes_nothing(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    with trial_in(folder) as trial:
        loss, metrics = torch.zeros(()), {"train/loss": 0.0}
        for step in range(3):
            loss += 1
            metrics["train/loss"] = loss
            trial.log(step, metrics)
    assert rows(folder) == [(step, {"train/loss": step + 1.0}) for step in range(3)]


class OnDevice:
    """Stands in for a tensor on a device: copying it does not wait, `item` does."""

    def __init__(self, value: float, waits: list[str]) -> None:
        self.device = type("device", (), {"type": "cuda"})
        self.value, self.waits = value, waits

    def detach(self) -> OnDevice:
        return self

    def clone(self) -> OnDevice:
        return OnDevice(self.value, self.waits)

    def item(self) -> float:
        self.waits.append("waited")
        if self.value == -1:
            raise RuntimeError("device lost")
        return self.value


def test_a_value_on_a_device_is_not_waited_for_before_the_log_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playnote.recorder.log.EVERY", 1e6)
    waits: list[str] = []
    with trial_in(folder) as trial:
        value = OnDevice(0.5, waits)
        trial.log(0, {"dev/error": value})
        value.value = 9.0
        trial.log(1, {"dev/error": OnDevice(-1, waits), "lr": 0.1})
        assert not waits
        trial.flush()
        assert len(waits) == 2
    assert rows(folder) == [(0, {"dev/error": 0.5}), (1, {"lr": 0.1})]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_or_infinity_in_a_watched_metric_ends_the_trial_and_is_recorded(folder: Path, bad: float) -> None:
    with trial_in(folder) as trial:
        trial.log(0, {"dev/error": 0.5, "grad_norm": math.inf})
        with pytest.raises(TrialEnded) as caught:
            trial.log(1, {"dev/error": bad})
    assert (caught.value.outcome, caught.value.step, caught.value.metric) == ("nan", 1, "dev/error")
    ended = [r for r in records(folder) if r["kind"] == "ended"]
    assert len(ended) == 1
    assert ended[0]["metric"] == "dev/error"
    assert len(rows(folder)) == 2


def test_many_values_on_a_device_are_refused_at_once(folder: Path) -> None:
    many = OnDevice(0.5, [])
    many.ndim, many.numel = 1, lambda: 3  # type: ignore[attr-defined]
    with trial_in(folder) as trial, pytest.raises(InputError, match="not a single number"):
        trial.log(0, {"x": many})


def test_nan_that_lay_on_a_device_ends_the_trial_at_the_next_call(folder: Path) -> None:
    with trial_in(folder) as trial:
        trial.log(0, {"dev/error": OnDevice(math.nan, [])})
        trial.flush()
        with pytest.raises(TrialEnded):
            trial.log(1, {"lr": 0.1})
    assert [r["kind"] for r in records(folder)].count("ended") == 1


def test_the_end_of_a_trial_passes_through_the_users_own_exception_handler(folder: Path) -> None:
    def train(trial: Trial) -> None:
        try:
            trial.log(0, {"dev/error": math.nan})
        except Exception:
            pytest.fail("an `except Exception` must not swallow the end of the trial")

    with pytest.raises(TrialEnded), trial_in(folder) as trial:
        train(trial)


@pytest.mark.parametrize("value", [None, "hello", [1.0, 2.0], np.zeros(2), object()])
def test_what_is_no_number_is_refused_by_name(folder: Path, value: object) -> None:
    with trial_in(folder) as trial, pytest.raises(InputError, match="'train/loss'"):
        trial.log(0, {"train/loss": value})


def test_the_test_split_is_refused_outside_a_milestone_and_the_refusal_recorded(folder: Path) -> None:
    with trial_in(folder) as trial:
        for _ in range(2):
            with pytest.raises(InputError, match="test/error would read the sealed split"):
                trial.log(0, {"test/error": 0.1, "dev/error": 0.1})
        with pytest.raises(InputError):
            trial.predictions("test", ids=[1], predictions=[0])
        trial.log(0, {"dev/error": 0.1, "test_loss": 0.1})
    assert [r["kind"] for r in records(folder)].count("test-refused") == 3
    assert len(rows(folder)) == 1


def test_every_reading_of_the_test_split_in_a_milestone_is_counted(folder: Path) -> None:
    write_card(folder, TrialCard(id="t0001", milestone="release 1"))
    with trial_in(folder) as trial:
        for step in range(3):
            trial.log(step, {"test/error": 0.1})
    reads = [r for r in records(folder) if r["kind"] == "test-read"]
    assert [(r["metric"], r["milestone"]) for r in reads] == [("test/error", "release 1")] * 3


def test_alone_the_handle_accepts_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import playnote.recorder as r
trial = r.current_trial({"lr": 0.1}, seed=3)
assert trial is r.current_trial()
assert (trial.configuration, trial.seed, trial.local) == ({"lr": 0.1}, 3, True)
trial.log(0, {"dev/error": float("nan"), "test/error": 0.5})
trial.eval_train(0, 0.5); trial.checkpoint(0, {"a": 1}); trial.facts["x"] = 1
trial.predictions("dev", ids=[1], predictions=[0])
assert list(trial.steps([1, 2])) == [1, 2]
assert trial.resume() is None
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PLAYNOTE")}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert not list(tmp_path.iterdir())


def test_a_process_started_by_the_runner_finds_its_trial_and_ends_quietly_on_nan(folder: Path) -> None:
    code = 'import playnote.recorder as r; r.current_trial().log(1, {"dev/error": float("nan")})'
    environment = {**os.environ, "PLAYNOTE_TRIAL": str(folder), "PLAYNOTE_ATTEMPT": "2"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (TrialEnded.CODE, "")
    assert [r["kind"] for r in records(folder, 2)] == ["opened", "log", "ended", "closed"]


def test_only_rank_zero_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    with trial_in(folder) as trial:
        trial.log(0, {"dev/error": 0.5})
        with pytest.raises(TrialEnded):
            trial.log(0, {"dev/error": math.nan})
        assert trial.configuration == {"lr": 0.1}
    assert not attempt_log(folder, 1).exists()


def test_a_forked_child_writes_nothing_and_takes_nothing_from_its_parent(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playnote.recorder.log.EVERY", 1e6)
    with trial_in(folder) as trial:
        trial.log(0, {"dev/error": 0.5})
        code = f"""
import os, pathlib, playnote.recorder as r, playnote.recorder.log as log
log.EVERY = 1e6
with r.trial_in(pathlib.Path({str(folder)!r})) as trial:
    trial.log(1, {{"dev/error": 0.25}})
    child = os.fork()
    trial.log(2 if child else 3, {{"dev/error": 0.25}})
    if child == 0:
        trial.flush(); trial.close(); os._exit(0)
    os.waitpid(child, 0)
"""
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    assert sorted(step for step, _ in rows(folder)) == [0, 1, 2]


def test_trials_follow_one_another_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_module, "_current", None)
    for name in ("t1", "t2"):
        write_card(tmp_path / name, TrialCard(id=name))
        with trial_in(tmp_path / name) as trial:
            assert current_trial() is trial
            trial.log(0, {"name": float(name[1])})
        trial.log(1, {"late": 1.0})  # after the end: ignored
        assert rows(tmp_path / name) == [(0, {"name": float(name[1])})]


def test_a_folder_without_a_card_is_told_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No trial is described") as caught, trial_in(tmp_path):
        pass
    assert "PLAYNOTE_TRIAL" in caught.value.fix.en


def test_a_second_process_of_the_same_attempt_does_not_lose_its_first_line(folder: Path) -> None:
    attempt_log(folder, 1).write_bytes(b'{"kind":"log","st')
    with trial_in(folder) as trial:
        trial.log(0, {"dev/error": 0.5})
    found = decode(attempt_log(folder, 1).read_bytes())
    assert [d.data for d in found.damage] == [b'{"kind":"log","st']
    assert [r["kind"] for r in found.records] == ["opened", "log", "closed"]


def test_the_share_of_waiting_is_recorded_even_when_the_loop_is_left(folder: Path) -> None:
    with trial_in(folder) as trial:
        for batch in trial.steps(range(10)):
            if batch == 4:
                break
        (batches := trial.steps(iter([]))) and list(batches)
    inputs = [r for r in records(folder) if r["kind"] == "input"]
    assert [r["steps"] for r in inputs] == [5, 0]
    assert 0 <= inputs[0]["waited"] <= inputs[0]["seconds"]  # type: ignore[operator]


def test_predictions_are_kept_for_their_owner_alone(folder: Path) -> None:
    import gzip

    with trial_in(folder) as trial:
        trial.predictions(
            "dev", ids=["a", "b"], labels=np.array([0, 1]), probabilities=np.array([[0.5, 0.5], [0.25, 0.75]])
        )
        with pytest.raises(InputError, match="do not fit together"):
            trial.predictions("dev", ids=["a"], predictions=[1, 2])
        with pytest.raises(InputError):
            trial.predictions("dev", ids=["a"])
    (record,) = [r for r in records(folder) if r["kind"] == "predictions"]
    path = folder / str(record["file"])
    assert record["n"] == 2
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(gzip.decompress(path.read_bytes())) == {
        "ids": ["a", "b"],
        "labels": [0, 1],
        "probabilities": [[0.5, 0.5], [0.25, 0.75]],
    }
