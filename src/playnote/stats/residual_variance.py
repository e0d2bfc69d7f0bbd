"""The noise of a search: what a smooth response surface leaves unexplained.

Too rough a surface leaves more, never less, so the answer errs towards more noise. The surface is fitted twice: on all
trials, then on those it predicts to be good, chosen by prediction and not by luck.
"""

from __future__ import annotations

import numpy as np

from playnote.stats.moderated_t import Spread
from playnote.stats.t_mixture import Floats

_KEPT = 0.7
_SPARE = 4


def residual_spread(unit: Floats, errors: Floats) -> Spread | None:
    """Residual variance of a quadratic surface; None with fewer than 4 degrees of freedom left.

    unit   : array, shape (n, d)  coordinates in [0, 1]
    errors : array, shape (n,)    finite
    """
    design = _design(unit)
    if design is None:
        return None
    fitted = _fit(design, errors)
    keep = fitted <= np.quantile(fitted, _KEPT)
    near = _design(unit[keep])
    if near is not None:
        return _spread(near, errors[keep])
    return _spread(design, errors)


def _design(unit: Floats) -> Floats | None:
    """Quadratic with cross terms, or without, or linear: the richest that leaves enough degrees of freedom."""
    n, d = unit.shape
    ones, pairs = np.ones((n, 1)), [unit[:, [i]] * unit[:, [j]] for i in range(d) for j in range(i)]
    for parts in ([ones, unit, unit**2, *pairs], [ones, unit, unit**2], [ones, unit]):
        design = np.hstack(parts)
        if n - design.shape[1] >= max(_SPARE, design.shape[1] // 2):
            return np.asarray(design)
    return None


def _fit(design: Floats, errors: Floats) -> Floats:
    solved = np.linalg.lstsq(design, errors, rcond=None)[0]
    return np.asarray(design @ solved)


def _spread(design: Floats, errors: Floats) -> Spread:
    rank = int(np.linalg.matrix_rank(design))
    df = float(len(errors) - rank)
    return Spread(float(np.sum((errors - _fit(design, errors)) ** 2)) / df, df)
