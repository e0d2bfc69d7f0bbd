"""What a linear classifier sees of an example: texts as hashed n-grams, numbers and small pictures standardised.

Law: the features of an example do not depend on which set it lies in, so shuffling the sets changes none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LENGTHS = (3, 6)  # bytes: three letters and six, or one Chinese character and two
BUCKETS = 512
SIDE = 8
_CLIP = 5.0
_LONGEST = 20_000
_PRIME = 0x01000193


def hashed_ngrams(texts: Sequence[str], buckets: int = BUCKETS) -> Floats:
    """Logarithms of the counts of byte n-grams by hash, length 1 each row, shape (n, buckets * len(LENGTHS)).

    Lower case; at most the first 20,000 bytes of a text count (Weinberger et al. 2009).
    """
    found = np.zeros((len(texts), buckets * len(LENGTHS)))
    for row, text in enumerate(texts):
        data = np.frombuffer(text.lower().encode("utf-8", "replace")[:_LONGEST], dtype=np.uint8)
        for place, length in enumerate(LENGTHS):
            if len(data) >= length:
                part = found[row, place * buckets : (place + 1) * buckets]
                part += np.bincount(_buckets(data, length, buckets), minlength=buckets)
    found = np.log1p(found)
    size = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.where(size > 0, size, 1.0))


def _buckets(data: NDArray[np.uint8], length: int, buckets: int) -> NDArray[np.int64]:
    """FNV-1a of every n-gram of `length` bytes, folded into the buckets."""
    state = np.full(len(data) - length + 1, 0x811C9DC5, dtype=np.uint64)
    for at in range(length):
        state = ((state ^ data[at : at + len(state)]) * _PRIME) & np.uint64(0xFFFFFFFF)
    return np.asarray((state ^ (state >> np.uint64(15))) % np.uint64(buckets), dtype=np.int64)


def ngram_of(bucket: int, texts: Sequence[str], buckets: int = BUCKETS) -> str:
    """The commonest n-gram behind a column of `hashed_ngrams`, "" where no text holds one."""
    length, wanted = LENGTHS[bucket // buckets], bucket % buckets
    seen: Counter[bytes] = Counter()
    for text in texts:
        raw = text.lower().encode("utf-8", "replace")[:_LONGEST]
        if len(raw) >= length:
            hit = np.flatnonzero(_buckets(np.frombuffer(raw, dtype=np.uint8), length, buckets) == wanted)
            seen.update(raw[at : at + length] for at in hit)
    return seen.most_common(1)[0][0].decode("utf-8", "replace") if seen else ""


def standardised(numbers: Floats) -> Floats:
    """Columns with mean 0 and SD 1, cut at 5; their squares, so that a changed spread shows; and what is missing.

    numbers : array, shape (n, d)   NaN where missing
    returns : array, shape (n, 2 d + m)   m columns had missing values
    """
    known = np.isfinite(numbers)
    count = np.maximum(known.sum(axis=0), 1)
    held = np.where(known, numbers, 0.0)
    middle = held.sum(axis=0) / count
    spread = np.sqrt((np.where(known, numbers - middle, 0.0) ** 2).sum(axis=0) / count)
    z = np.where(known, np.clip((held - middle) / np.where(spread > 0, spread, 1.0), -_CLIP, _CLIP), 0.0)
    gaps = (~known[:, ~known.all(axis=0)]).astype(np.float64)
    return np.hstack([z, z**2, gaps])


def small_pictures(images: NDArray[np.generic]) -> Floats:
    """Pictures averaged down to at most 8 x 8 for each channel, and each picture's mean and spread.

    images  : array, shape (n, h, w) or (n, h, w, channels)
    returns : array, shape (n, min(h, 8) * min(w, 8) * channels + 2)
    """
    full = np.asarray(images, dtype=np.float64)
    full = full[..., None] if full.ndim == 3 else full
    n = len(full)
    small = _pooled(_pooled(full, 1), 2).reshape(n, -1)
    flat = full.reshape(n, -1)
    return np.column_stack([small, flat.mean(axis=1), flat.std(axis=1)])


def _pooled(images: Floats, axis: int) -> Floats:
    size = images.shape[axis]
    starts = np.linspace(0, size, min(size, SIDE) + 1).astype(int)[:-1]
    counts = np.diff([*starts, size])
    shape = [1] * images.ndim
    shape[axis] = -1
    return np.asarray(np.add.reduceat(images, starts, axis=axis) / counts.reshape(shape))
