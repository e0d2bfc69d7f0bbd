"""How large noise is: a mixture of scaled inverse chi-squares for its variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.readings import Floats


@dataclass(frozen=True, slots=True)
class NoisePosterior:
    """Mixture of scaled inverse chi-squares for the noise variance.

    shares  : array, shape (k,)  posterior of each component
    squares : array, shape (k,)  sum of squares of each
    freedom : float              degrees of freedom
    """

    shares: Floats
    squares: Floats
    freedom: float

    def above(self, level: float) -> float:
        """P(noise SD >= level)."""
        from scipy.special import gammainc

        if level <= 0:
            return 1.0
        above = self.shares @ gammainc(self.freedom / 2.0, self.squares / (2.0 * max(level, 1e-100) ** 2))
        return float(np.minimum(above, 1.0))

    def quantile(self, share: float) -> float:
        """The noise SD below which `share` of the posterior lies."""
        low, high = -30.0, 30.0
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if 1.0 - self.above(float(np.exp(middle))) < share else (low, middle)
        return float(np.exp((low + high) / 2.0))
