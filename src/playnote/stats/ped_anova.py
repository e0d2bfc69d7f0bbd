"""PED-ANOVA: how much a hyperparameter's distribution changes from all trials to the best ones (Watanabe 2023).

The Pearson divergence between smoothed histograms of the best trials and of all trials, per
hyperparameter. Only order enters, so a rising transform of the metric changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELLS = 20


def divergence(cells: NDArray[np.int64], best: NDArray[np.bool_], count: int, width: float) -> float:
    """Pearson divergence of the best trials from all, over cells smoothed by a Gaussian of `width` cells.

    cells : array, shape (n,)  cell of each trial, 0 to count - 1
    best  : array, shape (n,)  True for the best trials
    """
    all_ = _density(np.bincount(cells, minlength=count), width)
    top = _density(np.bincount(cells[best], minlength=count), width)
    return float(np.sum((top / all_ - 1.0) ** 2 * all_))


def _density(counts: NDArray[np.int64], width: float) -> Floats:
    at = np.arange(len(counts))
    kernel = np.exp(-0.5 * ((at[:, None] - at) / max(width, 1e-3)) ** 2)
    kernel = kernel / kernel.sum(axis=0)
    # One trial's worth of a uniform prior keeps every cell above zero.
    smooth = kernel @ counts + 1.0 / len(counts)
    return np.asarray(smooth / smooth.sum())


def cells_of(unit: Floats, levels: int | None) -> tuple[NDArray[np.int64], int, float]:
    """Cell of each coordinate, number of cells and smoothing width. levels : number of categories, None if ordered."""
    count = _CELLS if levels is None else levels
    cells = np.clip((unit * count).astype(np.int64), 0, count - 1)
    spread = float(np.std(cells)) if levels is None else 0.0
    return cells, count, max(1.06 * spread * len(unit) ** -0.2, 0.5) if levels is None else 0.0


def null_band(
    cells: NDArray[np.int64], top: int, count: int, width: float, rng: np.random.Generator, shuffles: int = 200
) -> Floats:
    """Divergences after shuffling which trials are the best, sorted; shape (shuffles,)."""
    n = len(cells)
    out = np.empty(shuffles)
    for at in range(shuffles):
        best = np.zeros(n, dtype=bool)
        best[rng.permutation(n)[:top]] = True
        out[at] = divergence(cells, best, count, width)
    return np.sort(out)
