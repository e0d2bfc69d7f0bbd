"""Plan one quasi-random trial and put it on record, in a ledger with 100 finished trials and in one with 10,000.

    .venv/bin/python benchmarks/ledger/planning.py [REPEATS]

One repeat: the next point of the sequence, its plan, its start and its end in the journal. The two ledgers take turns in
one process, so that the load of the machine falls on both. Printed: the median of each in milliseconds of wall time and
of CPU time, and their ratio.
"""

import os
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_planned
from playnote.records.round import PlannedTrial
from playnote.search.request import SearchRequest
from playnote.search.searcher import searcher_named
from playnote.space.hyperparameter import Float
from playnote.space.space import Space

SPACE = Space((Float(name="lr", low=1e-4, high=1.0, scale="log"), Float(name="dropout", low=0.0, high=0.6)))


def filled(ledger: Ledger, count: int) -> None:
    """`count` finished trials."""
    for at in range(0, count, 500):
        trials = [dump_planned(planned(i, {"lr": 0.1, "dropout": 0.1})) for i in range(at, min(at + 500, count))]
        ledger.append("trial-planned", {"trials": trials})
    for i in range(count):
        record(ledger, f"t{i}")


def planned(index: int, configuration: dict[str, float]) -> PlannedTrial:
    """One trial."""
    return PlannedTrial(
        id=f"t{index}", study="s", round=0, purpose="search", configuration=configuration, seed=index, index=index
    )


def record(ledger: Ledger, trial: str) -> None:
    """It began and ended."""
    ledger.append("attempt-started", {"trial": trial, "attempt": 1})
    ledger.append("attempt-ended", {"trial": trial, "attempt": 1, "outcome": "ok", "seconds": 1.0})


def one_more(ledger: Ledger, index: int) -> tuple[float, float]:
    """Wall and CPU seconds of one planned and recorded trial."""
    wall, cpu = time.perf_counter(), time.process_time()
    (point,) = searcher_named("quasi-random").suggest(SearchRequest(space=SPACE, start_index=index, seed=1), 1)
    ledger.append("trial-planned", {"trials": [dump_planned(planned(index, point))]})
    record(ledger, f"t{index}")
    return time.perf_counter() - wall, time.process_time() - cpu


def main(repeats: int = 150) -> None:
    """Both in turns."""
    print(f"playnote {version('playnote')}, python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    with (
        tempfile.TemporaryDirectory() as base,
        Ledger.write(Path(base, "small"), "bench") as small,
        Ledger.write(Path(base, "large"), "bench") as large,
    ):
        filled(small, 100)
        filled(large, 10_000)
        times: dict[int, list[tuple[float, float]]] = {100: [], 10_000: []}
        for i in range(repeats):
            times[100].append(one_more(small, 100 + i))
            times[10_000].append(one_more(large, 10_000 + i))
    middle = {n: tuple(1000 * statistics.median(t[k] for t in found) for k in (0, 1)) for n, found in times.items()}
    for n, (wall, cpu) in middle.items():
        print(f"at {n:>6} finished trials: {wall:.3f} ms ({cpu:.3f} ms of CPU)")
    ratio = [middle[10_000][k] / middle[100][k] for k in (0, 1)]
    print(f"ratio {ratio[0]:.2f} ({ratio[1]:.2f} of CPU); load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
