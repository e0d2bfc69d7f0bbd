"""Make the split files: row numbers of scikit-learn's 1,797 digits, cut between sheets of paper.

The rows lie in the order of the sheets they were written on, so whole sheets go into one split and no writer is in two. Only
two sheets are labelled for training: that is what a network trained on other pictures is for. Same seed, same files.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

# Each sheet begins, a slip aside, with 0 to 9 three times: that is how these places were found.
SHEETS = (0, 130, 256, 386, 516, 646, 776, 905, 1029, 1157, 1287, 1415, 1545, 1667, 1797)
COUNTS = {"train": 2, "dev": 6, "test": 6}
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
