"""How likely a change is really better: a prior with room for "no difference", updated by what was measured.

The true gain is 0 with probability `none`; otherwise its size is half-normal with scale `slab` (in SDs of one run), one
time in ten much wider, and it is a loss with probability `worse` (of all ideas). Law: the three shares sum to 1, and the
share of "better" never falls as the measured gain grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.t_mixture import Floats, TMixture

# (share, width in slabs): a thin wide tail, so that a loss far beyond the usual size is not read as "no difference".
_WIDTHS = ((0.90, 1.0), (0.07, 5.0), (0.03, 50.0))
_SIZES: Floats = np.concatenate((np.linspace(0.0, 5.0, 81)[1:], np.geomspace(5.05, 250.0, 40)))
_NEAR: Floats = np.sinh(np.linspace(-4.0, 4.0, 81)) / 4.0


@dataclass(frozen=True, slots=True)
class GainPrior:
    """Of all ideas: the share that does nothing and the share that hurts; `slab` is the usual effect in SDs of a run."""

    none: float
    worse: float
    slab: float


@dataclass(frozen=True, slots=True)
class GainShares:
    """Posterior shares, summing to 1, and P(gain > margin)."""

    better: float
    none: float
    worse: float
    above_margin: float
    above_effect: float | None


def gain_shares(
    law: TMixture, noise_sd: float, prior: GainPrior, margin: float = 0.0, effect: float | None = None
) -> GainShares:
    """Posterior shares of better, none and worse.

    law      : posterior of the gain under a flat prior, positive is better; read as the likelihood
    noise_sd : SD of one run, > 0, in the gain's unit
    margin   : the gain must exceed this
    effect   : smallest gain that matters; its chance is `above_effect`
    """
    width = prior.slab * noise_sd
    near = law.centre + float(np.median(law.scale)) * _NEAR
    cuts = np.array([0.0, margin, 0.0 if effect is None else effect])
    at = np.unique(np.concatenate((width * _SIZES, -width * _SIZES, near, cuts)))
    sizes = np.where(at >= 0, 1.0 - prior.none - prior.worse, prior.worse) * _half_normals(np.abs(at), width)
    like = law.density(at)
    top = float(np.max(like))
    if not top > 0:
        return _far(law.centre, margin, effect)
    # One-sided values at 0: the pieces left of it belong to losses, those right of it to gains.
    left, right = np.where(at == 0, prior.worse * _half_normals(at, width), sizes), sizes
    pieces = 0.5 * (right[:-1] * like[:-1] + left[1:] * like[1:]) / top * np.diff(at)
    middle = 0.5 * (at[:-1] + at[1:])
    none = prior.none * float(law.density(np.zeros(1))[0]) / top
    better, worse = float(pieces[middle > 0].sum()), float(pieces[middle < 0].sum())
    total = better + none + worse
    if not total > 0:
        return _far(law.centre, margin, effect)

    def above(bound: float) -> float:
        return min((float(pieces[middle > bound].sum()) + (none if bound < 0 else 0.0)) / total, 1.0)

    return GainShares(
        better / total, none / total, worse / total, above(margin), None if effect is None else above(effect)
    )


def _half_normals(size: Floats, width: float) -> Floats:
    """Density of the size of an effect that exists."""
    total = np.zeros_like(size)
    for share, wide in _WIDTHS:
        total += share * np.sqrt(2.0 / np.pi) / (wide * width) * np.exp(-0.5 * (size / (wide * width)) ** 2)
    return total


def _far(centre: float, margin: float, effect: float | None) -> GainShares:
    """A gain so far off that no density is left: its sign decides."""
    better = float(centre > 0)
    return GainShares(
        better, 0.0, 1.0 - better, float(centre > margin), None if effect is None else float(centre > effect)
    )
