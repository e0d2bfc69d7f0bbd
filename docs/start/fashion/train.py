"""Train a small network on Fashion-MNIST: SGD with momentum and a cosine schedule, 3,000 pictures, 3,000 for Dev.

The four files of the data set are looked for in `$FASHION_MNIST`, then where Debian's package `dataset-fashion-mnist`
puts them. `python train.py splits` writes the ids of the splits once.
"""

from __future__ import annotations

import gzip
import math
import os
import sys
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from playnote.recorder import Trial

HERE = Path(__file__).parent
DATA = Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))
STEPS, EVALUATE_EVERY, LOG_EVERY, BATCH, MOMENTUM = 200, 20, 5, 64, 0.9
SIZES = {"train": 3000, "dev": 3000, "test": 3000}


@cache
def pictures(name: str) -> tuple[Tensor, Tensor]:
    """Pictures in [0, 1], shape (n, 784), and labels, shape (n,), of "train" (60,000) or "t10k" (10,000)."""
    with gzip.open(DATA / f"{name}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(DATA / f"{name}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return torch.tensor(images / 255.0, dtype=torch.float32), torch.tensor(labels.astype(np.int64))


def write_splits() -> None:
    """Draw the splits: Train and Dev from the 60,000 pictures, Test from the 10,000 that the authors kept apart."""
    drawn = np.random.default_rng(0).permutation(60_000)
    kept = np.random.default_rng(1).permutation(10_000)
    rows = {"train": drawn[: SIZES["train"]], "dev": drawn[-SIZES["dev"] :], "test": kept[: SIZES["test"]]}
    (HERE / "splits").mkdir(exist_ok=True)
    for split, chosen in rows.items():
        prefix = "t" if split == "test" else "f"
        (HERE / "splits" / f"{split}.txt").write_text("".join(f"{prefix}{row:05d}\n" for row in chosen))


@cache
def load(split: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, pictures and labels of one split."""
    ids = (HERE / "splits" / f"{split}.txt").read_text().split()
    images, labels = pictures("t10k" if split == "test" else "train")
    rows = [int(name[1:]) for name in ids]
    return ids, images[rows], labels[rows]


@torch.no_grad()
def probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Class probabilities in evaluation mode."""
    model.eval()
    result = model(images).softmax(dim=1)
    model.train()
    return result


def error(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of the pictures that are named wrongly."""
    return int((probabilities(model, images).argmax(dim=1) != labels).sum()) / len(labels)


def train(trial: Trial) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    order = torch.Generator().manual_seed(trial.seed)
    _, images, labels = load("train")
    dev_ids, dev_images, dev_labels = load("dev")
    hidden = int(given["hidden"])
    model = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Dropout(given["dropout"]), nn.Linear(hidden, 10))
    optimizer = torch.optim.SGD(
        model.parameters(), lr=given["lr"], momentum=MOMENTUM, weight_decay=given["weight_decay"]
    )
    batches: list[Tensor] = []
    for step in range(STEPS):
        lr = given["lr"] * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        for group in optimizer.param_groups:
            group["lr"] = lr
        batches = batches or list(torch.randperm(len(labels), generator=order).split(BATCH))
        rows = batches.pop()
        loss = functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.get_total_norm([p.grad for p in model.parameters()])
        optimizer.step()
        if step % LOG_EVERY == 0:
            trial.log(step, {"train/loss": float(loss.detach()), "lr": lr, "grad_norm": float(norm)})
        if (step + 1) % EVALUATE_EVERY == 0:
            trial.log(step + 1, {"dev/error": error(model, dev_images, dev_labels)})
    trial.eval_train(STEPS, error(model, images, labels))
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_images).numpy()
    )
    if trial.milestone:
        _, test_images, test_labels = load("test")
        trial.log(STEPS, {"test/error": error(model, test_images, test_labels)})


if __name__ == "__main__" and sys.argv[1:] == ["splits"]:
    write_splits()
