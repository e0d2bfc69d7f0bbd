"""Weights that make training examples count as in the deployed distribution, and what they leave of the data.

A classifier that tells training examples from deployment-like ones gives the ratio of the two densities at every example
(importance weighting for covariate shift: Shimodaira 2000; by a classifier: Bickel, Brueckner and Scheffer 2009). Each
example is weighed by a classifier that did not see it. Deployment-like examples come from Dev's source, never from Test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playnote.errors import InputError
from playnote.text import Text

Floats = NDArray[np.float64]
_FOLDS = 5
_RIDGE = 1.0
_ROUNDS = 25
_MOST = 50.0  # times the mean: a single example never weighs more


@dataclass(frozen=True)
class DomainWeights:
    """Weights with mean 1.

    weights          : array, shape (n,)   one a training example, in order
    effective_share  : float               (sum w)^2 / (n sum w^2): share of the examples that still count (Kish 1965)
    without_test     : bool                Test's ids were given, and none of them is among the examples
    """

    weights: Floats
    effective_share: float
    strength: float
    without_test: bool = False

    def as_facts(self) -> dict[str, object]:
        """What `trial.facts["weights"]` should hold."""
        facts: dict[str, object] = {"effective_share": self.effective_share, "strength": self.strength}
        return {**facts, "used_test": False} if self.without_test else facts


def domain_weights(
    train: ArrayLike,
    target: ArrayLike,
    strength: float = 1.0,
    *,
    seed: int = 0,
    train_ids: Iterable[object] = (),
    test_ids: Iterable[object] = (),
    target_ids: Iterable[object] = (),
) -> DomainWeights:
    """Weigh training examples by how deployment-like they are.

    train    : array, shape (n, d)  features of the training examples
    target   : array, shape (m, d)  features of deployment-like examples (Dev's source); no labels are needed
    strength : float from 0 (all weigh the same) to 1 (the full density ratio); between them a power of the ratio
    test_ids, target_ids, train_ids  where they are given, an example of Test among the others is refused

    Raises InputError where the shapes do not fit, there are too few examples, or Test examples were handed in.
    """
    checked = _without_test(test_ids, (*train_ids, *target_ids))
    rows, aims = _matrix(train, "train"), _matrix(target, "target")
    if rows.shape[1] != aims.shape[1] or min(len(rows), len(aims)) < 2 * _FOLDS:
        raise InputError(
            Text(
                en="Features of {a} and {b} do not fit: the same columns and at least {n} rows of each are needed.",
                zh="{a} 和 {b} 两组特征对不上：列要相同，每组至少 {n} 行。",
            ).fill(a=str(rows.shape), b=str(aims.shape), n=2 * _FOLDS),
            fix=Text(
                en="Give both as arrays of shape (examples, features).", zh="两组都给成（样本数, 特征数）的数组。"
            ),
        )
    if not 0.0 <= strength <= 1.0:
        raise InputError(
            Text(en="The strength {s} is not between 0 and 1.", zh="强度 {s} 不在 0 到 1 之间。").fill(s=strength),
            fix=Text(en="Take 0 for no weighting, 1 for the full ratio.", zh="0 是不加权，1 是按完整的密度比加权。"),
        )
    ratio = np.exp(strength * _log_ratio(rows, aims, np.random.default_rng(seed)))
    weights = np.minimum(ratio / ratio.mean(), _MOST)
    weights = weights / weights.mean()
    return DomainWeights(weights, effective_share(weights), strength, checked)


def effective_share(weights: ArrayLike) -> float:
    """(sum w)^2 / (n sum w^2): 1 where all weigh the same, 1 / n where one has all the weight."""
    held = np.asarray(weights, dtype=np.float64)
    return float(held.sum() ** 2 / (len(held) * np.sum(held**2)))


def _log_ratio(rows: Floats, aims: Floats, rng: np.random.Generator) -> Floats:
    """Log density ratio target / train at every training row, by classifiers that did not see it."""
    both = np.vstack([rows, aims])
    spread = both.std(axis=0)
    both = (both - both.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    both = np.hstack([both, both**2 - 1.0])
    is_target = np.arange(len(both)) >= len(rows)
    fold = np.concatenate([rng.permutation(len(part)) % _FOLDS for part in (rows, aims)])
    scores = np.empty(len(both))
    for each in range(_FOLDS):
        held = fold == each
        scores[held] = _fitted(both[~held], is_target[~held], both[held])
    # The classifier's log odds hold the two sets' sizes as well.
    return np.asarray(scores[: len(rows)] - np.log(len(aims) / len(rows)))


def _fitted(x: Floats, y: NDArray[np.bool_], at: Floats) -> Floats:
    """Log odds of a ridge logistic regression (Newton's method) at other rows."""
    design = np.hstack([x, np.ones((len(x), 1))])
    penalty = np.full(design.shape[1], _RIDGE)
    penalty[-1] = 0.0
    beta = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30.0, 30.0)))
        slope = design.T @ (y - p) - penalty * beta
        curve = (design * (p * (1.0 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        beta = beta + step
        if float(np.max(np.abs(step))) < 1e-8:
            break
    return np.asarray(np.hstack([at, np.ones((len(at), 1))]) @ beta)


def _matrix(values: ArrayLike, name: str) -> Floats:
    held = np.asarray(values, dtype=np.float64)
    if held.ndim != 2 or not np.isfinite(held).all():
        raise InputError(
            Text(en="{name} is no table of finite numbers.", zh="{name} 不是由有限数值组成的表。").fill(name=name),
            fix=Text(en="Give an array of shape (examples, features).", zh="给成（样本数, 特征数）的数组。"),
        )
    return held


def _without_test(test_ids: Iterable[object], used: tuple[object, ...]) -> bool:
    """Whether it was looked: both Test's ids and the others' were given. Raises InputError where they share one."""
    sealed = set(test_ids)
    shared = sealed & set(used)
    if shared:
        raise InputError(
            Text(
                en="{n} Test examples are among those the weights are made from.",
                zh="算权重的样本里有 {n} 个 Test 样本。",
            ).fill(n=len(shared)),
            fix=Text(
                en="Leave Test out: take deployment-like examples of Dev's source.",
                zh="去掉 Test：用 Dev 来源里像部署的样本。",
            ),
        )
    return bool(sealed and used)
