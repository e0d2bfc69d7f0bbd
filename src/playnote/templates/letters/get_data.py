"""Fetch the letter recognition table: 1 MB, Debian's package r-cran-mlbench, GPL-2; written as letters.npz beside this file.

python get_data.py

Where letters.npz lies already, or $LETTERS names its folder, nothing is fetched. Else apt downloads the package (no root is
needed, and nothing is installed) and the table is read from R's own file. 20,000 pictures of capital letters in 20 distorted
fonts, each told by sixteen whole numbers from 0 to 15 (P. W. Frey and D. J. Slate, Machine Learning 6, 1991).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FILE, PACKAGE = "letters.npz", "r-cran-mlbench"
TABLE = "usr/lib/R/site-library/mlbench/data/LetterRecognition.rda"
HELP = f"""The letters were not found. Do one of these, then run the same command again:
  python {HERE / "get_data.py"}          (Debian, Ubuntu: downloads 1 MB)
  export LETTERS=FOLDER                  (where {FILE}, made by this script on another machine, lies)"""


def file() -> Path:
    """Where letters.npz lies. Raises FileNotFoundError, which says what to do."""
    named = os.environ.get("LETTERS")
    found = next((p / FILE for p in ([Path(named)] if named else []) + [HERE] if (p / FILE).is_file()), None)
    if found is None:
        raise FileNotFoundError(HELP)
    return found


def fetch() -> None:
    """Download the package and write the table. Raises RuntimeError with the reason."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise RuntimeError("apt-get and dpkg-deb are not here: the table must come from elsewhere, see LETTERS.")
    with tempfile.TemporaryDirectory() as name:
        said = _apt_get("download", name)
        if said is not None and os.geteuid() == 0 and _apt_get("update", name) is None:
            said = _apt_get("download", name)  # a new machine knows no packages yet
        if said is not None:
            raise RuntimeError(f"apt-get download {PACKAGE} failed:\n{said}")
        subprocess.run(["dpkg-deb", "-x", str(next(Path(name).glob("*.deb"))), name], check=True)
        columns, names = table((Path(name) / TABLE).read_bytes(), "LetterRecognition")
    x = np.array(columns[1:], np.uint8).T
    np.savez_compressed(HERE / FILE, x=x, label=np.array(columns[0], np.uint8) - 1, names=np.array(names[1:]))


def _apt_get(verb: str, where: str) -> str | None:
    """Run it; None where it went well, else what it said."""
    what = [PACKAGE] if verb == "download" else []
    done = subprocess.run(["apt-get", "-q", verb, *what], cwd=where, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()


def table(data: bytes, name: str) -> tuple[list[tuple[float, ...]], tuple[str, ...]]:
    """The columns of a data frame in R's saved file, and their names; a factor's column holds its codes from 1."""
    for unpack in (gzip.decompress, bz2.decompress, lzma.decompress):
        try:
            data = unpack(data)
            break
        except (OSError, lzma.LZMAError):
            continue
    if data[:7] != b"RDX2\nX\n":
        raise RuntimeError("The table is not in the form that this script reads.")
    values, attributes = _Reader(data, at=19).item()[name]
    return [value[0] if isinstance(value[0], tuple) else value for value in values], tuple(attributes["names"])


class _Reader:
    """R's binary form, big-endian (R Internals, section 1.8), as far as a data frame needs it."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at, self.symbols = data, at, []

    def item(self):
        """The next value: a dict for a pair list, a tuple for a vector, (vector, attributes) where it has any."""
        flags = self._numbers("i", 4, 1)[0]
        kind, attributes = flags & 255, flags >> 9 & 1
        if kind in (254, 255):
            return None if kind == 254 else self.symbols[(flags >> 8) - 1]
        if kind == 1:
            self.symbols.append(self.item())
            return self.symbols[-1]
        if kind == 2:
            return self._pairs()
        count = self._numbers("i", 4, 1)[0]
        if kind == 9:
            self.at += max(count, 0)
            return self.data[self.at - max(count, 0) : self.at].decode()
        if kind in (10, 13, 14):
            vector = self._numbers("d", 8, count) if kind == 14 else self._numbers("i", 4, count)
        elif kind in (16, 19):
            vector = tuple(self.item() for _ in range(count))
        else:
            raise RuntimeError(f"The table holds a value of R's kind {kind}, which this script does not read.")
        return (vector, self.item()) if attributes else vector

    def _pairs(self) -> dict:
        found = {self.item(): self.item()}
        while (flags := self._numbers("i", 4, 1)[0]) & 255 == 2:
            found[self.item()] = self.item()
        return found if flags & 255 == 254 else {}

    def _numbers(self, kind: str, size: int, count: int) -> tuple:
        self.at += size * count
        return struct.unpack_from(f">{count}{kind}", self.data, self.at - size * count)


def main() -> int:
    """Fetch what is not there; 0, or 1 with what to do."""
    try:
        file()
    except FileNotFoundError:
        try:
            fetch()
        except (RuntimeError, OSError, subprocess.CalledProcessError) as trouble:
            print(f"{trouble}\n\n{HELP}", file=sys.stderr)
            return 1
    print(f"The letters are in {file()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
