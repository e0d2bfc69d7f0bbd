"""`.wandb` files by their format alone: what the reader is compared with."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from playnote.testing.event_files import double, part, whole
from playnote.testing.known_trials import KnownTrial


def framed(records: Sequence[bytes]) -> bytes:
    """The log: chunks in blocks of 32 KiB."""
    out = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        first, rest = True, record
        while first or rest:
            left = 32768 - len(out) % 32768
            if left < 7:
                out += bytes(left)
                left = 32768
            piece, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if first else 4) if not rest else (2 if first else 3)
            out += struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            first = False
    return bytes(out)


def _updates(settings: Mapping[str, object]) -> bytes:
    return b"".join(part(1, part(1, name) + part(16, json.dumps(value))) for name, value in settings.items())


def run_record(run_id: str, name: str, settings: Mapping[str, object]) -> bytes:
    """The record that begins a run."""
    return part(17, part(1, run_id) + part(4, _updates(settings)) + part(8, name) + part(17, whole(1, 1_700_000_000)))


def row(step: int, values: Mapping[str, float], *, typed: bool = False) -> bytes:
    """A row of history, as JSON or (in newer versions) as typed numbers."""
    items = [
        part(1, part(2, name) + (double(6, value) if typed else part(16, json.dumps(value))))
        for name, value in values.items()
    ]
    return part(2, b"".join(items) + part(2, whole(1, step)))


def ended(code: int) -> bytes:
    """The record that ends a run."""
    return part(18, whole(1, code) + whole(2, 60))


def write_runs(folder: Path, trials: Sequence[KnownTrial]) -> Path:
    """One run folder a trial, rows typed in every other one."""
    for at, trial in enumerate(trials):
        place = folder / "wandb" / f"offline-run-20260101_00000{at}-{trial.name}"
        (place / "files").mkdir(parents=True)
        records = [run_record(trial.name, trial.name, {**trial.configuration, "seed": trial.seed, "_wandb": {"a": 1}})]
        steps: dict[int, dict[str, float]] = {}
        for metric, series in trial.series.items():
            for step, value in series:
                steps.setdefault(step, {})[metric] = value
        records += [row(step, values, typed=at % 2 == 0) for step, values in sorted(steps.items())]
        records.append(ended(1 if trial.ends == "failed" else 0))
        (place / f"run-{trial.name}.wandb").write_bytes(framed(records))
    return folder / "wandb"
