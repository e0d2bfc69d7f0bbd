"""What a page's session finds in its folder: sources that other tools wrote, made small and the same every time."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path


def optuna_study(folder: Path) -> None:
    """optuna.db: 60 trials of TPE on a made-up objective whose best learning rate, 0.05, lies above its range."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    noise = random.Random(3)

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1e-2, log=True)
        decay = trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True)
        dropout = trial.suggest_float("dropout", 0.0, 0.6)
        best = 0.08 + 0.02 * (math.log10(lr) + 1.3) ** 2
        return best + 0.002 * (math.log10(decay) + 4) ** 2 + 0.03 * (dropout - 0.2) ** 2 + noise.gauss(0, 0.002)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(
            study_name="convnet", direction="minimize", sampler=optuna.samplers.TPESampler(seed=1)
        )
        study.optimize(objective, n_trials=60)
        # Written whole: a commit for every trial, not for every value of it.
        stored = optuna.storages.RDBStorage(f"sqlite:///{folder / 'optuna.db'}")
        optuna.copy_study(from_study_name="convnet", from_storage=study._storage, to_storage=stored)
        stored.engine.dispose()  # from Python 3.13 on a connection left open is a warning


def table(folder: Path) -> None:
    """trials.csv: 24 trials of a made-up objective, two settings and a score."""
    chance = random.Random(5)
    lines = ["lr,dropout,dev/error"]
    for _ in range(24):
        lr, dropout = 10 ** chance.uniform(-4, -1), chance.uniform(0, 0.5)
        error = 0.1 + 0.03 * (math.log10(lr) + 2.5) ** 2 + 0.05 * (dropout - 0.2) ** 2 + chance.gauss(0, 0.002)
        lines.append(f"{lr:.6g},{dropout:.4g},{error:.5f}")
    (folder / "trials.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def project(folder: Path) -> None:
    """playnote.toml: the least that runs train.py."""
    (folder / "playnote.toml").write_text(
        """
[project]
name = "mine"
[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.005
[workflow]
command = "python train.py"
max_train_steps = 100
evaluate_every = 1
[hyperparameters]
lr = { low = 1e-3, high = 1.0, scale = "log", group = "optimizer" }
[baseline]
lr = 0.1
""",
        encoding="utf-8",
    )


PREPARED: dict[str, Callable[[Path], None]] = {"optuna.db": optuna_study, "trials.csv": table, "playnote.toml": project}
