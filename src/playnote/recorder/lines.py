"""Durable lines: one JSON object a line, each with its own checksum.

The journal and the trial logs are written in this form. A line is

    {"kind":"log","step":100,...,"crc":"9ae0daaf"}

where `crc` is the CRC-32 of every byte before `,"crc"`. Reading never raises and
never drops a byte: what cannot be trusted comes back as `Damage` with its bytes.
NaN and infinity are written as Python's json writes them (`NaN`, `Infinity`), so
that they survive a round trip.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, cast

Record = dict[str, object]
_TRIES = 1000  # places in one damaged line where a whole record may begin
_TAIL = b',"crc":"00000000"}'


def _plain(value: object) -> object:
    """What json cannot write by itself: NumPy and torch numbers and arrays, mappings, sets."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    listed = getattr(value, "tolist", None)
    return listed() if callable(listed) else str(value)


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_plain).encode


def encode(record: Mapping[str, object]) -> bytes:
    """The record as one line, its checksum and the line end included."""
    body = _to_json(dict(record))[:-1].encode("utf-8", "surrogatepass")
    comma = b"," if len(body) > 1 else b""
    return b'%b%b"crc":"%08x"}\n' % (body, comma, zlib.crc32(body))


@lru_cache(maxsize=1024)
def _shape(names: tuple[str, ...]) -> str:
    metrics = ",".join(f"{_to_json(name)}:%r" for name in (n.replace("%", "%%") for n in names))
    return '{"kind":"log","step":%r,"time":%r,"metrics":{' + metrics + "}"


def encode_metrics(step: float, when: float, metrics: Mapping[str, float]) -> bytes:
    """`encode` of a row of metrics by a remembered template: this is most of what a `log` call costs.

    `step` and the values are Python's own int or float.
    """
    try:
        total = sum(metrics.values(), step * 1.0)
    except OverflowError:  # a whole number beyond every float
        step, metrics = _bounded(step), {name: _bounded(value) for name, value in metrics.items()}
        total = math.inf
    if total - total != 0.0:  # one is NaN or infinite, which repr writes differently
        return encode({"kind": "log", "step": step, "time": when, "metrics": metrics})
    body = (_shape(tuple(metrics)) % (step, when, *metrics.values())).encode("utf-8", "surrogatepass")
    return b'%b,"crc":"%08x"}\n' % (body, zlib.crc32(body))


def _bounded(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class Damage(NamedTuple):
    """Bytes that could not be read as records.

    offset  where they start in the file
    data    the bytes themselves
    kind    "torn": the file ends inside a line; "interleaved": a whole record was found after the
            remains of another; "damaged": a line whose checksum does not fit
    """

    offset: int
    data: bytes
    kind: Literal["torn", "interleaved", "damaged"]


class Decoded(NamedTuple):
    """What a stretch of a file holds. `end` is the offset after the last line that was ended."""

    records: tuple[Record, ...]
    damage: tuple[Damage, ...]
    end: int


def decode(data: bytes, offset: int = 0) -> Decoded:
    """Read every whole line of `data`, which starts at `offset` of its file."""
    end = data.rfind(b"\n") + 1
    bodies: list[bytes] = []
    damage: list[Damage] = []
    place = offset
    for line in data[:end].split(b"\n")[:-1]:
        body = _body(line)
        if body is not None:
            bodies.append(body)
        elif line.strip():
            found, remains = _salvage(line)
            bodies.extend(found)
            damage.extend(Damage(place + at, rest, kind) for at, rest, kind in remains)
        place += len(line) + 1
    if end < len(data):
        damage.append(Damage(offset + end, data[end:], "torn"))
    return Decoded(_records(bodies), tuple(damage), offset + end)


def whole(line: bytes) -> bool:
    """Whether the bytes are one complete line (its end aside) whose checksum fits."""
    return _body(line) is not None


def _body(line: bytes) -> bytes | None:
    """The object without its checksum and closing brace, or None where the checksum is absent or does not fit."""
    start = len(line) - len(_TAIL)
    if line[start : start + 8] != b',"crc":"':
        if len(line) != len(_TAIL) or not line.startswith(b'{"crc":"'):
            return None
        start = 1
    try:
        fits = line.endswith(b'"}') and zlib.crc32(line[:start]) == int(line[-10:-2], 16)
    except ValueError:
        return None
    return line[:start] if fits else None


def _salvage(line: bytes) -> tuple[list[bytes], list[tuple[int, bytes, Literal["interleaved", "damaged"]]]]:
    """The last whole record inside a line that holds more than one, and the bytes before it."""
    at = line.find(b'{"', 1)
    for _ in range(_TRIES if line[-len(_TAIL) : -10] == b',"crc":"' else 0):
        body = _body(line[at:]) if at > 0 else None
        if body is not None:
            return [body], [(0, line[:at], "interleaved")]
        at = line.find(b'{"', at + 1)
    return [], [(0, line, "damaged")]


def _records(bodies: Iterable[bytes]) -> tuple[Record, ...]:
    # One call for all lines: half the time of a call a line.
    text = b"[" + b",".join(body + b"}" for body in bodies) + b"]"
    return tuple(cast(list[Record], json.loads(text.decode("utf-8", "surrogatepass"))))
