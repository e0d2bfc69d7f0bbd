"""Two arms scored on the same examples: how much of their difference the sample of examples explains.

y = arm + example + seed + rest. The variance of a difference of means over new examples and new seeds is the seed part
plus the example part minus the rest, which both of them contain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playnote.stats.t_mixture import Floats

Hits = NDArray[np.float64]


def sampling_variance(first: Hits, second: Hits) -> float:
    """Variance that drawing other examples adds to mean(first) - mean(second), beyond the spread between seeds; >= 0.

    first, second : arrays, shape (runs, examples)  1 where right, or a per-example score; same order of examples
    """
    examples = first.shape[1]
    gap: Floats = first.mean(axis=0) - second.mean(axis=0)
    by_example = float(np.var(gap, ddof=1)) / examples
    rest = sum(_rest(arm) / (examples * arm.shape[0]) for arm in (first, second))
    return float(max(0.0, by_example - rest))


def _rest(arm: Hits) -> float:
    """Mean square of example by seed, what neither explains; 0 with one run, which cannot tell."""
    runs, examples = arm.shape
    if runs < 2:
        return 0.0
    centred = arm - arm.mean(axis=0) - arm.mean(axis=1, keepdims=True) + arm.mean()
    return float(np.sum(centred**2) / ((runs - 1) * (examples - 1)))
