"""Gradient clipping that hands back the norm before it: what the playbook's thresholds are read off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


def clip_gradients(
    parameters: Iterable[Tensor], threshold: float | None = None, *, scaler: Any = None, optimizer: Any = None
) -> Tensor:
    """Clip the gradients together to an L2 norm of `threshold`, and return the norm from before, as a tensor.

    Call it once an optimizer step, after the last backward pass of an accumulation. `threshold` None or 0 measures only.
    With a gradient scaler (mixed precision) give it and the optimizer: gradients are unscaled first. The norm stays on
    its device: `trial.log(step, {"grad_norm": norm})` does not wait for it. An infinite norm clips nothing to NaN.
    """
    listed = list(parameters)
    if scaler is not None and optimizer is not None:
        scaler.unscale_(optimizer)
    gradients = [each.grad for each in listed if each.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients) if gradients else torch.zeros(())
    if threshold:
        torch.nn.utils.clip_grads_with_norm_(listed, float(threshold), norm)
    return norm
