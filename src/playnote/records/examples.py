"""Examples of a data set as the split and label procedures see them: what each is, and what it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = tuple[str, ...]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """n examples.

    ids      unique names
    keys     SHA-256 of the normalised content, 32 hexadecimal digits: equal content has equal keys
    texts    what is written in each, None where there is none
    numbers  : array, shape (n, d)   NaN where missing; `names` says what the columns are
    images   : array, shape (n, h, w[, channels])
    group    what was drawn as one (a person, a session); time sorts as text; source; label
    """

    ids: Words
    keys: Words
    texts: Words | None = None
    numbers: Floats | None = None
    names: Words = ()
    images: NDArray[Any] | None = None
    group: Words | None = None
    time: Words | None = None
    source: Words | None = None
    label: Words | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def visible(self) -> bool:
        """Whether there is anything to compare but ids and equal content."""
        return self.texts is not None or self.images is not None or bool(self.names)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Examples:
        """Some of the examples, in that order."""
        at = [int(row) for row in rows]
        return replace(
            self,
            ids=tuple(self.ids[row] for row in at),
            keys=tuple(self.keys[row] for row in at),
            numbers=None if self.numbers is None else self.numbers[at],
            images=None if self.images is None else self.images[at],
            texts=_some(self.texts, at),
            group=_some(self.group, at),
            time=_some(self.time, at),
            source=_some(self.source, at),
            label=_some(self.label, at),
        )

    def named(self, ids: Sequence[str]) -> Examples:
        """The examples with these ids; unknown ones are left out."""
        at = {name: row for row, name in enumerate(self.ids)}
        return self.take([at[name] for name in ids if name in at])


def _some(words: Words | None, rows: list[int]) -> Words | None:
    return None if words is None else tuple(words[row] for row in rows)


def key_of(texts: Sequence[str] = (), numbers: Sequence[float] = (), data: bytes = b"") -> str:
    """The key of one example: white space and capitals do not count, nor do digits of a number beyond the sixth."""
    parts = [" ".join(text.casefold().split()) for text in texts]
    parts += ["" if value != value else f"{value:.6g}" for value in numbers]
    return hashlib.sha256("\x1f".join(parts).encode() + b"\x1e" + data).hexdigest()[:32]
