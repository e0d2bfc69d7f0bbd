"""Train a small ConvNet on Fashion-MNIST: SGD with momentum, a warmup where one is asked for, then the schedule.

Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone, with the values at the bottom.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from get_data import folder
from torch import Tensor, nn
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial, current_trial
from playnote.training.schedules import LearningRate, torch_schedule

STEPS, EVALUATE_EVERY, BATCH, MOMENTUM = 250, 25, 128, 0.9
SEEN = 1000  # training pictures on which the train error is read


@cache
def pictures(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Pixels, shape (n, 1, 28, 28), and labels, shape (n,), as bytes; "train" has 60,000 and "t10k" 10,000."""
    with gzip.open(folder() / f"{name}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder() / f"{name}-labels-idx1-ubyte.gz") as file:
        return images, np.frombuffer(file.read(), np.uint8, offset=8)


@cache
def load(split: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, pictures in [0, 1] and labels of one split."""
    ids = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    images, labels = pictures("t10k" if split == "test" else "train")
    rows = [int(name[1:]) for name in ids]
    return ids, torch.tensor(images[rows] / 255.0, dtype=torch.float32), torch.tensor(labels[rows].astype(np.int64))


def network(width: int, norm: str) -> nn.Sequential:
    """Two convolutions with pooling, two linear layers."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        between = [nn.BatchNorm2d(outputs)] if norm == "batch" else []
        return [nn.Conv2d(inputs, outputs, 3, padding=1), *between, nn.ReLU(), nn.MaxPool2d(2)]

    return nn.Sequential(
        *block(1, width),
        *block(width, 2 * width),
        nn.Flatten(),
        nn.Linear(2 * width * 49, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


@torch.no_grad()
def probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Class probabilities in evaluation mode, shape (n, 10)."""
    model.eval()
    result = torch.cat([model(part).softmax(dim=1) for part in images.split(500)])
    model.train()
    return result


def error(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of the pictures that are named wrongly."""
    return int((probabilities(model, images).argmax(dim=1) != labels).sum()) / len(labels)


def batches(images: Tensor, labels: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end, in an order that the seed alone decides: it is the same whatever the network is."""
    order = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(labels), generator=order).split(BATCH):
            yield images[rows], labels[rows]


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    _, images, labels = load("train")
    dev_ids, dev_images, dev_labels = load("dev")
    model = network(int(given["width"]), given["norm"])
    optimizer = torch.optim.SGD(
        model.parameters(), lr=given["lr"], momentum=MOMENTUM, weight_decay=given["weight_decay"]
    )
    warmup = min(int(given["warmup_steps"]), max_train_steps - 1)
    schedule = LearningRate(peak=given["lr"], steps=max_train_steps - warmup, kind=given["schedule"], warmup=warmup)
    rates = torch_schedule(optimizer, schedule)
    # What doing nothing scores: always the commonest kind of the training pictures, on the dev pictures.
    commonest = labels.bincount().argmax()
    trial.log(0, {"dev/chance": float((dev_labels != commonest).double().mean())})
    loop = torch_loop(optimizer, trial, train_error=lambda model: error(model, images[:SEEN], labels[:SEEN]))
    for pixels, kinds in loop(batches(images, labels, trial.seed)):
        loss = functional.cross_entropy(model(pixels), kinds)
        loss.backward()
        loop.step(loss, clip=given["clip_norm"])
        rates.step()
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            loop.evaluated({"dev/error": error(model, dev_images, dev_labels)}, model)
        if loop.steps == max_train_steps:
            break
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_images).numpy()
    )
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test pictures
        _, test_images, test_labels = load("test")
        trial.log(max_train_steps, {"test/error": error(model, test_images, test_labels)})


if __name__ == "__main__":
    torch.set_num_threads(1)  # Playnote's workers have one thread each
    values = {"lr": 0.03, "weight_decay": 1e-4, "norm": "none", "width": 8}
    train(current_trial({**values, "schedule": "cosine", "warmup_steps": 0, "clip_norm": 0.0}))
