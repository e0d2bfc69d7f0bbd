"""An estimate of how many steps a fit takes, made by the command line, checked by runs it has not seen: also twice as long."""

from __future__ import annotations

import importlib.util
import json
import statistics
from collections import deque
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playnote.interfaces.cli.app import app
from playnote.service.rounds import baseline_run
from playnote.service.session import open_project

TARGET = 0.002  # share of the training pictures read wrongly that counts as fitted: 2 of about 900
SEEDS = (101, 102, 103)


def said(*words: str) -> dict[str, object]:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output[-2000:]
    return json.loads(done.stdout)["data"]


def ended(folder: Path, steps: int, lr: float, seed: int) -> tuple[float, float]:
    """Evaluation-mode train error and dev error at the end of a run of its own, outside the procedure."""
    place = importlib.util.spec_from_file_location("digits_on_its_own", folder / "train.py")
    assert place is not None
    assert place.loader is not None
    train = importlib.util.module_from_spec(place)
    place.loader.exec_module(train)
    seen: dict[str, float] = {}

    class Alone:
        """Keeps the last value of everything."""

        milestone = None
        configuration = {"lr": lr, "weight_decay": 1e-4, "dropout": 0.0}  # noqa: RUF012

        def __init__(self) -> None:
            self.seed = seed

        def log(self, _step: float, metrics: dict[str, float]) -> None:
            seen.update(metrics)

        def eval_train(self, _step: float, error: float) -> None:
            seen["train/error"] = error

        def predictions(self, *_: object, **__: object) -> None:
            """Nothing is kept."""

    train.train(Alone(), steps)
    return seen["train/error"], seen["dev/error"]


@pytest.mark.scenarios
def test_a_run_of_the_estimated_length_fits_half_of_it_does_less_and_twice_of_it_gains_nothing_that_matters(tmp_path):
    import torch

    folder = tmp_path / "digits"
    assert CliRunner().invoke(app, ["init", "--example", "digits", str(folder), "--yes"]).exit_code == 0
    deque(baseline_run(open_project(folder)), maxlen=0)
    told = said("measure", "steps", "--target", str(TARGET), "--start", "10", "--project", str(folder))
    found = next(row for row in told["results"] if row["name"] == "steps")
    steps, lr = int(found["steps"]), float(found["lr"])
    assert told["answer"] == "yes"
    assert told["edits"] == {"workflow.max_train_steps": steps}

    torch.set_num_threads(1)
    half, once, twice = (
        [ended(folder, length, lr, seed) for seed in SEEDS] for length in (steps // 2, steps, 2 * steps)
    )
    train_error = [statistics.mean(train for train, _ in runs) for runs in (half, once, twice)]
    dev_error = [statistics.mean(dev for _, dev in runs) for runs in (half, once, twice)]
    project = open_project(folder).project
    assert train_error[1] <= 2 * TARGET, (steps, train_error, dev_error)
    assert train_error[0] > train_error[1], (steps, train_error, dev_error)
    assert train_error[2] <= TARGET, (steps, train_error, dev_error)
    # Twice as long changes the score by less than what matters: the estimate is where to start.
    assert dev_error[1] - dev_error[2] < project.objective.min_effect, (steps, train_error, dev_error)
