"""A moving average of the weights (Polyak & Juditsky 1992): evaluated in place of the weights, never trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

import torch
from torch import Tensor, nn


@final
class WeightAverage:
    """average <- decay * average + (1 - decay) * weights, after each optimizer step.

    The first steps use the smaller decay (1 + t) / (10 + t), so that the average forgets the start. Buffers (the
    statistics of batch norm) are copied, not averaged.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        """`decay` in [0, 1); 0 is the weights themselves."""
        self._model, self._decay, self.updates = model, decay, 0
        self.weights = {name: each.detach().clone() for name, each in model.named_parameters()}
        self.buffers = {name: each.detach().clone() for name, each in model.named_buffers()}

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights in, once after each optimizer step."""
        self.updates += 1
        decay = min(self._decay, (1.0 + self.updates) / (10.0 + self.updates))
        for name, each in self._model.named_parameters():
            self.weights[name].lerp_(each.to(self.weights[name].dtype), 1.0 - decay)
        for name, buffer in self._model.named_buffers():
            self.buffers[name].copy_(buffer)

    @contextmanager
    def in_place(self) -> Iterator[nn.Module]:
        """The model with the average in it; the weights are back afterwards, whatever happens inside."""
        kept = {name: each.detach().clone() for name, each in self._model.named_parameters()}
        buffers = {name: each.detach().clone() for name, each in self._model.named_buffers()}
        try:
            self._put(self.weights, self.buffers)
            yield self._model
        finally:
            self._put(kept, buffers)

    @torch.no_grad()
    def _put(self, weights: dict[str, Tensor], buffers: dict[str, Tensor]) -> None:
        for name, each in self._model.named_parameters():
            each.copy_(weights[name])
        for name, buffer in self._model.named_buffers():
            buffer.copy_(buffers[name])

    def state_dict(self) -> dict[str, object]:
        """For a checkpoint."""
        return {"weights": dict(self.weights), "buffers": dict(self.buffers), "updates": self.updates}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """From a checkpoint."""
        for mine, key in ((self.weights, "weights"), (self.buffers, "buffers")):
            saved = state[key]
            if isinstance(saved, dict):
                for name, each in saved.items():
                    mine[name].copy_(each)
        self.updates = int(str(state["updates"]))
