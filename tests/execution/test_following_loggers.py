"""A command that logs through TensorBoard or offline W&B is followed while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_executors import job

from playnote.errors import WorkflowError
from playnote.execution.attempt import run_attempt
from playnote.execution.command import check_command
from playnote.execution.following_loggers import Folder
from playnote.recorder import attempt_log
from playnote.recorder.lines import decode
from playnote.records.project import Workflow
from playnote.testing.event_files import event, plain, record, write_events
from playnote.testing.wandb_files import ended, framed, row, run_record


def events(values: list[float]) -> list[bytes]:
    return [event(step, [plain("dev/error", value)]) for step, value in enumerate(values)]


def test_event_files_are_read_as_they_grow_and_what_was_there_is_skipped(tmp_path: Path) -> None:
    run = tmp_path / "r"
    write_events(run / "a.tfevents.1", events([9.0, 9.0]))
    follower = Folder(run, "tensorboard")
    assert list(follower.read()) == []
    path = write_events(run / "b.tfevents.2", events([0.5]))
    write_events(run / "validation" / "c.tfevents.3", [event(0, [plain("loss", 2.0)])])
    write_events(run / "loss_train" / "c.tfevents.3", [event(1, [plain("loss", 3.0)])])
    assert list(follower.read()) == [
        (0.0, {"dev/error": 0.5, "validation/loss": 2.0}),
        (1.0, {"loss/train": 3.0}),
    ]
    whole = record(event(2, [plain("dev/error", 0.25)]))
    for piece, seen in ((whole[:9], []), (whole[9:], [(2.0, {"dev/error": 0.25})]), (b"", [])):
        with path.open("ab") as file:
            file.write(piece)
        assert list(follower.read()) == seen


def test_wandb_files_are_read_as_they_grow(tmp_path: Path) -> None:
    data = framed([run_record("a", "a", {}), row(0, {"dev/error": 0.5}), row(3, {"dev/error": 0.25}), ended(0)])
    follower = Folder(tmp_path, "wandb-offline")
    path = tmp_path / "wandb" / "run-a" / "run-a.wandb"
    path.parent.mkdir(parents=True)
    seen = []
    for at in (5, len(data) // 2, len(data)):
        path.write_bytes(data[:at])
        seen += list(follower.read())
    assert seen == [(0.0, {"dev/error": 0.5}), (3.0, {"dev/error": 0.25})]


def copying(tmp_path: Path, then: str = "") -> Workflow:
    (tmp_path / "train.sh").write_text(f'mkdir -p "runs/$1"\ncp made.tfevents.1 "runs/$1/"\n{then}\n', encoding="utf-8")
    return Workflow(command="sh train.sh {trial}", metrics="tensorboard:runs/{trial}", folder=str(tmp_path))


def test_a_trial_has_the_numbers_of_its_own_folder(tmp_path: Path) -> None:
    write_events(tmp_path / "made.tfevents.1", events([0.5, 0.25]))
    one = job(tmp_path, 1)
    assert run_attempt(one, copying(tmp_path), None).outcome == "ok"
    rows = decode(attempt_log(one.folder, 1).read_bytes()).records
    assert [(r["step"], r["metrics"]) for r in rows if r["kind"] == "log"] == [
        (0.0, {"dev/error": 0.5}),
        (1.0, {"dev/error": 0.25}),
    ]


def test_nan_in_an_event_file_ends_the_command(tmp_path: Path) -> None:
    write_events(tmp_path / "made.tfevents.1", events([0.5, float("nan")]))
    assert run_attempt(job(tmp_path, 1), copying(tmp_path, "sleep 600"), None).outcome == "nan"


@pytest.mark.parametrize("kind", ["tensorboard", "wandb-offline"])
def test_a_folder_that_trials_would_share_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(WorkflowError, match=r"\{trial\}"):
        check_command(Workflow(command="true", metrics=f"{kind}:runs", folder=str(tmp_path)))
    check_command(Workflow(command="true", metrics=kind + ":{folder}", folder=str(tmp_path)))
