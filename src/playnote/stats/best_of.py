"""The best of m trials: what a budget of m is expected to find, and what doubling it would add.

Errors throughout: lower is better. Law: the expected best never gets worse as m grows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BAND = (0.4, 2.1)
"""10 to 90 % of true doubling gains lie within these multiples of the estimate (16 to 64 real trials)."""


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

    Gains of the last two halvings that the trials themselves show, carried one doubling further:
    0.42 d^0.29 h2^0.76 h1^0.24, where h1 is the gain from n/2 to n trials and h2 that from n/4 to n/2 (far less noisy
    than h1). Fitted on made-up searches of 16 to 64 trials, on which true gains lay within x0.54 to x1.99 of it
    (10 to 90 %); on real ones an estimate of this kind held within `BAND`. NaN below four errors.
    """
    n = len(errors)
    if n < 4:
        return (float("nan"),) * 3
    quarter, half, whole = (expected_best(errors, m) for m in (n // 4, n // 2, n))
    earlier, last = max(quarter - half, 0.0), max(half - whole, 0.0)
    if not earlier > 0:
        return 0.0, 0.0, 0.0
    bend = min(max(last / earlier, 0.22), 2.0) ** 0.24
    middle = 0.42 * min(max(dimensions, 1), 8) ** 0.29 * bend * earlier
    return BAND[0] * middle, middle, BAND[1] * middle
