"""What Playnote trains for `finders.py`: `train(trial, max_train_steps)` on the model both tools share."""

from __future__ import annotations

import torch
from finder_model import batches, held_out, network, optimizer_of, take_memory
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial

EVALUATE_EVERY = 50


def train(trial: Trial, max_train_steps: int) -> None:
    """One trial: a constant rate, a device of made-up memory."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    model = network()
    size = int(given["batch_size"])
    loop = torch_loop(optimizer_of(model, given["lr"]), trial)
    for x, y in loop(batches(size, trial.seed)):
        take_memory(size, loop.steps)
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        loop.step(loss)
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            loop.evaluated({"dev/loss": held_out(model)}, model)
        if loop.steps == max_train_steps:
            break
