"""What the questions about a study share: which trials count, and the sentences for missing facts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playnote.records.table import TrialTable
from playnote.text import Text

Bools = NDArray[np.bool_]

HUGE = 1e150
"""Larger errors cannot be squared: they are pulled in to this before any arithmetic."""


def scored(table: TrialTable) -> Bools:
    """Rows that are feasible with a finite error, shape (n,)."""
    return np.asarray(table.ok & np.isfinite(table.error), dtype=np.bool_)


def held(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Errors pulled in to where they can be squared."""
    return np.clip(np.asarray(errors, dtype=np.float64), -HUGE, HUGE)


def placed(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates pulled in to half a range beyond either end; NaN (absent) stays, infinities become NaN."""
    return np.asarray(np.where(np.isfinite(unit), np.clip(unit, -0.5, 1.5), np.nan))


def usable_sd(seed_sd: float | None) -> float | None:
    """A seed SD where it is a number that can be squared and not negative, else None."""
    if seed_sd is None or not 0 <= seed_sd <= HUGE:
        return None
    return float(seed_sd)


def too_few_trials(n: int, needed: float) -> Text:
    """Fewer feasible trials than the question needs."""
    return Text(
        en="Only {n} feasible trials; {needed} are needed.",
        zh="只有 {n} 个可行试验，至少需要 {needed} 个。",
    ).fill(n=n, needed=int(needed))


def adaptive_missing() -> Text:
    """The sampler looked at results."""
    return Text(
        en="The sampler chose trials by their results, so they are not independent.",
        zh="采样器看着结果挑试验，这些试验不独立。",
    )


def quasi_random_trials(runs: int) -> Text:
    """The price of a question that adaptive trials cannot answer."""
    return Text(
        en="Run {runs} quasi-random trials of the same space.",
        zh="在同一搜索空间里补 {runs} 个准随机试验。",
    ).fill(runs=runs)


def more_trials(runs: int) -> Text:
    """More trials of the same plan."""
    return Text(
        en="Run {runs} more trials: continue the quasi-random sequence.",
        zh="再跑 {runs} 个试验：接着准随机序列往下取。",
    ).fill(runs=runs)


SEED_REPEATS = Text(
    en="Repeat the best configuration with 3 fresh seeds to learn the seed noise.",
    zh="用 3 个新种子重跑最优配置，先弄清种子噪声有多大。",
)

ONE_LEVEL = Text(
    en="Too little evidence yet that any hyperparameter moves the result: a flat surface explains the trials nearly as well.",
    zh="证据还不足以说明哪个超参影响结果：用一个平坦的面来解释这些试验，也差不多说得通。",
)
KNOWN_TO_LEARN = Text(
    en="If that level is chance level, run one configuration that is known to learn, and search around it.",
    zh="如果停在随机猜测的水平，就先跑一个确定能学到东西的配置，再围着它搜索。",
)
