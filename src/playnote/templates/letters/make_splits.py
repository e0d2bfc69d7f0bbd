"""Make the split files: row numbers of the table of 20,000 letters.

As the authors did, the last 4,000 rows stay apart for Test. Train and Dev are drawn from the 16,000 before them. Rows are in
no order of font or letter, so a random draw asks what the reader of the next letter asks. Same seed, same files.
"""

from __future__ import annotations

import random
from pathlib import Path

TRAIN, DEV, SEED = 6000, 4000, 0


def main() -> None:
    """Write splits/train.txt, dev.txt and test.txt."""
    drawn = random.Random(SEED).sample(range(16_000), TRAIN + DEV)
    rows = {"train": drawn[:TRAIN], "dev": drawn[TRAIN:], "test": range(16_000, 20_000)}
    folder = Path(__file__).parent / "splits"
    folder.mkdir(exist_ok=True)
    for split, chosen in rows.items():
        (folder / f"{split}.txt").write_text("".join(f"{row}\n" for row in sorted(chosen)), encoding="utf-8")


if __name__ == "__main__":
    main()
