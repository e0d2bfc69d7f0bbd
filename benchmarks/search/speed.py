"""CPU seconds of one suggestion after 60 trials in six dimensions, every method: unlike wall time, not moved by others.

OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/search/speed.py
"""

from __future__ import annotations

import time

import methods
from run_edges import run
from store import FOLDER


def main() -> None:
    """The median of the last five suggestions of one search each, as a page."""
    methods.time.perf_counter = time.process_time  # type: ignore[attr-defined]  # CPU seconds where wall time was read
    lines = ["# CPU seconds of a suggestion, 60 trials, six dimensions, one thread", ""]
    lines += [", ".join(f"{name} {version}" for name, version in methods.versions().items()), ""]
    lines += ["| method | s |", "|---|---|"]
    for name in methods.METHODS:
        lines.append(f"| {name} | {run('corner, d=6', name, 500)['last_seconds']:.4f} |")
    (FOLDER / "speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
