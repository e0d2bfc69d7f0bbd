"""The small model of `finders.py`: data, network, one training step, and a device whose memory is made up.

Both tools train this: Lightning through a module around it, Playnote through `train(trial, ...)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

ROWS, HELD_OUT, INPUTS, CLASSES, BATCH, MOMENTUM = 8192, 2048, 20, 5, 64, 0.9
AT_ONCE, IN_THE_LONG_RUN, LATE = 2048, 256, 20  # batch sizes that fit: at first, and from the late step on


def table(rows: int, seed: int) -> tuple[Tensor, Tensor]:
    """Inputs, shape (n, 20), and classes that a fixed random network gave them, one in ten of them wrong."""
    rule = torch.Generator().manual_seed(0)
    first, second = torch.randn(INPUTS, 16, generator=rule), torch.randn(16, CLASSES, generator=rule)
    drawn = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, INPUTS, generator=drawn)
    y = ((x @ first / INPUTS**0.5).relu() @ second).argmax(1)
    wrong = torch.rand(rows, generator=drawn) < 0.1
    return x, torch.where(wrong, torch.randint(0, CLASSES, (rows,), generator=drawn), y)


def network() -> nn.Sequential:
    """Three layers, with dropout, so that training draws random numbers."""
    return nn.Sequential(
        nn.Linear(INPUTS, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES)
    )


def optimizer_of(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """SGD with momentum."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=MOMENTUM)


def take_memory(batch: int, step: int) -> None:
    """What a fragmenting device does: a batch too large fails at once, a rather large one only at the late step."""
    if batch > AT_ONCE or (batch > IN_THE_LONG_RUN and step >= LATE):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def batches(size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end."""
    x, y = table(ROWS, 1)
    order = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(ROWS, generator=order).split(size):
            if len(rows) == size:
                yield x[rows], y[rows]


def fitted(lr: float, steps: int, seed: int, batch: int = BATCH, limited: bool = False) -> float:
    """Loss on held-out rows after the steps at a constant rate; infinite where it was lost on the way."""
    torch.manual_seed(seed)
    model = network()
    optimizer = optimizer_of(model, lr)
    for step, (x, y) in zip(range(steps), batches(batch, seed), strict=False):
        if limited:
            take_memory(batch, step)
        loss = functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return held_out(model)


@torch.no_grad()
def held_out(model: nn.Module) -> float:
    """Loss on held-out rows in evaluation mode; infinite where it is no number."""
    x, y = table(HELD_OUT, 2)
    model.eval()
    loss = float(functional.cross_entropy(model(x), y))
    model.train()
    return loss if loss == loss else float("inf")
