"""How likely a change is really better: a prior with room for "no difference", updated by what was measured.

The true gain is 0 with probability `none`; otherwise its size is half-normal with scale `slab` (in SDs of one run), and
it is a loss with probability `worse` (of all ideas). Law: the three shares sum to 1, and the share of "better" never
falls as the measured gain grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playnote.stats.t_mixture import Floats, TMixture

_POINTS: Floats = np.asarray((np.arange(240) + 0.5) / 60.0, dtype=np.float64)  # midpoints, in units of the slab
_MASS = np.exp(-0.5 * _POINTS**2) / float(np.sum(np.exp(-0.5 * _POINTS**2)))


@dataclass(frozen=True, slots=True)
class GainPrior:
    """Of all ideas: the share that does nothing and the share that hurts; `slab` is the usual effect in SDs of one run."""

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
    noise_sd : SD of one run, in the gain's unit
    margin   : the gain must exceed this
    effect   : smallest gain that matters; its chance is `above_effect`
    """
    sizes = _POINTS * prior.slab * noise_sd
    up, down = law.density(sizes) * _MASS, law.density(-sizes) * _MASS
    better = (1 - prior.none - prior.worse) * up
    none = prior.none * float(law.density(np.zeros(1))[0])
    worse = prior.worse * float(np.sum(down))
    total = float(np.sum(better)) + none + worse
    if not total > 0:
        sign = float(law.centre > 0)
        return GainShares(sign, 0.0, 1 - sign, float(law.centre > margin), None if effect is None else sign)
    above = _above(sizes, better, none, prior.worse * down, margin) / total
    matters = None if effect is None else _above(sizes, better, none, prior.worse * down, effect) / total
    return GainShares(float(np.sum(better)) / total, none / total, worse / total, above, matters)


def _above(sizes: Floats, better: Floats, none: float, worse: Floats, bound: float) -> float:
    """Mass of gains above the bound; half of a point that sits on it."""
    if bound >= 0:
        step = float(sizes[1] - sizes[0])
        return float(np.sum(better * np.clip((sizes - bound) / step + 0.5, 0.0, 1.0)))
    return float(np.sum(better)) + none + float(np.sum(worse[-sizes > bound]))
