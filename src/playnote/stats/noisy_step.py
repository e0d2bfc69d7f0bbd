"""A threshold beyond which trials fail, found by maximum likelihood with some labels allowed to be wrong.

Law: mirrored coordinates give the mirrored threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LABEL_NOISE = 0.03
"""Share of trials that fail below the threshold or survive above it."""

_DROP = 1.35
"""Half the 90 % quantile of chi-square with one degree of freedom: how far the profile likelihood may fall."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where failing starts on one coordinate.

    at       : float           the threshold: the middle of the widest gap that explains the labels best
    low      : float           lower end of the 90 % profile interval
    high     : float           upper end
    evidence : float           log likelihood ratio of the step against one failure rate everywhere
    cuts     : array, (n + 1,) candidate thresholds: between neighbours, and beyond both ends
    fit      : array, (n + 1,) log likelihood at each
    """

    at: float
    low: float
    high: float
    evidence: float
    cuts: Floats
    fit: Floats

    def shares(self) -> Floats:
        """Posterior share of each candidate, widths of the gaps as prior; sums to 1."""
        edges = np.concatenate(([self.cuts[0] - 0.25], (self.cuts[1:] + self.cuts[:-1]) / 2, [self.cuts[-1] + 0.25]))
        raw = np.exp(self.fit - self.fit.max()) * np.maximum(np.diff(edges), 1e-6)
        return np.asarray(raw / raw.sum())


def fit_step(unit: Floats, bad: NDArray[np.bool_], noise: float = LABEL_NOISE) -> Step | None:
    """The threshold above which trials are bad; None where there is nothing to compare.

    unit : array, shape (n,)  coordinates, finite
    bad  : array, shape (n,)  True where the trial failed; both kinds must occur
    """
    if not bad.any() or bad.all():
        return None
    order = np.argsort(unit, kind="stable")
    u, b = unit[order], bad[order].astype(float)
    total, n = b.sum(), len(b)
    below = np.concatenate(([0.0], np.cumsum(b)))
    position = np.arange(n + 1)
    wrong = below + (n - position - (total - below))
    fit = wrong * np.log(noise) + (n - wrong) * np.log1p(-noise)
    ties = np.concatenate(([False], np.diff(u) <= 0, [False]))
    fit = np.where(ties, -np.inf, fit)
    gaps = np.concatenate(([u[0]], u, [u[-1]]))
    cuts = (gaps[1:] + gaps[:-1]) / 2
    top = fit >= fit.max() - 1e-9
    width = np.where(top, np.diff(gaps), -1.0)
    best = int(np.argmax(width))
    inside = np.flatnonzero(fit >= fit.max() - _DROP)
    rate = total / n
    flat = total * np.log(rate) + (n - total) * np.log1p(-rate)
    return Step(
        at=float(cuts[best]),
        low=float(gaps[inside[0]]),
        high=float(gaps[inside[-1] + 1]),
        evidence=float(fit.max() - flat),
        cuts=cuts,
        fit=fit,
    )
