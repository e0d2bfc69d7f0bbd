"""Train a small network on MNIST, brought to 8 x 8 pixels, for a line that scans other people's digits: SGD, cosine schedule.

Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone, with the values at the bottom.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from get_data import file
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial, current_trial
from playnote.training.schedules import LearningRate, torch_schedule

STEPS, EVALUATE_EVERY, BATCH, MOMENTUM, SIDE = 1000, 50, 64, 0.9, 8
SEEN = 2000  # training pictures on which the train error is read
INK = 0.2  # a pixel this dark belongs to the digit


@cache
def mnist(cut: str) -> tuple[Tensor, Tensor]:
    """All of MNIST's pictures in [0, 1], shape (n, 64), and labels: the whole frame, or cut to the ink."""
    with np.load(file()) as kept:
        pixels = torch.tensor(kept["x"] / 255.0, dtype=torch.float32)
        labels = torch.tensor(kept["label"].astype(np.int64))
    return torch.stack([_small(each, cut) for each in pixels]).flatten(1), labels


def _small(picture: Tensor, cut: str) -> Tensor:
    """8 x 8 pixels of a picture, shape (28, 28)."""
    if cut == "ink":
        rows, columns = (picture > INK).any(1).nonzero(), (picture > INK).any(0).nonzero()
        picture = picture[rows[0, 0] : rows[-1, 0] + 1, columns[0, 0] : columns[-1, 0] + 1]
    return functional.interpolate(picture[None, None], size=(SIDE, SIDE), mode="bilinear", antialias=True)[0, 0]


@cache
def load(split: str, cut: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, pictures, shape (n, 64), and labels, shape (n,), of one split. The line's pictures come cut already."""
    ids = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    rows = [int(name[1:]) for name in ids]
    if ids[0].startswith("m"):
        pictures, labels = mnist(cut)
        return ids, pictures[rows], labels[rows]
    line = load_digits()
    return ids, torch.tensor(line.data[rows] / 16.0, dtype=torch.float32), torch.tensor(line.target[rows])


def network(dropout: float) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(SIDE * SIDE, 128),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(128, 10),
    )


@torch.no_grad()
def probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Class probabilities in evaluation mode, shape (n, 10)."""
    model.eval()
    result = model(images).softmax(dim=1)
    model.train()
    return result


def error(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of the pictures that are read wrongly."""
    return int((probabilities(model, images).argmax(dim=1) != labels).sum()) / len(labels)


def batches(images: Tensor, labels: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end, in an order that the seed alone decides: it is the same however the pictures are cut."""
    order = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(labels), generator=order).split(BATCH):
            yield images[rows], labels[rows]


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    _, images, labels = load("train", given["cut"])
    _, alike_images, alike_labels = load("train_dev", given["cut"])
    dev_ids, dev_images, dev_labels = load("dev", given["cut"])
    model = network(given["dropout"])
    optimizer = torch.optim.SGD(
        model.parameters(), lr=given["lr"], momentum=MOMENTUM, weight_decay=given["weight_decay"]
    )
    rates = torch_schedule(optimizer, LearningRate(peak=given["lr"], steps=max_train_steps, kind="cosine"))
    # What doing nothing scores: always the commonest digit of the training pictures, on the line's.
    commonest = labels.bincount().argmax()
    trial.log(0, {"dev/chance": float((dev_labels != commonest).double().mean())})
    loop = torch_loop(optimizer, trial, train_error=lambda model: error(model, images[:SEEN], labels[:SEEN]))
    for some, digits in loop(batches(images, labels, trial.seed)):
        loss = functional.cross_entropy(model(some), digits)
        loss.backward()
        loop.step(loss)
        rates.step()
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            found = {"dev/error": error(model, dev_images, dev_labels)}
            loop.evaluated({**found, "train_dev/error": error(model, alike_images, alike_labels)}, model)
        if loop.steps == max_train_steps:
            break
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_images).numpy()
    )
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test sheets
        _, test_images, test_labels = load("test", given["cut"])
        trial.log(max_train_steps, {"test/error": error(model, test_images, test_labels)})


if __name__ == "__main__":
    torch.set_num_threads(1)  # a network this small is many times slower on several; Playnote's workers have one
    train(current_trial({"cut": "frame", "lr": 0.1, "weight_decay": 1e-4, "dropout": 0.0}))
