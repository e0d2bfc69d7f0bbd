"""A mixture of Student t laws around one centre: the posterior of a difference when its variance is not known.

Law: symmetric about the centre, so an interval needs one quantile; adding known normal noise never lowers the scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, stdtr

Floats = NDArray[np.float64]
_STEPS = 60


@dataclass(frozen=True, slots=True)
class TMixture:
    """sum_k weight_k * t(centre, scale_k, df_k).

    centre : float
    scale, df, weight : arrays, shape (k,)  scale > 0, df > 0, weights sum to 1
    """

    centre: float
    scale: Floats
    df: Floats
    weight: Floats

    def above(self, value: float) -> float:
        """P(X > value)."""
        z = (self.centre - value) / self.scale
        return float(np.clip(np.sum(self.weight * stdtr(self.df, z)), 0.0, 1.0))

    def half_width(self, level: float) -> float:
        """h with P(|X - centre| <= h) = level."""
        share = (1.0 + level) / 2.0
        high = float(np.max(self.scale))
        while float(np.sum(self.weight * stdtr(self.df, high / self.scale))) < share and np.isfinite(high):
            high *= 4.0
        low, at = 0.0, high / 2.0
        for _ in range(_STEPS):
            z = at / self.scale
            over = float(np.sum(self.weight * stdtr(self.df, z))) - share
            low, high = (low, at) if over > 0 else (at, high)
            slope = float(np.sum(self.weight / self.scale * self._kernel(z)))
            step = at - over / slope if slope > 0 else low
            # Newton inside the bracket, halving where it would leave it.
            step = step if low < step < high else (low + high) / 2.0
            if abs(step - at) <= 1e-13 * at:
                break
            at = step
        return at

    def _kernel(self, z: Floats) -> Floats:
        """Density of each part at its own z, in units of its scale."""
        constant = gammaln((self.df + 1) / 2) - gammaln(self.df / 2) - 0.5 * np.log(np.pi * self.df)
        return np.asarray(np.exp(constant - (self.df + 1) / 2 * np.log1p(z * z / self.df)))

    def interval(self, level: float) -> tuple[float, float]:
        """The central interval."""
        half = self.half_width(level)
        return self.centre - half, self.centre + half

    def density(self, at: Floats) -> Floats:
        """Density, shape of `at`."""
        z = (np.asarray(at, dtype=np.float64)[:, None] - self.centre) / self.scale
        return np.asarray(self._kernel(z) @ (self.weight / self.scale))

    def widened(self, variance: float) -> TMixture:
        """The law of X plus independent normal noise of this known variance (Welch 1938 for each part's df)."""
        if not variance > 0:
            return self
        total = self.scale**2 + variance
        return TMixture(self.centre, np.sqrt(total), self.df * (total / self.scale**2) ** 2, self.weight)


def mixture(centre: float, scale: Floats, df: Floats, log_weight: Floats, keep: float = 1e-5) -> TMixture:
    """A mixture from unnormalised log weights; parts below `keep` of the heaviest are dropped."""
    flat = log_weight.ravel()
    weight = np.exp(flat - np.max(flat))
    used = weight > keep
    shape = log_weight.shape
    return TMixture(
        centre,
        np.broadcast_to(scale, shape).ravel()[used],
        np.broadcast_to(df, shape).ravel()[used],
        weight[used] / float(np.sum(weight[used])),
    )
