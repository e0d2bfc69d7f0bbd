"""Make the split files: pictures of Fashion-MNIST by their numbers, "f" for the 60,000 and "t" for the 10,000.

The authors' 10,000 test pictures stay apart: Test is drawn from them, Train and Dev from the 60,000. Same seed, same files.
"""

from __future__ import annotations

import random
from pathlib import Path

SIZES = {"train": 4000, "dev": 2000, "test": 2000}
SEED = 0


def main() -> None:
    """Write splits/train.txt, dev.txt and test.txt."""
    drawn = random.Random(SEED).sample(range(60_000), SIZES["train"] + SIZES["dev"])
    kept = random.Random(SEED + 1).sample(range(10_000), SIZES["test"])
    rows = {"train": drawn[: SIZES["train"]], "dev": drawn[SIZES["train"] :], "test": kept}
    folder = Path(__file__).parent / "splits"
    folder.mkdir(exist_ok=True)
    for split, chosen in rows.items():
        letter = "t" if split == "test" else "f"
        (folder / f"{split}.txt").write_text(
            "".join(f"{letter}{row:05d}\n" for row in sorted(chosen)), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
