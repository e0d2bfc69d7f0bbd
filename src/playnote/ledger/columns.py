"""A curve as a compressed chunk: steps and values as columns, at most about 8 bytes a point.

Steps that grow evenly take 16 bytes in all; other steps are stored as differences. Values that a 32-bit
float holds exactly take 4 bytes (what a network in single precision logs), others 8. Bytes of equal weight
stand together, which is what lets zlib find the regularity; what it cannot shrink is stored as it is.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from playnote.records.curves import Curve, Floats

# checksum of what follows, number of points, length of the steps' part, form of the steps, form of the values
_HEAD = struct.Struct("<IIIcc")
_WORTH = 0.75  # of doubles full of noise zlib only saves the exponents, an eighth: not worth a third of reading's time
_EVEN, _RAW, _PACKED = b"e", b"r", b"p"
_FORMS: dict[bytes, np.dtype[np.floating]] = {
    b"s": np.dtype("<f4"),
    b"S": np.dtype("<f4"),
    b"d": np.dtype("<f8"),
    b"D": np.dtype("<f8"),
}


def pack(curve: Curve, owner: str = "") -> bytes:
    """The curve as bytes; `unpack` gives back exactly the same numbers, to the same owner."""
    steps_form, steps = _pack_steps(curve.steps)
    values_form, values = _pack_values(curve.values)
    head = _HEAD.pack(0, len(curve), len(steps), steps_form, values_form)
    body = head[4:] + steps + values
    return struct.pack("<I", _checksum(body, owner)) + body


def unpack(data: bytes, owner: str = "") -> Curve | None:
    """The curve again; None where the bytes are not what was packed, or were packed for another owner."""
    if len(data) < _HEAD.size or _checksum(data[4:], owner) != struct.unpack_from("<I", data)[0]:
        return None
    _, n, length, steps_form, values_form = _HEAD.unpack_from(data)
    steps = _unpack_steps(data[_HEAD.size : _HEAD.size + length], n, steps_form)
    values = _unshuffle(data[_HEAD.size + length :], n, _FORMS[values_form], packed=values_form in b"SD")
    return Curve(steps, values.astype(np.float64))


def _checksum(body: bytes, owner: str) -> int:
    return zlib.crc32(body, zlib.crc32(owner.encode("utf-8", "surrogatepass")))


def _pack_steps(steps: Floats) -> tuple[bytes, bytes]:
    if len(steps) > 1:
        with np.errstate(over="ignore", invalid="ignore"):
            start, stride = float(steps[0]), float(steps[1] - steps[0])
            even = np.array_equal(steps, start + stride * np.arange(len(steps)))
        if even:
            return _EVEN, struct.pack("<dd", start, stride)
    return _smaller(_shuffle(steps.astype("<f8")), _RAW, _PACKED)


def _unpack_steps(data: bytes, n: int, form: bytes) -> Floats:
    if form == _EVEN:
        start, stride = struct.unpack("<dd", data)
        even: Floats = start + stride * np.arange(n)
        return even
    return _unshuffle(data, n, np.dtype("<f8"), packed=form == _PACKED).astype(np.float64)


def _pack_values(values: Floats) -> tuple[bytes, bytes]:
    with np.errstate(over="ignore"):
        single = values.astype("<f4")
    if np.array_equal(single.astype(np.float64), values, equal_nan=True):
        return _smaller(_shuffle(single), b"s", b"S")
    return _smaller(_shuffle(values.astype("<f8")), b"d", b"D")


def _smaller(data: bytes, raw: bytes, packed: bytes) -> tuple[bytes, bytes]:
    small = zlib.compress(data, 1)
    return (packed, small) if len(small) < _WORTH * len(data) else (raw, data)


def _shuffle(column: np.ndarray[tuple[int], np.dtype[np.floating]]) -> bytes:
    return column.view(np.uint8).reshape(len(column), column.itemsize).T.tobytes()


def _unshuffle(data: bytes, n: int, dtype: np.dtype[np.floating], *, packed: bool) -> Floats:
    plain = zlib.decompress(data) if packed else data
    lanes = np.frombuffer(plain, np.uint8).reshape(dtype.itemsize, n)
    return np.ascontiguousarray(lanes.T).view(dtype).reshape(n)
