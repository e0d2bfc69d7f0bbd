"""Scales: where a value lies between two bounds, as a coordinate in [0, 1].

All geometry (sampling, boundary, importance) is done in unit coordinates on the
hyperparameter's own scale, so that "near the edge" means the same for each.
"""

from __future__ import annotations

import math
from typing import Literal

Scale = Literal["linear", "log", "log-complement"]
SCALES: tuple[Scale, ...] = ("linear", "log", "log-complement")


def forward(value: float, scale: Scale) -> float:
    """The value on its scale: itself, its logarithm, or -log(1 - value), so that it always grows with the value."""
    if scale == "log":
        return math.log(value)
    if scale == "log-complement":
        return -math.log1p(-value)
    return value


def backward(coordinate: float, scale: Scale) -> float:
    """The inverse of `forward`."""
    if scale == "log":
        return math.exp(coordinate)
    if scale == "log-complement":
        return -math.expm1(-coordinate)
    return coordinate


def fits(value: float, scale: Scale) -> bool:
    """Whether the scale is defined there: log needs value > 0, log-complement value < 1."""
    return not ((scale == "log" and value <= 0) or (scale == "log-complement" and value >= 1))
