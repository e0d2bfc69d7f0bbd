"""Results on disk, one line a run, so that a benchmark may be run in slices; and means with their intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "results"


def runs_of(name: str) -> list[dict[str, object]]:
    """Every run on record; none where nothing ran."""
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def keep(name: str, run: dict[str, object]) -> None:
    """Add one run."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def mean_interval(values: Sequence[float], draws: int = 4000) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval."""
    array = np.asarray(values, dtype=float)
    rng = np.random.default_rng(0)
    means = array[rng.integers(0, len(array), (draws, len(array)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(array.mean()), float(low), float(high)


def shown(values: Sequence[float], digits: int = 4) -> str:
    """ "0.1012 [0.1008, 0.1017]"."""
    mean, low, high = mean_interval(values)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
