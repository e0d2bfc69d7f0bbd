"""Three ways to see errors before a quadratic surface is laid through them: as they are, compressed, or stretched.

Errors that grow ever faster away from the best look quadratic on a logarithmic scale; those that
level off look quadratic on a stretched one. Each link carries the change of density, so that their
evidences can be compared, and weights that keep the noise alike in error units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NAMES = ("plain", "log", "stretched")

_OFFSET = 0.3
"""Added inside the logarithm, in units of the median excess: the best trial alone must not set the scale."""

_CEILING = 1.15
"""The level at which errors saturate, in units of their range."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Errors seen through a link.

    z       : array, shape (n,)  the linked errors, weighted mean 0 and SD 1
    weight  : array, shape (n,)  1 / relative noise variance of each, mean 1
    density : float              log density of the errors minus that of z
    back    : callable           from z to errors
    """

    z: Floats
    weight: Floats
    density: float
    back: Callable[[Floats], Floats]


def linked(name: str, errors: Floats) -> Linked:
    """Errors through one link. errors : array, shape (n,), finite, lower is better, not all alike."""
    lowest = float(errors.min())
    excess = errors - lowest
    reach = float(excess.max())
    if name == "log":
        unit = max(float(np.median(excess)), 1e-6 * reach)
        size = excess / unit + _OFFSET
        return _standard(np.log(size), size, lambda g: lowest + unit * (np.exp(np.clip(g, -20.0, 5.0)) - _OFFSET), unit)
    if name == "stretched":
        top = _CEILING * reach
        left = 1.0 - excess / top
        return _standard(-np.log(left), left, lambda g: lowest + top * (1.0 - np.exp(-np.clip(g, -1.5, 20.0))), top)
    return _standard(excess / reach, np.ones(len(errors)), lambda g: lowest + reach * g, reach)


def _standard(g: Floats, slope: Floats, back: Callable[[Floats], Floats], unit: float) -> Linked:
    """Centre and scale g; `slope` is d(error)/dg in `unit`s."""
    weight = slope**2
    centre = float(np.average(g, weights=weight))
    spread = float(np.sqrt(np.average((g - centre) ** 2, weights=weight)))
    weight = weight / weight.mean()
    density = -float(np.sum(np.log(slope))) - len(g) * (np.log(unit) + np.log(spread))
    return Linked((g - centre) / spread, weight, density, lambda z: back(z * spread + centre))
