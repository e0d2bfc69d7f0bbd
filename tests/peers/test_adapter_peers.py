"""Each adapter on a real training of its framework: what was logged is what happened, reckoned apart by the script."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from peers_environment import HERE, OFFLINE, PEERS, PYTHON

from playnote.recorder import TrialCard, attempt_log
from playnote.recorder.card import write_card
from playnote.recorder.lines import decode

SOURCE = Path(__file__).parents[2] / "src"


def trained(script: str, folder: Path) -> tuple[dict[str, object], list[dict[str, object]]]:
    """What the script reckoned, and the rows the callback logged."""
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    trial = folder / "t1"
    write_card(trial, TrialCard(id="t1"))
    environment = {
        **os.environ,
        **OFFLINE,
        "HOME": str(folder),
        "PYTHONPATH": str(SOURCE),
        "PLAYNOTE_TRIAL": str(trial),
    }
    done = subprocess.run(
        [str(PYTHON), str(HERE / "writers" / f"{script}.py"), str(folder)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    rows = [each for each in decode(attempt_log(trial, 1).read_bytes()).records if each["kind"] == "log"]
    return json.loads(done.stdout.strip().splitlines()[-1]), rows


def series(rows: list[dict[str, object]], name: str) -> list[float]:
    return [row["metrics"][name] for row in rows if name in row["metrics"]]  # type: ignore[index]  # a log's row


@pytest.fixture(scope="module", params=["adapter_lightning", "adapter_transformers", "adapter_keras"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    script = str(request.param)
    return (script, *trained(script, tmp_path_factory.mktemp(script)))


def test_every_step_is_logged_as_it_was(run) -> None:
    script, expected, rows = run
    close = (
        {"rel": 2e-3} if expected.get("rounded") else {"rel": 1e-4}
    )  # the Trainer rounds what it logs to four digits
    if script == "adapter_transformers":
        close["abs"] = 1e-4
    assert series(rows, "train/loss") == pytest.approx(expected["losses"], **close)
    assert series(rows, "grad_norm") == pytest.approx(expected["norms"], **close)
    assert series(rows, "lr") == pytest.approx(expected["rates"], rel=1e-5)
    assert min(series(rows, "grad_norm")) > 0.01  # clipped at 0.01: the norms are those from before
    assert (
        len([row for row in rows if any(name.startswith("dev/") for name in row["metrics"])]) == expected["evaluations"]
    )


def test_every_step_is_timed(run) -> None:
    _, expected, rows = run
    seconds, waits = series(rows, "step_seconds"), series(rows, "data_wait")
    assert len(seconds) == len(waits) == len(expected["losses"])  # type: ignore[arg-type]  # a list, printed by the script
    assert all(0.0 <= wait <= second for wait, second in zip(waits, seconds, strict=True))
    if expected["samples"]:
        throughput = series(rows, "samples_per_second")
        assert throughput == pytest.approx([expected["samples"] / second for second in seconds])  # type: ignore[operator]
    assert bool(series(rows, "train_eval/error")) is bool(expected.get("train_eval"))
