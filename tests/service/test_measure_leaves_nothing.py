"""A procedure pays for its framework once, and leaves the user's own training as it found it."""

import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from playnote.service.measure import Measured, measure
from playnote.service.session import open_project

torch = pytest.importorskip("torch")

PROJECT = """
[project]
name = "line"

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.002

[workflow]
function = "train:train"
max_train_steps = 60
evaluate_every = 10

[hyperparameters]
lr = { low = 0.01, high = 10.0, scale = "log", group = "optimizer" }
schedule = { choices = ["constant", "cosine"] }

[baseline]
lr = 0.01
schedule = "cosine"
"""
# It does what training code does to its process: threads, types, seeds, environment, and says which process it is.
CODE = """
import os
import torch

def train(trial, max_train_steps):
    torch.manual_seed(trial.seed)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    os.environ["MY_RUN"] = trial.id
    trial.facts["process"] = os.getpid()
    trial.facts["steps"] = max_train_steps
    weights = torch.ones(4, requires_grad=True)
    for step in range(max_train_steps):
        loss = 2 * weights.square().sum() + 0.001 * torch.rand(())
        (gradient,) = torch.autograd.grad(loss, weights)
        trial.log(step, {"train/loss": loss, "grad_norm": gradient.norm()})
        weights = (weights - trial.configuration["lr"] * gradient).detach().requires_grad_()
        if float(loss.detach()) > 1e30:
            break
    trial.log(max_train_steps, {"dev/error": float(loss.detach())})
"""


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "train.py").write_text(CODE, encoding="utf-8")
    return open_project(tmp_path)


def own_training():
    """What a person trains in the same process, with random numbers from every source."""
    layer = torch.nn.Linear(8, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(10):
        pixels = torch.randn(16, 8) + torch.tensor(np.random.randn(16, 8), dtype=torch.get_default_dtype())
        loss = (layer(pixels) - random.random()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def process():
    """Everything a procedure could leave behind in a process."""
    return {
        "threads": torch.get_num_threads(),
        "type": torch.get_default_dtype(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "gradients": torch.is_grad_enabled(),
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "python": random.getstate(),
        "numpy": repr(np.random.get_state()),
        "torch": torch.get_rng_state().tolist(),
    }


def seeded():
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)


@pytest.mark.parametrize("on", ["inline", "local"])
def test_the_users_process_and_file_are_as_they_were_and_training_afterwards_gives_the_same_numbers(opened, on):
    seeded()
    alone = own_training()
    file = Path(opened.project.folder) / "playnote.toml"
    written = file.read_bytes()
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        seeded()
        before = process()
        last = list(measure(opened, "lr", on=on))[-1]
        assert isinstance(last, Measured)
        assert last.found.edits
        assert process() == before
        assert own_training() == alone
    finally:
        torch.set_num_threads(threads)
    assert file.read_bytes() == written


def test_one_process_trains_all_that_a_procedure_asks_for_whatever_their_lengths(opened):
    shutil.rmtree(Path(opened.project.folder) / ".playnote", ignore_errors=True)
    list(measure(opened, "steps", options={"start": 8, "cap": 32, "target": 1e-9}))
    trials = [trial for trial in opened.state().trials if not (trial.outcome or "").startswith("failed")]
    assert {trial.facts["steps"] for trial in trials} >= {8, 16, 32, 60}
    well = [trial for trial in trials if trial.outcome == "ok"]
    ended_badly = len(trials) - len(well)
    # A worker is replaced after a trial that did not end well: those alone cost a process.
    assert len({trial.facts["process"] for trial in trials}) <= 1 + ended_badly
    assert len(well) > 5
