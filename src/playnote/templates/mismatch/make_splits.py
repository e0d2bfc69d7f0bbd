"""Make the split files: "m" for MNIST's 10,000 pictures, "s" for scikit-learn's 1,797 from the line.

Train and train-dev are drawn from MNIST alike: where they agree and Dev does not, the pictures differ, not the luck. The
line's rows lie in the order of the sheets they were written on; whole sheets go into Dev or Test, so no writer is in both.
Same seed, same files.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

MNIST, TRAIN, TRAIN_DEV, SEED = 10_000, 6000, 2000, 0
# Each sheet begins, a slip aside, with 0 to 9 three times: that is how these places were found.
SHEETS = (0, 130, 256, 386, 516, 646, 776, 905, 1029, 1157, 1287, 1415, 1545, 1667, 1797)


def main() -> None:
    """Write splits/train.txt, train_dev.txt, dev.txt and test.txt."""
    drawn = random.Random(SEED).sample(range(MNIST), TRAIN + TRAIN_DEV)
    sheets = [range(start, end) for start, end in pairwise(SHEETS)]
    random.Random(SEED).shuffle(sheets)
    half = len(sheets) // 2
    ids = {
        "train": [f"m{row:04d}" for row in drawn[:TRAIN]],
        "train_dev": [f"m{row:04d}" for row in drawn[TRAIN:]],
        "dev": [f"s{row:04d}" for sheet in sheets[:half] for row in sheet],
        "test": [f"s{row:04d}" for sheet in sheets[half:] for row in sheet],
    }
    folder = Path(__file__).parent / "splits"
    folder.mkdir(exist_ok=True)
    for split, names in ids.items():
        (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


if __name__ == "__main__":
    main()
