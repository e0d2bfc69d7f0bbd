"""An anytime-valid e-value for the difference of two means: look whenever you like, stop when you like.

Two arms of n runs each, equal unknown variance, nu = 2n - 2, n_e = n/2, prior variance g of the standardised effect:
E = (1 + n_e g)^(-1/2) [(1 + t^2/nu) / (1 + t^2/(nu (1 + n_e g)))]^((nu + 1)/2),
Goenen et al. 2005; Wang and Ramdas 2023.
"""

from __future__ import annotations

import numpy as np

from playnote.stats.t_mixture import Floats


def t_statistic(first: Floats, second: Floats) -> float:
    """Pooled two-sample t of mean(first) - mean(second); infinite where the arms have no spread but differ."""
    n, m = len(first), len(second)
    pooled = (np.sum((first - first.mean()) ** 2) + np.sum((second - second.mean()) ** 2)) / (n + m - 2)
    gap = float(first.mean() - second.mean())
    if pooled == 0:
        return 0.0 if gap == 0 else float(np.copysign(np.inf, gap))
    return float(gap / np.sqrt(pooled * (1 / n + 1 / m)))


def e_value(t: float, n: float, m: float, g: float = 1.0) -> float:
    """Evidence against "no difference" from a two-sample t; arms of n and m runs (n_e = nm / (n + m))."""
    nu, shrink = n + m - 2, 1.0 + g * n * m / (n + m)
    if not np.isfinite(t):
        return float(np.exp(min(700.0, (nu + 1) / 2 * np.log(shrink) - 0.5 * np.log(shrink))))
    square = t * t / nu
    log = -0.5 * np.log(shrink) + (nu + 1) / 2 * (np.log1p(square) - np.log1p(square / shrink))
    return float(np.exp(min(700.0, log)))
