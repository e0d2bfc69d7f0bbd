"""Whether a framework's optimizer steps as the reference does, or by which other convention.

The optimizer is stepped ten times in float64 over a fixed gradient sequence, beside plain-Python references: SGD; momentum,
whose velocity sums raw gradients and is multiplied by the rate; Adam (Kingma & Ba 2015) with both moments corrected and
epsilon outside the corrected root. Conventions known by name: "dampened" momentum, "epsilon-hat" Adam, "nesterov"
momentum, and weight decay "coupled" to the gradient or "decoupled" from it (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

STEPS = 10
GRADIENTS = (0.9, -0.3, 0.7, 0.2, -1.1, 0.4, 0.05, -0.6, 1.3, -0.2)
_START = 0.7
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class OptimizerCheck:
    """The comparison.

    agrees      the step is the reference step
    convention  "standard", the name of the other convention, or "" where it is none of those known
    difference  largest distance from the reference over the steps
    """

    agrees: bool
    convention: str
    difference: float

    def as_facts(self) -> dict[str, object]:
        """For `trial.facts["optimizer"]`, which `playnote measure optimizer` reads."""
        return {"agrees": self.agrees, "convention": self.convention, "difference": self.difference}


def check_optimizer(make: Callable[[Iterable[torch.Tensor]], Any]) -> OptimizerCheck:
    """Replay an optimizer, `make(parameters)`, and name its convention; its settings are read off its parameter group."""
    weight = torch.tensor([_START], dtype=torch.float64, requires_grad=True)
    optimizer = make([weight])
    settings = dict(optimizer.param_groups[0])
    path = []
    for gradient in GRADIENTS:
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        path.append(float(weight.detach()))
    rows = {name: _path(settings, **more) for name, more in _conventions(settings).items()}
    standard = rows["standard"]
    name = next((each for each, row in rows.items() if _apart(path, row) <= _CLOSE), "")
    return OptimizerCheck(name == "standard", name, _apart(path, standard))


def _conventions(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What to try, the reference first; decay is told apart only where there is any."""
    decay = {"decay": "decoupled"} if "betas" in settings else {"decay": "coupled"}
    rows: dict[str, dict[str, Any]] = {"standard": dict(decay)}
    if "betas" in settings:
        rows["epsilon-hat"] = {**decay, "hat": True}
        rows["coupled-weight-decay"] = {"decay": "coupled"}
        rows["coupled-weight-decay, epsilon-hat"] = {"decay": "coupled", "hat": True}
    else:
        rows["dampened"] = {**decay, "damp": True}
        rows["nesterov"] = {**decay, "nesterov": True}
        rows["lr-in-velocity"] = {**decay, "inside": True}
        rows["decoupled-weight-decay"] = {"decay": "decoupled"}
    return rows


def _path(settings: Mapping[str, Any], **how: Any) -> list[float]:
    step = _adam if "betas" in settings else _momentum
    return step(settings, how)


def _momentum(settings: Mapping[str, Any], how: Mapping[str, Any]) -> list[float]:
    rate, beta = float(settings["lr"]), float(settings.get("momentum") or 0.0)
    decay = float(settings.get("weight_decay") or 0.0)
    damp = float(settings.get("dampening") or beta) if how.get("damp") else 0.0
    x, velocity, path = _START, 0.0, []
    for number, gradient in enumerate(GRADIENTS):
        slope = gradient + (decay * x if how["decay"] == "coupled" else 0.0)
        x *= 1.0 - rate * decay if how["decay"] == "decoupled" else 1.0
        # The framework takes the first gradient whole, whatever the dampening.
        velocity = beta * velocity + (1.0 if number == 0 else 1.0 - damp) * (rate if how.get("inside") else 1.0) * slope
        move = slope + beta * velocity if how.get("nesterov") else velocity
        x -= move if how.get("inside") else rate * move
        path.append(x)
    return path


def _adam(settings: Mapping[str, Any], how: Mapping[str, Any]) -> list[float]:
    rate, (one, two), epsilon = float(settings["lr"]), settings["betas"], float(settings["eps"])
    decay = float(settings.get("weight_decay") or 0.0)
    x, first, second, path = _START, 0.0, 0.0, []
    for number, gradient in enumerate(GRADIENTS, 1):
        slope = gradient + (decay * x if how["decay"] == "coupled" else 0.0)
        x *= 1.0 - rate * decay if how["decay"] == "decoupled" else 1.0
        first, second = one * first + (1 - one) * slope, two * second + (1 - two) * slope**2
        root = math.sqrt(1 - two**number)
        bottom = math.sqrt(second) + epsilon if how.get("hat") else math.sqrt(second) / root + epsilon
        x -= rate * first / (1 - one**number) * (root if how.get("hat") else 1.0) / bottom
        path.append(x)
    return path


def _apart(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
