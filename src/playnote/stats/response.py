"""What a study's trials say of the response: gains beyond each end and the reach of each hyperparameter.

Quadratic surfaces through three links and two selections (every trial, the better 60 %), weighed by
evidence within a selection. No single one is right on every kind of response; together they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playnote.stats.links import NAMES, linked
from playnote.stats.surface import Surface, fit_surface, heights, lowest

Floats = NDArray[np.float64]

SELECTIONS = (1.0, 0.6)
BEYOND = 0.5
"""A side is widened by this share of the range."""

_FAR = 12.0
"""Errors further above the best than this many times the median are pulled in."""

_FULL, _LATER = 200, 0.3
"""Up to 200 trials a selection is as large as its share; of further ones 30 % are used: the surface is a local law."""

_STEPS = np.linspace(-1.0, 1.0, 9)
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class View:
    """One link on one selection.

    gain  : array, shape (m, d, 2)  draws of what widening the low and the high end gains, at least 0
    reach : array, shape (m, d)     draws of worst minus best along each coordinate through the best place
    noise : float                   median residual SD near the best, as an error
    share : float                   posterior share among the links of this selection
    seen  : float                   log Bayes factor of any surface against one level everywhere, over all links
    best  : array, shape (m, d)     draws of the best place, in unit coordinates
    spans : array, shape (m, e)     coefficients of the extra columns as errors near the best
    """

    gain: Floats
    reach: Floats
    noise: float
    share: float
    seen: float
    best: Floats
    spans: Floats


@dataclass(frozen=True, slots=True)
class Response:
    """Every view of one study, in units of `unit` (one unit is the range of the errors used).

    views   : dict (link, selection) -> View
    unit    : float                     errors per unit
    lowest  : float                     lowest error
    typical : float                     median error above the lowest, in units
    levelled : float                    share of the trials set apart as a plateau at the worst level
    """

    views: dict[tuple[str, float], View]
    unit: float
    lowest: float
    typical: float
    levelled: float
    n: int

    def mixed(self, selection: float, name: str) -> tuple[Floats, Floats]:
        """Draws of `gain` or `reach` over all links of a selection, and the weight of each."""
        views = [self.views[link, selection] for link in NAMES]
        draws = np.concatenate([getattr(view, name) for view in views])
        return draws, np.concatenate([np.full(len(view.gain), view.share / len(view.gain)) for view in views])

    def asked(self, effect: float) -> float:
        """An effect in units, kept within what can be divided by."""
        return min(max(effect / self.unit, 1e-12), 1e12)

    @property
    def seen(self) -> float:
        """Log Bayes factor of a surface through every trial against one level everywhere: does anything matter here?"""
        return self.views[NAMES[0], 1.0].seen

    def noise_over(self, selection: float) -> float:
        """Residual SD near the best over the links of a selection, as an error in units."""
        return sum(self.views[link, selection].share * self.views[link, selection].noise for link in NAMES)

    @property
    def noise(self) -> float:
        """Residual SD near the best over the links of the better 60 %, as an error."""
        return self.noise_over(SELECTIONS[-1])


def fit_response(unit: Floats, errors: Floats, extra: Floats) -> Response | None:
    """Fit every view; None below four trials, without a coordinate, or where the errors do not differ.

    unit   : array, shape (n, d)  coordinates, 0 to 1 over the range, finite
    errors : array, shape (n,)    lower is better, finite, at most 1e150 in size
    extra  : array, shape (n, e)  centred columns that enter linearly
    """
    n, d = unit.shape
    if n < 4 or d == 0:
        return None
    order = np.lexsort((*unit.T, errors))
    unit, errors, extra = unit[order], errors[order], extra[order]
    first, middle = float(errors[0]), float(np.median(errors))
    if middle > first:
        errors = np.minimum(errors, first + _FAR * (middle - first))
    reach = float(errors[-1] - first)
    if not reach > max(_SAME * abs(first), 1e-290):
        return None
    scaled = (errors - first) / reach
    kept = _without_plateau(scaled)
    views: dict[tuple[str, float], View] = {}
    for selection in SELECTIONS:
        count = _count(selection, n, kept)
        if not scaled[count - 1] > 0:
            return None
        views.update(_views(selection, 2.0 * unit[:count] - 1.0, scaled[:count], extra[:count], max(1, n // 10)))
    return Response(views, reach, first, float(np.median(scaled)), 1.0 - kept / n, n)


def _count(selection: float, n: int, kept: int) -> int:
    fewest = min(n, 6)
    size = max(kept, fewest)
    size = size if size <= _FULL else _FULL + int(_LATER * (size - _FULL))
    return max(fewest, int(np.ceil(selection * size)))


def _without_plateau(scaled: Floats) -> int:
    """How many of the sorted errors lie below a plateau at the worst level (runs that never learned).

    A plateau: a tenth of the trials, at least three, within 4 % of the range of the worst, and few just below them.
    """
    n = len(scaled)
    if n < 6:
        return n
    at, near = int(np.sum(scaled > 0.96)), int(np.sum(scaled > 0.88))
    return n - at if at >= max(3.0, 0.1 * n) and near <= 1.35 * at else n


def _views(selection: float, c: Floats, scaled: Floats, extra: Floats, top: int) -> dict[tuple[str, float], View]:
    rng = np.random.default_rng(0)
    start, shift = c[:top].mean(axis=0), extra[:top].mean(axis=0)
    fits = []
    for name in NAMES:
        seen = linked(name, scaled)
        surface = fit_surface(c, extra, seen.z, seen.weight, rng)
        fits.append((surface, seen))
    evidence = np.array([surface.evidence + seen.density for surface, seen in fits])
    shares = np.exp(evidence - evidence.max())
    flat = np.array([surface.flat + seen.density for surface, seen in fits])
    told = float(evidence.max() + np.log(shares.sum()) - flat.max() - np.log(np.exp(flat - flat.max()).sum()))
    shares = shares / shares.sum()
    return {
        (name, selection): _view(surface, seen.back, start, shift, (float(share), told))
        for name, (surface, seen), share in zip(NAMES, fits, shares, strict=True)
    }


def _view(  # type: ignore[no-untyped-def]
    surface: Surface, back, start: Floats, shift: Floats, shares: tuple[float, float]
) -> View:
    d = len(start)
    low, high = np.full((2 * d + 1, d), -1.0), np.full((2 * d + 1, d), 1.0)
    each = np.arange(d)
    low[1 + 2 * each, each] -= 2 * BEYOND
    high[2 + 2 * each, each] += 2 * BEYOND
    found, places = lowest(surface, start, low, high)
    base = (surface.level + surface.extra @ shift)[:, None]
    bottom = back(found + base)
    gain = np.maximum(bottom[:, :1] - bottom[:, 1:], 0.0).reshape(-1, d, 2)
    best = places[:, 0]
    line = back(heights(surface, _lines(best)) + base).reshape(len(best), d, len(_STEPS))
    reach = np.max(line, axis=2) - bottom[:, :1]
    at = np.median(found[:, 0] + base[:, 0])
    noise = float(np.median(np.abs(back(at + surface.noise) - back(at - surface.noise)))) / 2
    spans = back(found[:, :1] + base + surface.extra) - bottom[:, :1]
    return View(gain, np.maximum(reach, 0.0), noise, *shares, (best + 1.0) / 2.0, spans)


def _lines(best: Floats) -> Floats:
    """Places along each coordinate through each best place, shape (m, d * steps, d)."""
    m, d = best.shape
    lines = np.broadcast_to(best[:, None, None, :], (m, d, len(_STEPS), d)).copy()
    for j in range(d):
        lines[:, j, :, j] = _STEPS
    return lines.reshape(m, d * len(_STEPS), d)
