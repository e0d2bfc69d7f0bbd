"""Adaptive studies: Optuna's TPE, alone or with its median pruner, on a made-up response.

The one file of this room that needs Optuna.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from playnote.errors import MissingExtraError
from playnote.testing.known import Floats
from playnote.text import Text, same

Evaluate = Callable[[Floats], float]
CHECKPOINTS = 5


def tpe_points(
    evaluate: Evaluate, n: int, d: int, *, seed: int, with_pruner: bool
) -> tuple[Floats, Floats, list[int | None]]:
    """Runs TPE for `n` trials on a cost in [0, 1]^d (infinite: the trial diverged, and TPE is told it failed).

    Returns the points, shape (n, d), their costs, shape (n,), and for each trial the checkpoint at which
    the pruner stopped it (1 to 4), `None` where it ran to the end. The cost at checkpoint k of 5 is the
    end cost plus a head start that shrinks to zero.
    """
    optuna = optuna_library()
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5) if with_pruner else optuna.pruners.NopPruner()
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), pruner=pruner)
    points, costs = np.empty((n, d)), np.empty(n)
    stopped: list[int | None] = [None] * n
    for index in range(n):
        trial = study.ask()
        points[index] = [trial.suggest_float(f"u{axis}", 0.0, 1.0) for axis in range(d)]
        costs[index] = evaluate(points[index])
        if not np.isfinite(costs[index]):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            continue
        stopped[index] = _watch(trial, costs[index])
        if stopped[index] is None:
            study.tell(trial, costs[index])
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return points, costs, stopped


def reading(cost: float, checkpoint: int) -> float:
    """The cost seen at a checkpoint, 1 to 5."""
    return cost + 10.0 * (1.0 / checkpoint - 1.0 / CHECKPOINTS)


def _watch(trial: Any, cost: float) -> int | None:
    for checkpoint in range(1, CHECKPOINTS):
        trial.report(reading(cost, checkpoint), checkpoint)
        if trial.should_prune():
            return checkpoint
    return None


def optuna_library() -> Any:
    """The user's Optuna, quiet; `MissingExtraError` where it is not installed."""
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            Text(en="Adaptive made-up studies need Optuna.", zh="生成自适应采样的模拟研究需要 Optuna。"),
            fix=same("pip install 'playnote[bayes]'"),
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna
