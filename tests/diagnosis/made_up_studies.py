"""Studies of a bowl-shaped response with a known best place, for the tests of study questions."""

from __future__ import annotations

import numpy as np

from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Float
from playnote.space.space import Space


def study(
    n: int,
    best: tuple[float, ...],
    *,
    weight: tuple[float, ...] | None = None,
    noise: float = 0.02,
    seed: int = 0,
    cliff: float = np.inf,
    failing: float = 0.0,
    adaptive: bool = False,
    natural: bool = False,
) -> TrialTable:
    """Random trials; beyond `cliff` of the first hyperparameter they diverge, a share `failing` fails for no reason."""
    rng = np.random.default_rng(seed)
    unit = rng.random((n, len(best)))
    error = ((unit - np.array(best)) ** 2) @ np.array(weight or (1.0,) * len(best)) + noise * rng.standard_normal(n)
    failed = rng.random(n) < failing
    return table(
        unit, error, diverged=(unit[:, 0] > cliff) & ~failed, failed=failed, adaptive=adaptive, natural=natural
    )


def table(
    unit: np.ndarray,
    error: np.ndarray,
    *,
    diverged: np.ndarray | None = None,
    failed: np.ndarray | None = None,
    pruned: np.ndarray | None = None,
    adaptive: bool = False,
    natural: bool = False,
) -> TrialTable:
    """A table of hyperparameters h0, h1, ... from 0 to 1."""
    n, d = unit.shape
    none = np.zeros(n, dtype=bool)
    diverged = none if diverged is None else diverged
    failed = none if failed is None else failed
    pruned = none if pruned is None else pruned
    ok = np.isfinite(error) & ~diverged & ~failed & ~pruned
    bounds = {"natural_low": 0.0, "natural_high": 1.0} if natural else {}
    return TrialTable(
        space=Space(tuple(Float(name=f"h{at}", low=0.0, high=1.0, **bounds) for at in range(d))),
        ids=tuple(f"t{at}" for at in range(n)),
        unit=unit,
        error=np.where(ok, error, np.nan),
        ok=ok,
        diverged=diverged,
        pruned=pruned,
        failed=failed,
        last_error=np.where(pruned, error, np.nan),
        adaptive=adaptive,
    )


def mapped(given: TrialTable, *, rows: np.ndarray | None = None, scale: float = 1.0, shift: float = 0.0) -> TrialTable:
    """The same study with its trials in another order, or its metric in another unit."""
    rows = np.arange(len(given)) if rows is None else rows
    return TrialTable(
        space=given.space,
        ids=tuple(given.ids[row] for row in rows),
        unit=given.unit[rows],
        error=scale * given.error[rows] + shift,
        ok=given.ok[rows],
        diverged=given.diverged[rows],
        pruned=given.pruned[rows],
        failed=given.failed[rows],
        last_error=scale * given.last_error[rows] + shift,
        adaptive=given.adaptive,
    )
