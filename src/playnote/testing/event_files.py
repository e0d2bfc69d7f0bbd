"""Event files by their format alone, the slow and plain way: what the reader is compared with."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from playnote.testing.known_trials import KnownTrial


def crc32c(data: bytes) -> int:
    """Bit by bit, from the polynomial."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


_CHECKSUMS: dict[bytes, int] = {}


def masked(data: bytes) -> bytes:
    """The checksum as it is stored."""
    crc = _CHECKSUMS.setdefault(data, 0) or crc32c(data)
    _CHECKSUMS[data] = crc
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(value: int) -> bytes:
    """A whole number, seven bits a byte."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def part(number: int, data: bytes | str) -> bytes:
    """A field that holds bytes, a string or a message."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def whole(number: int, value: int) -> bytes:
    """A field that holds a whole number."""
    return varint(number << 3) + varint(value)


def double(number: int, value: float) -> bytes:
    """A field that holds a number of eight bytes."""
    return varint(number << 3 | 1) + struct.pack("<d", value)


def single(number: int, value: float) -> bytes:
    """A field that holds a number of four bytes."""
    return varint(number << 3 | 5) + struct.pack("<f", value)


def record(data: bytes) -> bytes:
    """A record with its length and both checksums."""
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def event(step: int, values: Iterable[bytes], wall: float = 1.7e9) -> bytes:
    """An event of several summary values; step 0 is left out, as writers do."""
    summary = b"".join(part(1, value) for value in values)
    return double(1, wall) + (whole(2, step) if step else b"") + (part(5, summary) if summary else b"")


def plain(tag: str, value: float) -> bytes:
    """A scalar as TensorFlow 1 and torch write it."""
    return part(1, tag) + single(2, value)


def tensor(tag: str, value: float, *, kind: int = 1, content: bool = False, plugin: str = "scalars") -> bytes:
    """A scalar as TensorFlow 2 writes it; kind 1 is float, 2 double; as a list of one or as raw content."""
    if content:
        body = part(4, struct.pack("<f" if kind == 1 else "<d", value))
    else:
        body = part(5, struct.pack("<f", value)) if kind == 1 else part(6, struct.pack("<d", value))
    metadata = part(1, part(1, plugin))
    return part(1, tag) + part(8, whole(1, kind) + part(2, b"") + body) + part(9, metadata)


def _setting(value: object) -> bytes:
    if isinstance(value, bool):
        return whole(4, int(value))
    return part(3, value) if isinstance(value, str) else double(2, float(str(value)))


def _hparams(tag: str, data: bytes) -> bytes:
    return part(1, tag) + part(9, part(1, part(1, "hparams") + part(2, data)))


def session_start(settings: Mapping[str, object]) -> bytes:
    """The settings of a run, for the hparams plug-in."""
    entries = b"".join(part(1, part(1, name) + part(2, _setting(value))) for name, value in settings.items())
    return _hparams("_hparams_/session_start_info", part(3, entries))


def session_end(status: int) -> bytes:
    """How a run ended: 1 well, 2 failed, 3 it still runs."""
    return _hparams("_hparams_/session_end_info", part(4, whole(1, status)))


def experiment(intervals: Mapping[str, tuple[float, float]], metrics: Sequence[str]) -> bytes:
    """Declared ranges and metrics, for the hparams plug-in."""
    infos = b"".join(
        part(4, part(1, name) + part(6, double(1, low) + double(2, high))) for name, (low, high) in intervals.items()
    )
    named = b"".join(part(5, part(1, part(2, tag))) for tag in metrics)
    return _hparams("_hparams_/experiment", part(2, infos + named))


def write_events(path: Path, events: Iterable[bytes], wall: float = 1.7e9) -> Path:
    """An event file, its version first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    version = double(1, wall) + part(3, "brain.Event:2")
    path.write_bytes(b"".join(map(record, (version, *events))))
    return path


def write_runs(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    """One folder a trial; plain scalars for one metric, tensors of doubles for the others."""
    for trial in trials:
        events = [event(0, [session_start({**trial.configuration, "seed": trial.seed})])]
        for at, (metric, series) in enumerate(trial.series.items()):
            for step, value in series:
                events.append(event(step, [plain(metric, value) if at == 0 else tensor(metric, value, kind=2)]))
        events.append(event(0, [session_end(2 if trial.ends == "failed" else 1)]))
        write_events(folder / "runs" / trial.name / "events.out.tfevents.1700000000.host", events)
    return folder / "runs"
