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


def trained(script: str, folder: Path) -> tuple[dict[str, object], list[dict[str, object]], list[dict[str, object]]]:
    """What the script reckoned, the rows the callback logged, and everything else it recorded."""
    if not (PEERS / "ready").exists():
        pytest.skip("there is no environment of other tools' libraries: make peers")
    name, *more = script.split()
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
        [str(PYTHON), str(HERE / "writers" / f"{name}.py"), str(folder), *more],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    records = decode(attempt_log(trial, 1).read_bytes()).records
    rows, others = ([r for r in records if (r["kind"] == "log") is logged] for logged in (True, False))
    return json.loads(done.stdout.strip().splitlines()[-1]), rows, others


def series(rows: list[dict[str, object]], name: str) -> list[float]:
    return [row["metrics"][name] for row in rows if name in row["metrics"]]  # type: ignore[index]  # a log's row


SCRIPTS = (
    "adapter_torch",
    "adapter_lightning",
    "adapter_transformers",
    "adapter_keras",
    "adapter_keras accumulated",
    "adapter_jax",
)
# What every adapter must bring into the record, by the name it is looked up under.
METRICS = (
    "train/loss",
    "grad_norm",
    "lr",
    "data_wait",
    "step_seconds",
    "samples_per_second",
    "train_eval/error",
    "dev/",
    "train_dev/",
)
KINDS = ("checkpoint", "predictions")


@pytest.fixture(scope="module", params=SCRIPTS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    script = str(request.param)
    return (script, *trained(script, tmp_path_factory.mktemp(script.replace(" ", "-"))))


def test_every_field_of_the_table_is_recorded(run) -> None:
    script, expected, rows, others = run
    names = {name for row in rows for name in row["metrics"]}
    missing = [each for each in METRICS if not any(name.startswith(each) for name in names)]
    kinds = [record["kind"] for record in others]
    assert not missing + [each for each in KINDS if each not in kinds], script
    # Once an evaluation, however many sets of examples it had.
    assert kinds.count("checkpoint") == len(series(rows, "train_eval/error")) == expected["evaluations"]
    assert kinds.count("predictions") == 1


def test_every_step_is_logged_as_it_was(run) -> None:
    script, expected, rows, _ = run
    close = (
        {"rel": 2e-3} if expected.get("rounded") else {"rel": 1e-4}
    )  # the Trainer rounds what it logs to four digits
    if script == "adapter_transformers":
        close["abs"] = 1e-4
    assert series(rows, "train/loss") == pytest.approx(expected["losses"], **close)
    assert series(rows, "grad_norm") == pytest.approx(expected["norms"], **close)
    assert series(rows, "lr") == pytest.approx(expected["rates"], rel=1e-5)
    assert min(series(rows, "grad_norm")) > 0.01  # clipped at 0.01: the norms are those from before
    for split in ("dev/", "train_dev/"):
        seen = [row for row in rows if any(name.startswith(split) for name in row["metrics"])]
        assert len(seen) == expected["evaluations"]


def test_every_step_is_timed(run) -> None:
    _, expected, rows, _ = run
    seconds, waits = series(rows, "step_seconds"), series(rows, "data_wait")
    assert len(seconds) == len(waits) == len(expected["losses"])  # type: ignore[arg-type]  # a list, printed by the script
    assert all(0.0 <= wait <= second for wait, second in zip(waits, seconds, strict=True))
    samples = expected["samples"] if isinstance(expected["samples"], list) else [expected["samples"]] * len(seconds)
    wanted = [count / second for count, second in zip(samples, seconds, strict=True)]
    assert series(rows, "samples_per_second") == pytest.approx(wanted)
