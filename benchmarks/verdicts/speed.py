"""CPU time of the verdicts: per case of each task, and against the number of trials of a search.

python benchmarks/verdicts/speed.py            about a minute on one core
"""

from __future__ import annotations

import time

import numpy as np

from playnote.service.judge import judge
from playnote.testing import catalog
from playnote.testing.known import Case
from playnote.testing.search_cases import search_case

CASES = 48
SIZES = ((100, 8), (1_000, 8), (10_000, 8))


def cpu_of(case: Case) -> float:
    """CPU seconds of one judgement."""
    begun = time.process_time()
    judge(case)
    return time.process_time() - begun


def main() -> None:
    """Prints two tables."""
    judge(catalog.draw("gaps", 1, 0).case)
    print("| task | cases | mean ms | worst ms |\n|---|---|---|---|")
    for task in catalog.TASKS:
        spent = 1e3 * np.array([cpu_of(known.case) for known in catalog.stream(task, 2, 0, CASES, adaptive=False)])
        print(f"| {task} | {CASES} | {spent.mean():.1f} | {spent.max():.1f} |")
    print("\n| trials | hyperparameters | ms |\n|---|---|---|")
    for trials, axes in SIZES:
        case = search_case(np.random.default_rng(3), size=(trials, axes)).case
        print(f"| {trials} | {axes} | {1e3 * min(cpu_of(case) for _ in range(3)):.0f} |")


if __name__ == "__main__":
    main()
