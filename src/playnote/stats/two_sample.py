"""Do two sets come from one distribution? A classifier that cannot tell them apart has AUC 1/2.

The classifier is ridge regression on the set's sign, cross-validated; whole groups stay in one fold. The p-value comes
from shuffling which examples (or groups) belong to which set, so it holds its level at any size and whatever the features
are. The hat matrix does not depend on the sets: one factorisation a fold serves every shuffle (Lopez-Paz and Oquab 2017;
Kim et al. 2021 on permutation). The interval of the AUC is DeLong's, clustered by group (Obuchowski 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
FOLDS = 5
PERMUTATIONS = 499
_RIDGE = 0.3  # of the mean eigenvalue: directions with less than a third of the usual variance are not leant on


@dataclass(frozen=True, slots=True)
class TwoSample:
    """What the classifier found.

    auc       out-of-fold area under the curve: 1/2 where the sets cannot be told apart, 1 where they always can
    interval  of the AUC, two-sided
    p         P(an AUC this large | the sets are one distribution), exact at every size
    n         examples of the first and the second set
    units     groups of each, which were shuffled; examples where no groups are given
    weights   : array, shape (d,)  of the classifier on all examples: what tells the second set from the first
    """

    auc: float
    interval: tuple[float, float]
    p: float
    n: tuple[int, int]
    units: tuple[int, int]
    weights: Floats


def two_sample(
    features: Floats,
    second: NDArray[np.bool_],
    groups: Sequence[str] | None = None,
    *,
    permutations: int = PERMUTATIONS,
    folds: int = FOLDS,
    level: float = 0.9,
    rng: np.random.Generator,
) -> TwoSample:
    """Test.

    features : array, shape (n, d)   of both sets
    second   : array, shape (n,)     whether an example belongs to the second set
    groups   : n names               of what was drawn as one (a person, a session); a group lies in one set

    Needs two examples and two groups of either set; the caller looks.
    """
    z = features - features.mean(axis=0)
    names = np.unique(np.asarray(groups), return_inverse=True)[1] if groups is not None else np.arange(len(second))
    owner = np.zeros(int(names.max()) + 1, dtype=bool)
    owner[names] = second
    fold = rng.permutation(len(owner))[names] % min(folds, len(owner))
    shuffled = np.stack([owner, *(rng.permutation(owner) for _ in range(permutations))])[:, names].T
    scores = _out_of_fold(z, shuffled, fold)
    areas = _areas(scores, shuffled)
    own = scores[:, 0]
    p = float(np.sum(areas >= areas[0] - 1e-12)) / (permutations + 1)
    hat = _solve(z, np.where(second, 1.0, -1.0)[:, None] - float(np.mean(np.where(second, 1.0, -1.0))))
    return TwoSample(
        float(areas[0]),
        _interval(own, second, names, level),
        p,
        (int(np.sum(~second)), int(np.sum(second))),
        (int(np.sum(~owner)), int(np.sum(owner))),
        hat[:, 0] * z.std(axis=0),
    )


def _out_of_fold(z: Floats, second: NDArray[np.bool_], fold: NDArray[np.int64]) -> Floats:
    """Scores of every example by a classifier that did not see its fold, shape (n, shuffles)."""
    signs = np.where(second, 1.0, -1.0)
    scores = np.zeros(signs.shape)
    for each in range(int(fold.max()) + 1):
        test = fold == each
        train = ~test
        scores[test] = z[test] @ _solve(z[train], signs[train] - signs[train].mean(axis=0))
    return scores


def _solve(z: Floats, signs: Floats) -> Floats:
    """Ridge weights, shape (d, shuffles); by the smaller of the two Gram matrices."""
    n, d = z.shape
    size = float(np.sum(z**2)) / max(d, 1)
    ridge = max(_RIDGE * size, 1e-9)
    if d <= n:
        return np.asarray(np.linalg.solve(z.T @ z + ridge * np.eye(d), z.T @ signs))
    return np.asarray(z.T @ np.linalg.solve(z @ z.T + ridge * np.eye(n), signs))


def _areas(scores: Floats, second: NDArray[np.bool_]) -> Floats:
    """AUC of every column: the share of pairs that are ordered rightly, ties half."""
    ranks = _ranks(scores)
    size = second.sum(axis=0)
    total = np.where(second, ranks, 0.0).sum(axis=0)
    return np.asarray((total - size * (size + 1) / 2) / np.maximum(size * (len(second) - size), 1))


def _ranks(scores: Floats) -> Floats:
    """Mean ranks by column, from 1."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(scores, axis=0), dtype=np.float64)


def _interval(scores: Floats, second: NDArray[np.bool_], names: NDArray[np.int64], level: float) -> tuple[float, float]:
    """DeLong's interval; what the examples of one group add counts as one."""
    ranks = _ranks(scores[:, None])[:, 0]
    n, m = int(np.sum(~second)), int(np.sum(second))
    part = np.empty(len(scores))
    part[second] = (ranks[second] - _ranks(scores[second][:, None])[:, 0]) / n
    part[~second] = 1.0 - (ranks[~second] - _ranks(scores[~second][:, None])[:, 0]) / m
    area = float(part[second].mean())
    variance = 0.0
    for side, size in ((second, m), (~second, n)):
        sums = np.bincount(names[side], part[side] - area)
        count = len(np.unique(names[side]))
        variance += float(np.sum(sums**2)) / size**2 * count / max(count - 1, 1)
    half = float(ndtri((1 + level) / 2)) * variance**0.5
    return max(0.0, area - half), min(1.0, area + half)
