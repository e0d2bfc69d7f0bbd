"""Train a network that has seen photos on two sheets of handwritten digits: AdamW and a cosine schedule.

Playnote calls `train(trial, max_train_steps)` once a trial. `python train.py` runs it alone, with the values at the bottom.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from network import Halves
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

from playnote.adapters.plain_torch import torch_loop
from playnote.recorder import Trial, current_trial
from playnote.training.schedules import LearningRate, torch_schedule

STEPS, EVALUATE_EVERY, BATCH, SIDE = 80, 20, 16, 40


@cache
def load(split: str) -> tuple[list[str], Tensor, Tensor]:
    """Ids, images as the network knows them, shape (n, 3, 40, 40) in [-1, 1], and labels, shape (n,), of one split."""
    ids = (Path(__file__).parent / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    rows = [int(name) for name in ids]
    data = load_digits()
    small = torch.tensor(data.images[rows] / 16.0, dtype=torch.float32).unsqueeze(1)
    images = functional.interpolate(small, size=(SIDE, SIDE), mode="bilinear")
    return ids, images.sub(0.5).div(0.5).expand(-1, 3, -1, -1).contiguous(), torch.tensor(data.target[rows])


@torch.no_grad()
def probabilities(model: Halves, maps: Tensor) -> Tensor:
    """Class probabilities in evaluation mode, shape (n, 10), from what `model.front` gave."""
    model.eval()
    result = torch.cat([model(part).softmax(dim=1) for part in maps.split(100)])
    model.train()
    return result


def error(model: Halves, maps: Tensor, labels: Tensor) -> float:
    """Share of the digits that are read wrongly."""
    return int((probabilities(model, maps).argmax(dim=1) != labels).sum()) / len(labels)


def batches(maps: Tensor, labels: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end, in an order that the seed alone decides: it is the same whatever is trained."""
    order = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(labels), generator=order).split(BATCH):
            yield maps[rows], labels[rows]


def train(trial: Trial, max_train_steps: int = STEPS) -> None:
    """One trial."""
    given = trial.configuration
    torch.manual_seed(trial.seed)
    _, images, labels = load("train")
    dev_ids, dev_images, dev_labels = load("dev")
    model = Halves(given["transfer"])
    maps, dev_maps = model.front(images), model.front(dev_images)
    model.train()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=given["lr"], weight_decay=given["weight_decay"])
    rates = torch_schedule(optimizer, LearningRate(peak=given["lr"], steps=max_train_steps, kind="cosine"))
    # What doing nothing scores: always the commonest digit of the training sheets, on the dev sheets.
    commonest = labels.bincount().argmax()
    trial.log(0, {"dev/chance": float((dev_labels != commonest).double().mean())})
    loop = torch_loop(optimizer, trial, train_error=lambda model: error(model, maps, labels))
    for some, digits in loop(batches(maps, labels, trial.seed)):
        loss = functional.cross_entropy(model(some), digits)
        loss.backward()
        loop.step(loss)
        rates.step()
        if loop.steps % EVALUATE_EVERY == 0 or loop.steps == max_train_steps:
            loop.evaluated({"dev/error": error(model, dev_maps, dev_labels)}, model)
        if loop.steps == max_train_steps:
            break
    trial.predictions(
        "dev", ids=dev_ids, labels=dev_labels.numpy(), probabilities=probabilities(model, dev_maps).numpy()
    )
    if trial.milestone:  # `playnote milestone NAME`: the only trials that may read the test sheets
        _, test_images, test_labels = load("test")
        trial.log(max_train_steps, {"test/error": error(model, model.front(test_images), test_labels)})


if __name__ == "__main__":
    torch.set_num_threads(1)  # Playnote's workers have one thread each
    train(current_trial({"transfer": "head", "lr": 0.01, "weight_decay": 0.01}))
