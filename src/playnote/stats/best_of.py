"""The best of m trials: what a budget of m is expected to find, and what doubling it would add.

Errors throughout: lower is better. Law: the expected best never gets worse as m grows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BAND = (0.4, 2.1)
"""10 to 90 % of true doubling gains lie within these multiples of the estimate (16 to 64 real trials)."""

_EXPONENTS = np.array([0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0])
_FLOORS = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])


def weights(n: int, m: int) -> Floats:
    """Weight of each order statistic, best first, in the mean of the best over all m-subsets of n; shape (n,).

    C(n - i, m - 1) / C(n, m) for i = 1..n (Tang et al. 2020, the unbiased estimator).
    """
    m = min(max(m, 1), n)
    rank = np.arange(1, n)
    steps = np.maximum(n - rank - m + 1, 0) / (n - rank)
    return np.concatenate(([m / n], m / n * np.cumprod(steps)))


def expected_best(errors: Floats, m: int, lost: int = 0) -> float:
    """Mean of the best of m trials drawn without replacement.

    errors : array, shape (n,)  finite errors, any order
    lost   : int                further trials that gave no score (diverged): they use up draws, so the answer is
                                the mean over those draws in which at least one trial gave a score; NaN without errors
    """
    if not len(errors):
        return float("nan")
    share = weights(len(errors) + lost, m)[: len(errors)]
    return float(share @ np.sort(errors) / share.sum())


def expected_best_curve(errors: Floats, budgets: NDArray[np.int64], lost: int = 0) -> Floats:
    """`expected_best` at each budget; shape (len(budgets),)."""
    ordered = np.sort(errors)
    return np.array([expected_best(ordered, int(m), lost) for m in budgets], dtype=np.float64)


def leave_one_out(errors: Floats, m: int, lost: int = 0) -> Floats:
    """`expected_best` without each trial in turn; shape (n + lost,), in the order given, lost ones last.

    Linear in n after sorting: taking out rank i moves only the weights of the ranks behind it.
    """
    n = len(errors)
    if n + lost < 2 or n == 0:
        return np.full(n + lost, np.nan)
    order = np.argsort(errors, kind="stable")
    y = errors[order]
    w = weights(n + lost - 1, m)[:n]
    w = np.concatenate((w, np.zeros(max(0, n - len(w)))))
    kept, moved = w * y, np.concatenate(([0.0], w[:-1])) * y
    before = np.concatenate(([0.0], np.cumsum(kept)[:-1]))
    behind = moved.sum() - np.cumsum(moved)
    out = np.empty(n + lost)
    with np.errstate(divide="ignore", invalid="ignore"):
        out[order] = (before + behind) / w[: n - 1].sum()
        out[n:] = kept.sum() / w.sum()
    return out


def doubling_gain(errors: Floats, dimensions: int) -> tuple[float, float, float]:
    """Expected gain in the best error from doubling the number of trials: (low, estimate, high).

    The geometric mean of two views that err in opposite directions: the last halving (too high) and the law
    F(y) ~ (y - best)^a of the best quarter (too low); the band is `BAND`. After Lourie, He and Cho 2025
    (arXiv 2510.02721) and the shape a = d/2 of a quadratic optimum. NaN below four errors.
    """
    n = len(errors)
    if n < 4:
        return (float("nan"),) * 3
    ordered = np.sort(errors)
    halving = expected_best(ordered, n // 2) - float(ordered[0])
    tail = _tail_gain(ordered[: max(4, n // 4 + 1)], dimensions)
    middle = float(np.sqrt(max(halving, 0.0)) * np.sqrt(max(tail, 0.0)))
    return BAND[0] * middle, middle, BAND[1] * middle


def _tail_gain(best: Floats, dimensions: int) -> float:
    """Gain of a doubling under F(y) ~ (y - floor)^a fitted to the best errors by maximum likelihood on a grid."""
    spread = float(best[-1] - best[0])
    if not spread > 0:
        return 0.0
    floors = best[0] - _FLOORS * spread
    exponents = np.append(_EXPONENTS, max(dimensions, 1) / 2.0)
    above = best[None, :] - floors[:, None]
    logs = np.log(above / above[:, -1:])[:, :-1].sum(axis=1)
    inner = len(best) - 1
    fit = inner * np.log(exponents)[None, :] + (exponents[None, :] - 1.0) * logs[:, None]
    fit = fit - inner * np.log(above[:, -1])[:, None]
    row, column = np.unravel_index(int(np.argmax(fit)), fit.shape)
    return float((best[0] - floors[row]) * (1.0 - 2.0 ** (-1.0 / exponents[column])))
