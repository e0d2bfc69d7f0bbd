"""A source spoilt in every way that happens to files: cut, emptied, overwritten, flipped, replaced, linked away."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

_HTML = b"<!doctype html><title>404</title>" * 40
_SQLITE = b"SQLite format 3\x00" + bytes(200)
_FRAME = (40).to_bytes(8, "little") + bytes(60)
_DEEP = b"[" * 50_000
MIXED = {
    "a web page": _HTML,
    "a broken database": _SQLITE,
    "zeros": bytes(4096),
    "a broken frame": _FRAME,
    "depth": _DEEP,
}


def copied(source: Path, to: Path) -> Path:
    """The folder the source stands in, copied; and the source in the copy."""
    if source.is_dir():
        shutil.copytree(source, to / source.name)
        return to / source.name
    shutil.copytree(source.parent, to, dirs_exist_ok=True)
    return to / source.name


def files_of(source: Path) -> list[Path]:
    """The files of a source, relative to it; one that is a file is its own."""
    if source.is_file():
        return [Path()]
    return sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())


def cuts(length: int, most: int) -> list[int]:
    """Lengths to cut a file to, evenly from empty on, and each of its last few bytes."""
    step = max(1, length // most)
    return sorted({*range(0, length, step), *range(max(0, length - 4), length)})


def spoilt(data: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """Other contents for a file, each with what was done; the same each time."""
    for at in cuts(len(data), most):
        yield f"cut to {at} of {len(data)} bytes", data[:at]
    yield from MIXED.items()
    yield "itself twice", data + data
    rng = random.Random(0)  # which bytes are turned does not matter, only that they are the same each time
    for _ in range(most if data else 0):
        at = rng.randrange(len(data))
        yield f"byte {at} turned", data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def linked_away(source: Path, outside: Path) -> list[Path]:
    """Links in a folder that lead out of it, to a whole copy of the source and back into itself."""
    shutil.copytree(source, outside)
    away, loop = source / "away", source / "loop"
    away.symlink_to(outside, target_is_directory=True)
    loop.symlink_to(source, target_is_directory=True)
    return [away, loop]
