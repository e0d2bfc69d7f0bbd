"""Review studies cut out of public tables, and hold every line against the whole table.

    python benchmarks/public_sets/fetch.py FOLDER
    python benchmarks/public_sets/run.py FOLDER [SEEDS]

Writes results/lines.jsonl beside this file, a line of a review each, and prints the tally.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def lines(folder: Path, seeds: range) -> Iterator[dict[str, Any]]:
    """Every line that is no open question, of every study, without and with a smallest difference that matters."""
    from sets import NAMES, full_table
    from studies import cuts
    from truth import told

    with tempfile.TemporaryDirectory() as scratch:
        for name in NAMES:
            full = full_table(folder, name)
            effect = 2.0 * full.seed_sd if full.seed_sd is not None else 0.01
            for cut in cuts(full, Path(scratch), seeds):
                for said in (None, effect):
                    start = time.perf_counter()
                    found = cut.review(said)
                    seconds = time.perf_counter() - start
                    row = {"set": name, "kind": cut.kind, "seed": cut.seed, "min_effect": said}
                    yield {**row, "about": "study", "seconds": round(seconds, 2)}
                    for line in found.lines:
                        if line.word == "unknown":
                            continue
                        verdict, detail = told(line, cut, found, said)
                        text = {"word": line.word, "text": line.text.en, "p": line.p}
                        yield {**row, "about": line.about, **text, "verdict": verdict, "detail": detail}


def tally(rows: list[dict[str, Any]]) -> str:
    """Right, wrong, useless and open by kind of finding."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row["about"] != "study":
            family = row["about"].split(":")[0] + (" fine" if row["word"] == "fine" else "")
            counts.setdefault(family, Counter())[row["verdict"]] += 1
    words = ("right", "wrong", "useless", "open")
    head = "| finding | " + " | ".join(words) + " |\n|---|---|---|---|---|"
    body = [f"| {name} | " + " | ".join(str(each[w]) for w in words) + " |" for name, each in sorted(counts.items())]
    total = [sum(each[w] for each in counts.values()) for w in words]
    return "\n".join([head, *body, "| all | " + " | ".join(map(str, total)) + " |"])


def main(folder: Path, seeds: range) -> None:
    """Runs, writes and prints."""
    rows = []
    place = HERE / "results"
    place.mkdir(exist_ok=True)
    with (place / "lines.jsonl").open("w", encoding="utf-8") as out:
        for row in lines(folder, seeds):
            rows.append(row)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    studies = sum(row["about"] == "study" for row in rows)
    sys.stdout.write(f"{studies} reviews, {len(rows) - studies} lines\n{tally(rows)}\n")


if __name__ == "__main__":
    if len(sys.argv) >= 2:
        main(Path(sys.argv[1]), range(int(sys.argv[2]) if len(sys.argv) > 2 else 3))
    else:  # `make bench` runs every script; this one needs the tables
        sys.stdout.write(str(__doc__))
