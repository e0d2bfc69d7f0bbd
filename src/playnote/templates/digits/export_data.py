"""Write digits.npz: every picture with its label and the sheet it stands on, for audits of splits and labels.

python export_data.py
playnote data audit digits.npz --label label --group sheet
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

import numpy as np
from make_splits import SHEETS
from sklearn.datasets import load_digits


def main() -> None:
    """The row number is the id, as in the split files."""
    data = load_digits()
    sheets = [bisect_right(SHEETS, row) for row in range(len(data.target))]
    np.savez(Path(__file__).parent / "digits.npz", x=data.images, label=data.target, sheet=sheets)


if __name__ == "__main__":
    main()
