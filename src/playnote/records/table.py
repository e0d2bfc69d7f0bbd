"""A study's trials as arrays: what every study-level measure reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playnote.records.curves import Floats
from playnote.space.space import Space


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Trials of one space, row by row.

    space    the searched hyperparameters only, d of them
    ids      n trial ids
    unit     : array, shape (n, d)  coordinates on each one's own scale; NaN where inactive or "off"
    error    : array, shape (n,)    score turned so that lower is better; NaN unless `ok`
    ok       : array, shape (n,)    complete, and no constraint violated
    diverged : array, shape (n,)    nan or exploded: the configuration's doing
    pruned   : array, shape (n,)    censored by another tool's pruner; `last_error` holds the last reading
    failed   : array, shape (n,)    code, infrastructure, or cause not recorded: missing, never counted against it
    last_error : array, shape (n,)  last reading of a pruned trial, NaN elsewhere
    adaptive : bool                 the sampler looked at results (TPE, GP ...): the trials are not independent
    """

    space: Space
    ids: tuple[str, ...]
    unit: Floats
    error: Floats
    ok: NDArray[np.bool_]
    diverged: NDArray[np.bool_]
    pruned: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    last_error: Floats
    adaptive: bool = False

    def __len__(self) -> int:
        return len(self.ids)
