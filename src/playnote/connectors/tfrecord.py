"""Event files as records: a length, its checksum, the data, its checksum, over and over (the TFRecord framing).

Reading stops at the first record that does not fit its checksums, and says so: after a damaged length nothing that
follows can be trusted to be a record. A record that the file's end cuts is what a killed or still running writer
leaves, and is read when it is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from playnote.connectors.crc32c import Bytes, crc32c, masked

Damage = Literal["cut", "damaged"]
Offsets = NDArray[np.int64]
_CHUNK = 4 << 20  # bytes read at a time: the records of one chunk stay in the processor's cache
_CHECKED = 1 << 16  # a longer record is a picture or a model's graph: no number is taken from it, its data unchecked
_HEAD, _FOOT = 12, 4


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a file.

    first   how many records of the file come before
    starts, lengths : arrays, shape (n,)  of each record's data in `data`, in bytes
    """

    data: bytes
    first: int
    starts: Offsets
    lengths: Offsets

    def rows(self, of_length: int, chosen: NDArray[np.int64]) -> Bytes:
        """The data of some records of one length, a record a row."""
        return _rows(self.data, self.starts[chosen], of_length)


@final
class RecordFile:
    """The records of a file; what is appended later is read by the next `read`.

    damage  None, "cut" (the last record is not whole) or "damaged" (a checksum does not fit; nothing more is read)
    offset  bytes that were read as whole records
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = self.count = 0
        self.damage: Damage | None = None

    def read(self) -> Iterator[Block]:
        """Whole records since the last call. Raises OSError where the file cannot be read."""
        if self.damage == "damaged":
            return
        with self.path.open("rb") as file:
            file.seek(self.offset)
            rest = b""
            while chunk := file.read(max(_CHUNK, len(rest))):
                block, used, damaged = self._block(rest + chunk)
                rest = (rest + chunk)[used:]
                if len(block.starts):
                    self.count += len(block.starts)
                    self.offset += used
                    yield block
                if damaged:
                    self.damage = "damaged"
                    return
        self.damage = "cut" if rest else None

    def _block(self, data: bytes) -> tuple[Block, int, bool]:
        """The whole records at the start of `data`, the bytes they take, and whether a damaged one follows."""
        heads, end = _walk(data)
        good = _whole_until(data, heads)
        starts = np.array(heads[:good], dtype=np.int64) + _HEAD
        used = heads[good] if good < len(heads) else end
        lengths = np.diff(np.append(starts, used + _HEAD)) - _HEAD - _FOOT
        return Block(data, self.count, starts, lengths), used, good < len(heads) or _false_head(data, end)


def _walk(data: bytes) -> tuple[list[int], int]:
    """Where whole records start, if every length is true, and where the last one ends."""
    heads: list[int] = []
    length_at = struct.Struct("<Q").unpack_from
    at, last = 0, len(data) - _HEAD - _FOOT
    while at <= last:
        end: int = at + length_at(data, at)[0]
        if end > last:
            break
        heads.append(at)
        at = end + _HEAD + _FOOT
    return heads, at


def _false_head(data: bytes, at: int) -> bool:
    """Whether the record that is not whole has a false length: then it will never be whole."""
    if len(data) - at < _HEAD:
        return False
    return not _fits(data, np.array([at]), 8)[0]


def _whole_until(data: bytes, heads: list[int]) -> int:
    """How many records, from the first, fit both checksums."""
    if not heads:
        return 0
    starts = np.array(heads, dtype=np.int64)
    wrong = np.flatnonzero(~_fits(data, starts, 8))
    count = int(wrong[0]) if len(wrong) else len(heads)
    lengths = _rows(data, starts[:count], 8).view("<u8").ravel().astype(np.int64)
    for length in np.unique(lengths):
        chosen = np.flatnonzero(lengths == length)
        if length <= _CHECKED:
            wrong = chosen[~_fits(data, starts[chosen] + _HEAD, int(length))]
            count = min(count, int(wrong[0])) if len(wrong) else count
    return count


def _fits(data: bytes, starts: Offsets, length: int) -> NDArray[np.bool_]:
    """Whether the checksum after each stretch of bytes is its own."""
    rows = _rows(data, starts, length + 4)
    stored = np.ascontiguousarray(rows[:, length:]).view("<u4").ravel()
    fits: NDArray[np.bool_] = masked(crc32c(rows[:, :length])) == stored
    return fits


def _rows(data: bytes, starts: Offsets, length: int) -> Bytes:
    if not length:
        return np.empty((len(starts), 0), dtype=np.uint8)
    return sliding_window_view(np.frombuffer(data, dtype=np.uint8), length)[starts]
