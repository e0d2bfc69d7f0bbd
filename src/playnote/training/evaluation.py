"""Evaluation that says the same whatever the batch: padding has no weight, the model is in evaluation mode.

A mean of per-batch means is wrong wherever the last batch is smaller, and a padded batch counts its padding; both are caught by
`depends_on_batch`, which evaluates the same examples at several batch sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import nn


@final
class Mean:
    """A weighted mean over batches, exact in float64; it waits for the device only when it is read."""

    def __init__(self) -> None:
        """Empty: its value is NaN."""
        self._sum: Any = 0.0
        self._weight: Any = 0.0

    def add(self, values: Any, weights: Any = None) -> None:
        """Take per-example values in, shape (n,), with weights, shape (n,): 0 for padding, 1 for an example.

        A value of weight 0 has no effect, even NaN.
        """
        each = torch.as_tensor(values).detach().double().flatten()
        weight = torch.ones_like(each) if weights is None else torch.as_tensor(weights).to(each).flatten()
        self._sum = self._sum + torch.where(weight > 0, each * weight, torch.zeros_like(each)).sum()
        self._weight = self._weight + weight.sum()

    @property
    def value(self) -> float:
        """The mean so far; NaN without any weight."""
        weight = float(self._weight)
        return float(self._sum) / weight if weight > 0 else math.nan

    @property
    def weight(self) -> float:
        """How many examples (by weight) stand behind it."""
        return float(self._weight)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """The model in evaluation mode without gradients; every module's own mode is back afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        for module, mode in modes:
            module.training = mode


@dataclass(frozen=True, slots=True)
class BatchDependence:
    """A metric at several evaluation batch sizes; `depends` where it moves by more than rounding."""

    sizes: tuple[int, ...]
    values: tuple[float, ...]
    depends: bool

    def as_facts(self) -> dict[str, object]:
        """For `trial.facts["evaluation"]`."""
        return {"batch_changes_metric": self.depends, "eval_batches": list(self.sizes), "values": list(self.values)}


def depends_on_batch(
    evaluate: Callable[[int], float], sizes: Sequence[int] = (1, 7, 32), tolerance: float = 1e-5
) -> BatchDependence:
    """Evaluate the same examples at several batch sizes: `evaluate(batch)` gives the metric.

    tolerance  relative; what float32 sums in another order may differ by. Sizes that do not divide the examples find padding
               that counts, small ones batch norm left in training mode.
    """
    values = tuple(float(evaluate(size)) for size in sizes)
    spread = max(values) - min(values)
    scale = max(abs(value) for value in values)
    return BatchDependence(tuple(sizes), values, not spread <= tolerance * max(scale, 1e-12))


def padded(batches: Iterable[Sequence[Any]], size: int) -> Iterator[tuple[list[Any], list[float]]]:
    """Batches filled up to a size by repeating their last example, with the weights that make that harmless."""
    for batch in batches:
        rows = list(batch)
        lacking = size - len(rows) if rows else 0
        yield rows + rows[-1:] * lacking, [1.0] * len(rows) + [0.0] * lacking
