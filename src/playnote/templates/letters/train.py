"""Train a small network on the letter recognition table: AdamW and a cosine schedule.

The sixteen counts go in either as numbers, scaled to mean 0 and standard deviation 1, or each through an embedding of its
own, as words would. Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from get_data import file
from torch import Tensor, nn
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial, current_trial
from playnote.training.schedules import LearningRate, torch_schedule

STEPS, EVALUATE_EVERY, BATCH = 1500, 75, 64
COUNTS, LEVELS, LETTERS, EMBEDDING = 16, 16, 26, 8
SEEN = 2000  # training rows on which the train error is read


@cache
def load(split: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, counts from 0 to 15, shape (n, 16), and labels from 0 to 25, shape (n,), of one split."""
    ids = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    rows = [int(name) for name in ids]
    with np.load(file()) as table:
        return ids, torch.tensor(table["x"][rows].astype(np.int64)), torch.tensor(table["label"][rows].astype(np.int64))


class Scaled(nn.Module):
    """The counts as numbers, scaled by what the training rows show."""

    def __init__(self, counts: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", counts.float().mean(0))
        self.register_buffer("deviation", counts.float().std(0))
        self.width = COUNTS

    def forward(self, counts: Tensor) -> Tensor:
        """Shape (n, 16)."""
        return (counts.float() - self.mean) / self.deviation


class Embedded(nn.Module):
    """Each count through an embedding of its own: what a level means is learned, its order is not given."""

    def __init__(self) -> None:
        super().__init__()
        self.levels = nn.Embedding(COUNTS * LEVELS, EMBEDDING)
        self.register_buffer("offset", torch.arange(COUNTS) * LEVELS)
        self.width = COUNTS * EMBEDDING

    def forward(self, counts: Tensor) -> Tensor:
        """Shape (n, 128)."""
        return self.levels(counts + self.offset).flatten(1)


def network(inputs: str, width: int, dropout: float, counts: Tensor) -> nn.Sequential:
    """Two hidden layers above the inputs."""
    first = Embedded() if inputs == "embedded" else Scaled(counts)
    return nn.Sequential(
        first,
        nn.Linear(first.width, width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, LETTERS),
    )


@torch.no_grad()
def probabilities(model: nn.Module, counts: Tensor) -> Tensor:
    """Class probabilities in evaluation mode, shape (n, 26)."""
    model.eval()
    result = model(counts).softmax(dim=1)
    model.train()
    return result


def error(model: nn.Module, counts: Tensor, labels: Tensor) -> float:
    """Share of the letters that are read wrongly."""
    return int((probabilities(model, counts).argmax(dim=1) != labels).sum()) / len(labels)


def batches(counts: Tensor, labels: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end, in an order that the seed alone decides: it is the same whatever the network is."""
    order = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(labels), generator=order).split(BATCH):
            yield counts[rows], labels[rows]


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    _, counts, labels = load("train")
    dev_ids, dev_counts, dev_labels = load("dev")
    model = network(given["inputs"], int(given["width"]), given["dropout"], counts)
    optimizer = torch.optim.AdamW(model.parameters(), lr=given["lr"], weight_decay=given["weight_decay"])
    rates = torch_schedule(optimizer, LearningRate(peak=given["lr"], steps=max_train_steps, kind="cosine"))
    # What doing nothing scores: always the commonest letter of the training rows, on the dev rows.
    commonest = labels.bincount().argmax()
    trial.log(0, {"dev/chance": float((dev_labels != commonest).double().mean())})
    loop = torch_loop(optimizer, trial, train_error=lambda model: error(model, counts[:SEEN], labels[:SEEN]))
    for some, letters in loop(batches(counts, labels, trial.seed)):
        loss = functional.cross_entropy(model(some), letters)
        loss.backward()
        loop.step(loss)
        rates.step()
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            loop.evaluated({"dev/error": error(model, dev_counts, dev_labels)}, model)
        if loop.steps == max_train_steps:
            break
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_counts).numpy()
    )
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test rows
        _, test_counts, test_labels = load("test")
        trial.log(max_train_steps, {"test/error": error(model, test_counts, test_labels)})


if __name__ == "__main__":
    torch.set_num_threads(1)  # a network this small is many times slower on several; Playnote's workers have one
    train(current_trial({"lr": 0.003, "weight_decay": 0.01, "inputs": "scaled", "width": 128, "dropout": 0.0}))
