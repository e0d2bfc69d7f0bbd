"""What keeps a deep model trainable, read off a live module: residual branches, where norms stand, scales at the start.

Blocks are found as the repeated children of a ModuleList or Sequential, or named by hand. Each is tried out rather than read: with the
weights of its branch at zero, a residual block passes its input on; if a norm stands around the sum, the norm of the input comes out.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

Placement = Literal["pre", "branch-post", "outer", "none"]
NORMS = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.RMSNorm)
_SCALE = 100.0  # growth or shrinkage of activations across the depth that calls the initialisation bad


@dataclass(frozen=True, slots=True)
class BlockSeen:
    """One block: whether it has a residual branch and a norm, where the norm stands, whether it starts as the identity."""

    name: str
    residual: bool
    normalized: bool
    placement: Placement
    zero_init: bool
    gain: float


@dataclass(frozen=True, slots=True)
class Architecture:
    """The blocks, and what rules read of them.

    growth  activation scale at the last block over that at the first, at initialisation
    """

    blocks: tuple[BlockSeen, ...]
    growth: float

    def as_facts(self) -> dict[str, object]:
        """For `trial.facts["architecture"]`, which `playnote measure architecture` reads. Empty without blocks."""
        if not self.blocks:
            return {}
        places = [each.placement for each in self.blocks]
        worst = "outer" if "outer" in places else max(set(places), key=places.count)
        return {
            "blocks": len(self.blocks),
            "residual": all(each.residual for each in self.blocks),
            "normalized": all(each.normalized for each in self.blocks),
            "placement": worst,
            "zero_init": all(each.zero_init for each in self.blocks if each.residual)
            and any(each.residual for each in self.blocks),
            "initialized": math.isfinite(self.growth) and 1.0 / _SCALE <= self.growth <= _SCALE,
            "growth": self.growth,
        }


def look_at(model: nn.Module, *inputs: Any, blocks: Sequence[str] | None = None) -> Architecture:
    """Run a copy of the model on example inputs and try its blocks out; the model itself is not touched.

    blocks  names of the modules to look at, by default those found by `blocks_of`
    """
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            module.train()  # with running statistics of 0 and 1 a new one would pass everything on unchanged
    names = list(blocks) if blocks is not None else blocks_of(model)
    modules = dict(model.named_modules())
    given: dict[str, Tensor] = {}
    sizes: list[float] = []

    def keep(name: str) -> Any:
        def hook(module: nn.Module, arguments: Any, output: Any) -> None:
            given.setdefault(name, arguments[0].detach().clone())
            sizes.append(_size(_first(output)))

        return hook

    handles = [modules[name].register_forward_hook(keep(name)) for name in names]
    model(*inputs)
    for handle in handles:
        handle.remove()
    seen = tuple(_block(name, modules[name], given[name]) for name in names if name in given)
    growth = sizes[-1] / sizes[0] if len(sizes) > 1 and sizes[0] > 0 else 1.0
    return Architecture(seen, growth)


def blocks_of(model: nn.Module) -> list[str]:
    """Names of the repeated modules: children of one list or sequence that are of the same kind and hold weights."""
    found: list[str] = []
    for name, module in model.named_modules():
        if not isinstance(module, nn.ModuleList | nn.Sequential) or any(name.startswith(f"{each}.") for each in found):
            continue
        kinds = [type(child) for child in module.children()]
        for at, child in module.named_children():
            deep = len(list(child.children())) > 0 and any(True for _ in child.parameters())
            if deep and kinds.count(type(child)) >= 2:
                found.append(f"{name}.{at}" if name else at)
    return found


def _block(name: str, block: nn.Module, given: Tensor) -> BlockSeen:
    norms = [module for module in block.modules() if isinstance(module, NORMS)]
    with _recorded(norms) as seen:
        output = _first(block(given))
    shape = output.shape == given.shape
    zero_init = shape and _same(output, given)
    with _branch_at_zero(block), _recorded(norms) as silent:
        passed = _first(block(given))
    residual, placement = False, "none"
    if shape and _same(passed, given):
        residual = True
        before = any(_same(entered, given) for entered, _ in seen)
        placement = "none" if not norms else "pre" if before else "branch-post"
    elif shape and any(_same(left, passed) and not _flat(passed) for _, left in silent):
        residual, placement = True, "outer"
    gain = _size(output) / max(_size(given), 1e-30)
    return BlockSeen(name, residual, bool(norms), placement, zero_init, gain)  # type: ignore[arg-type]


@contextmanager
def _recorded(norms: Sequence[nn.Module]) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """What goes into and comes out of norms meanwhile."""
    rows: list[tuple[Tensor, Tensor]] = []
    handles = [
        norm.register_forward_hook(lambda _, given, out: rows.append((given[0].detach(), _first(out).detach())))
        for norm in norms
    ]
    try:
        yield rows
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _branch_at_zero(block: nn.Module) -> Iterator[None]:
    """Everything but norms at weight zero meanwhile, the norms at scale 1 and shift 0."""
    inside = {id(each) for m in block.modules() if isinstance(m, NORMS) for each in m.parameters()}
    kept = [(each, each.detach().clone()) for each in block.parameters()]
    with torch.no_grad():
        for each, _ in kept:
            each.fill_(1.0 if id(each) in inside and each is not None and _is_scale(block, each) else 0.0)
    try:
        yield
    finally:
        with torch.no_grad():
            for each, value in kept:
                each.copy_(value)


def _is_scale(block: nn.Module, parameter: nn.Parameter) -> bool:
    return any(module.weight is parameter for module in block.modules() if isinstance(module, NORMS))


def _first(output: Any) -> Tensor:
    return output[0] if isinstance(output, tuple) else output  # type: ignore[no-any-return]


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.allclose(one, other, rtol=1e-4, atol=1e-5 * (_size(other) + 1e-12)))


def _flat(tensor: Tensor) -> bool:
    """Whether it holds one number only: what a block without a residual branch gives at weight zero."""
    return bool((tensor - tensor.flatten()[0]).abs().max() <= 1e-6)


def _size(tensor: Tensor) -> float:
    return float(tensor.detach().double().square().mean().sqrt())
