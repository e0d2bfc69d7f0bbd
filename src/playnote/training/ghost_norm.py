"""Ghost batch norm (Hoffer et al. 2017): the statistics come from equal parts of the batch, each normalised by itself.

In training a batch is cut into consecutive groups of about `size` examples. In evaluation it is plain batch norm. Running
statistics take one update a step, from the mean of the groups' means and of their (unbiased) variances; with one group
that is batch norm's own update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from playnote.errors import InputError
from playnote.text import Text

Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d


def groups_of(batch: int, size: int) -> int:
    """Number of equal groups whose size comes nearest to the ghost size, none of them a single example.

    Raises InputError where only groups of one, or none near the size (within a factor of two), would be equal.
    """
    if batch <= size:
        return 1
    fitting = [count for count in range(1, batch // 2 + 1) if batch % count == 0]
    count = min(fitting, key=lambda each: (abs(batch / each - size), each))
    if not size / 2 <= batch / count <= 2 * size:
        raise InputError(
            Text(
                en="A batch of {batch} has no equal parts of about {size}.",
                zh="大小为 {batch} 的 batch 分不成约 {size} 个一组的等份。",
            ).fill(batch=batch, size=size),
            fix=Text(
                en="Take a batch that {size} divides, and drop the last partial one.",
                zh="请用 {size} 的整数倍作 batch，并丢弃最后不满的一批。",
            ).fill(size=size),
        )
    return count


@final
class GhostBatchNorm(nn.Module):
    """Batch norm over groups; wraps a batch norm and shares its parameters and running statistics."""

    def __init__(self, norm: Norm, size: int = 64) -> None:
        """`size`: examples behind one set of statistics, 32 or 64 as a rule."""
        super().__init__()
        self.norm, self.size = norm, size

    def forward(self, batch: Tensor) -> Tensor:
        """array, shape (N, C, ...) -> the same shape."""
        norm = self.norm
        if not norm.training:
            return norm(batch)  # type: ignore[no-any-return]
        count = groups_of(len(batch), self.size)
        if count == 1:
            return norm(batch)  # type: ignore[no-any-return]
        parts = batch.chunk(count)
        out = [functional.batch_norm(part, None, None, norm.weight, norm.bias, True, 0.0, norm.eps) for part in parts]
        if norm.track_running_stats:
            self._follow(parts)
        return torch.cat(out)

    @torch.no_grad()
    def _follow(self, parts: tuple[Tensor, ...]) -> None:
        norm = self.norm
        axes = [axis for axis in range(parts[0].dim()) if axis != 1]
        means = torch.stack([part.mean(axes) for part in parts]).mean(0)
        variances = torch.stack([part.var(axes, unbiased=True) for part in parts]).mean(0)
        if norm.num_batches_tracked is not None:
            norm.num_batches_tracked.add_(1)
        share = 1.0 / float(norm.num_batches_tracked or 1) if norm.momentum is None else norm.momentum
        for running, seen in ((norm.running_mean, means), (norm.running_var, variances)):
            if running is not None:
                running.lerp_(seen.to(running.dtype), share)


def with_ghost_norm(model: nn.Module, size: int = 64) -> nn.Module:
    """The model with every batch norm made a ghost batch norm, in place; those synchronised over devices stay.

    Frozen ones (in evaluation mode) behave as before.
    """
    for name, child in model.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            setattr(model, name, GhostBatchNorm(child, size))
        elif not isinstance(child, GhostBatchNorm):
            with_ghost_norm(child, size)
    return model


@dataclass(frozen=True, slots=True)
class NormAudit:
    """One batch norm: the examples behind its statistics, None where it is frozen; and whether devices share them."""

    name: str
    effective: int | None
    synchronised: bool
    ghost: int | None


def audit_norms(model: nn.Module, per_device: int, world: int = 1) -> tuple[NormAudit, ...]:
    """Every batch norm of a model in training mode, for a batch of `per_device` examples on each of `world` devices."""
    found, inner = [], set()
    for name, module in model.named_modules():
        if isinstance(module, GhostBatchNorm):
            inner.add(f"{name}.norm" if name else "norm")
            effective = per_device // groups_of(per_device, module.size)
            found.append(NormAudit(name, effective if module.norm.training else None, False, module.size))
        elif isinstance(module, nn.SyncBatchNorm):
            found.append(NormAudit(name, per_device * world if module.training else None, True, None))
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d) and name not in inner:
            found.append(NormAudit(name, per_device if module.training else None, False, None))
    return tuple(found)


def norm_facts(audit: tuple[NormAudit, ...], per_device: int) -> dict[str, int]:
    """What the playbook's rules read, to be put into `trial.facts`."""
    effective = [each.effective for each in audit if each.effective is not None]
    ghosts = [each.ghost for each in audit if each.ghost is not None]
    return {
        "per_device_batch": per_device,
        **({"bn_batch": max(effective)} if effective else {}),
        **({"ghost_batch": ghosts[0]} if ghosts else {}),
    }
