"""Make the split files: row numbers of scikit-learn's 1,797 digits, cut between sheets of paper.

Thirteen people wrote them, and the rows still lie in the order of their sheets: each begins, a slip aside,
with 0 to 9 three times, which is how the places below were found. Whole sheets go into one split, so dev and
test ask what the sorting line will ask: can the network read a hand it has never seen? Same seed, same files.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

SHEETS = (0, 130, 256, 386, 516, 646, 776, 905, 1029, 1157, 1287, 1415, 1545, 1667, 1797)
COUNTS = {"train": 6, "dev": 4, "test": 4}
SEED = 0


def main() -> None:
    """Write splits/train.txt, dev.txt and test.txt."""
    sheets = [range(start, end) for start, end in pairwise(SHEETS)]
    random.Random(SEED).shuffle(sheets)
    folder = Path(__file__).parent / "splits"
    folder.mkdir(exist_ok=True)
    for split, count in COUNTS.items():
        rows = sorted(row for sheet in sheets[:count] for row in sheet)
        del sheets[:count]
        (folder / f"{split}.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
