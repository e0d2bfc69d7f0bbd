"""Search at the edge of divergence: 60 trials, every method, every shape, in slices that resume.

    OPENBLAS_NUM_THREADS=1 nice -n 10 python benchmarks/search/run_edges.py [SEEDS] [CPU_SECONDS] [METHOD ...]

Runs what results/edges.jsonl does not hold yet until the CPU seconds are used, then writes results/edges.md.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from edges import NOISE, PROBLEMS, Problem
from methods import METHODS, Tried, versions
from store import FOLDER, keep, runs_of, shown

from playnote.space.hyperparameter import Value

TRIALS = 60


def run(problem_name: str, method: str, seed: int) -> dict[str, object]:
    """One search. The configuration with the best observed score is what it found; its true error counts."""
    problem = PROBLEMS[problem_name](np.random.default_rng((seed, zlib.crc32(problem_name.encode()))))
    luck = np.random.default_rng((seed, 77))

    def evaluate(configuration: Mapping[str, Value]) -> float | None:
        at = problem.point(configuration)
        if luck.random() < problem.diverges(at):
            return None
        return problem.error(at) + NOISE * float(luck.normal())

    tried = METHODS[method](problem.space, evaluate, TRIALS, seed)
    return {"problem": problem_name, "method": method, "seed": seed, **_facts(problem, tried)}


def _facts(problem: Problem, tried: Sequence[Tried]) -> dict[str, object]:
    well = [each for each in tried if each.score is not None]
    best = min(well, key=lambda each: each.score or 0.0, default=None)
    half = tried[len(tried) // 2 :]
    return {
        "best": problem.error(problem.point(best.configuration)) if best else None,
        "diverged": sum(each.score is None for each in half) / len(half),
        "seconds": float(np.mean([each.seconds for each in half])),
        "last_seconds": float(np.median([each.seconds for each in tried[-5:]])),
    }


def table() -> str:
    """What is on record, as a page."""
    runs = runs_of("edges")
    lines = [
        "# The best lies at the edge of divergence",
        "",
        f"{TRIALS} trials a search, score noise {NOISE}; true error of what was found (mean over all shapes and seeds, "
        "95 % interval), share of the last half of the trials that diverged, and seconds a suggestion (last five "
        "trials, shared CPU).",
        "",
        ", ".join(f"{name} {version}" for name, version in versions().items()),
        "",
        "| method | runs | true error | diverged | s a suggestion |",
        "|---|---|---|---|---|",
    ]
    for method in METHODS:
        mine = [each for each in runs if each["method"] == method]
        if mine:
            lines.append(
                f"| {method} | {len(mine)} | {shown([float(r['best'] or 1.0) for r in mine])} | "
                f"{shown([float(r['diverged']) for r in mine], 2)} | {np.median([r['last_seconds'] for r in mine]):.3f} |"
            )
    lines += ["", "True error / share diverged by shape:", "", "| method | " + " | ".join(PROBLEMS) + " |"]
    lines.append("|---" * (len(PROBLEMS) + 1) + "|")
    for method in METHODS:
        cells = []
        for name in PROBLEMS:
            mine = [each for each in runs if each["method"] == method and each["problem"] == name]
            best = [float(r["best"] or 1.0) for r in mine]
            cells.append(f"{np.mean(best):.4f} / {np.mean([r['diverged'] for r in mine]):.2f}" if mine else "-")
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing, then write the page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 170.0
    methods = sys.argv[3:] or list(METHODS)
    done = {(each["problem"], each["method"], each["seed"]) for each in runs_of("edges")}
    for seed in range(seeds):
        for method in methods:
            for problem in PROBLEMS:
                if (problem, method, seed) not in done and time.process_time() < limit:
                    keep("edges", run(problem, method, seed))
    (FOLDER / "edges.md").write_text(table(), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
