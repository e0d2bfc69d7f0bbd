"""Train a small network on scikit-learn's 8 x 8 handwritten digits: SGD with momentum and a cosine schedule.

Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone, with the values at the bottom.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

from playnote.recorder import Trial, current_trial

STEPS, EVALUATE_EVERY, LOG_EVERY = 1000, 50, 5
BATCH, HIDDEN, MOMENTUM = 64, 128, 0.9


@cache
def load(split: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, images in [0, 1], shape (n, 64), and labels, shape (n,), of one split."""
    ids = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    rows = [int(name) for name in ids]
    data = load_digits()
    images = torch.tensor(data.data[rows] / 16.0, dtype=torch.float32)
    return ids, images, torch.tensor(data.target[rows])


def network(dropout: float) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(64, HIDDEN),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(HIDDEN, 10),
    )


@torch.no_grad()
def probabilities(model: nn.Module, images: Tensor) -> Tensor:
    """Class probabilities in evaluation mode, shape (n, 10)."""
    model.eval()
    result = model(images).softmax(dim=1)
    model.train()
    return result


def error(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of the images that are read wrongly."""
    return int((probabilities(model, images).argmax(dim=1) != labels).sum()) / len(labels)


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial of so many steps; the learning rate falls to 0 at its end, however long it is."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    # The order of the images has a source of its own: it is the same with and without dropout.
    order = torch.Generator().manual_seed(trial.seed)
    _, images, labels = load("train")
    dev_ids, dev_images, dev_labels = load("dev")
    model = network(given["dropout"])
    optimizer = torch.optim.SGD(
        model.parameters(), lr=given["lr"], momentum=MOMENTUM, weight_decay=given["weight_decay"]
    )
    # What doing nothing scores: always the commonest digit of the training sheets, on the dev sheets.
    commonest = labels.bincount().argmax()
    trial.log(0, {"dev/chance": float((dev_labels != commonest).double().mean())})
    batches: list[Tensor] = []
    for step in range(max_train_steps):
        lr = given["lr"] * 0.5 * (1 + math.cos(math.pi * step / max_train_steps))
        for group in optimizer.param_groups:
            group["lr"] = lr
        if not batches:
            batches = list(torch.randperm(len(labels), generator=order).split(BATCH))
        rows = batches.pop()
        loss = functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.get_total_norm([p.grad for p in model.parameters()])
        optimizer.step()
        if step % LOG_EVERY == 0:
            trial.log(step, {"train/loss": float(loss.detach()), "lr": lr, "grad_norm": float(norm)})
        if (step + 1) % EVALUATE_EVERY == 0 or step + 1 == max_train_steps:
            trial.log(step + 1, {"dev/error": error(model, dev_images, dev_labels)})
            trial.eval_train(step + 1, error(model, images, labels))
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_images).numpy()
    )
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test sheets
        _, test_images, test_labels = load("test")
        trial.log(max_train_steps, {"test/error": error(model, test_images, test_labels)})


if __name__ == "__main__":
    torch.set_num_threads(1)  # a network this small is many times slower on several; Playnote's workers have one
    train(current_trial({"lr": 0.1, "weight_decay": 1e-4, "dropout": 0.0}))
