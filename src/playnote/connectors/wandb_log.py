"""The file a W&B run writes (`run-ID.wandb`) as records: blocks of 32 KiB that hold chunks, as LevelDB's log does.

A chunk is a checksum (CRC-32 of its type and data), a length of two bytes, a type (1 whole, 2 first, 3 middle,
4 last) and data; a block's last few bytes are empty where no chunk's head fits. Seven bytes come before the first
chunk. Reading stops at the first chunk that does not fit its checksum.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, final

from playnote.connectors.tfrecord import Damage

_HEAD = struct.Struct("<IHB")
_BLOCK = 1 << 15
_START = b":W&B\xe1\xbe"
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_TYPES = {kind: zlib.crc32(bytes([kind])) for kind in (_WHOLE, _FIRST, _MIDDLE, _LAST)}


@final
class LogFile:
    """The records of a file; what is appended later is read by the next `read`.

    damage  None, "cut" (the last record is not whole) or "damaged" (nothing more is read)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.damage: Damage | None = None

    def read(self) -> Iterator[bytes]:
        """Whole records since the last call. Raises OSError where the file cannot be read."""
        if self.damage == "damaged":
            return
        self.damage = None
        with self.path.open("rb") as file:
            if not self.offset and not self._begins(file):
                return
            file.seek(self.offset)
            parts: list[bytes] = []
            while (chunk := self._chunk(file)) is not None:
                kind, data = chunk
                if (kind in (_WHOLE, _FIRST)) == bool(parts):
                    self.damage = "damaged"
                    return
                parts.append(data)
                if kind in (_WHOLE, _LAST):
                    self.offset = file.tell()
                    yield b"".join(parts)
                    parts = []
            if parts and self.damage is None:
                self.damage = "cut"

    def _begins(self, file: IO[bytes]) -> bool:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(_START):
            self.damage = "cut" if _START.startswith(head[: len(_START)]) else "damaged"
            return False
        self.offset = _HEAD.size
        return True

    def _chunk(self, file: IO[bytes]) -> tuple[int, bytes] | None:
        """The next chunk, None at the end or where it does not fit."""
        left = _BLOCK - file.tell() % _BLOCK
        if left < _HEAD.size:
            file.seek(left, 1)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            self.damage = "cut" if head else None
            return None
        crc, length, kind = _HEAD.unpack(head)
        data = file.read(length)
        if kind not in _TYPES or (len(data) == length and zlib.crc32(data, _TYPES[kind]) != crc):
            self.damage = "damaged"
            return None
        if len(data) < length:
            self.damage = "cut"
            return None
        return kind, data
