"""Scalars of event files: plain values and tensors of one number alike, whichever TensorFlow wrote them.

Most records of a file differ only in time, step and value. The first of its kind is taken apart; every other record
with the same bytes elsewhere is then read by where those three stand, all at once.

Field numbers: Event 1 wall_time, 2 step, 5 summary, 7 session_log (1 status, 1 is a start); Summary 1 value; Value 1 tag, 2 simple_value, 8 tensor,
9 metadata; TensorProto 1 dtype, 2 shape, 4 tensor_content, 5 float_val, 6 double_val, 7 int_val, 10 int64_val,
11 bool_val; SummaryMetadata 1 plugin_data (1 name, 2 content).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from playnote.connectors.crc32c import Bytes
from playnote.connectors.protobuf import Field, fields, signed, text
from playnote.connectors.tfrecord import Block, RecordFile
from playnote.errors import SourceError
from playnote.records.curves import Floats

Numbers = NDArray[np.int64]
# TensorFlow's numbers for element types, as they lie in tensor_content.
_ELEMENTS = {1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 10: "|b1", 19: "<f2"}
_FIXED = {5: "<f4", 6: "<f8"}  # fields of a tensor that hold numbers of a fixed size
_WHOLE = frozenset({7, 10, 11})  # ... and those that hold varints
_FIRST = np.array([0])
_VARINT, _ZERO = "varint", "zero"
_LONG = 4096  # bytes of a record that is more than a few scalars
_ENOUGH, _TRIES = 32, 8  # how often a layout may fit fewer than one in 32 of the records before passes are given up


class Slot(NamedTuple):
    """Where the bytes of one value of a record stand, and how they are to be read."""

    tag: str
    start: int
    end: int
    kind: str


class Layout(NamedTuple):
    """Where the bytes that differ between records of one kind stand; an absent one starts and ends at 0."""

    wall: tuple[int, int]
    step: tuple[int, int]
    slots: tuple[Slot, ...]


class Points(NamedTuple):
    """Readings of one tag.

    order  : array, shape (n,)  number of the record in its file
    walls  : array, shape (n,)  seconds since 1970, UTC
    steps  : array, shape (n,)
    values : array, shape (n,)
    """

    order: Numbers
    walls: Floats
    steps: Numbers
    values: Floats


@final
@dataclass
class EventFile:
    """What one event file holds, and what is appended to it later.

    plugins  by tag: the plug-in that a tag says it belongs to
    hparams  messages of the hparams plug-in, in order
    broken   records that are no event
    began    when the file was begun, seconds since 1970
    restart  the step from which it says that earlier files no longer count, None where it says nothing
    """

    path: Path
    plugins: dict[str, str] = field(default_factory=dict)
    hparams: list[bytes] = field(default_factory=list)
    broken: int = 0
    began: float = 0.0
    restart: int | None = None

    def __post_init__(self) -> None:
        self.file = RecordFile(self.path)

    def read(self) -> dict[str, Points]:
        """Scalars by tag, in the order of writing, since the last call."""
        parts: dict[str, list[Points]] = {}
        for block in self.file.read():
            if not block.first:
                wall = self._layout(block, int(block.lengths[0]), 0).wall
                self.began = (
                    float(_fixed(block.rows(int(block.lengths[0]), _FIRST), *wall, "<f8")[0]) if wall[1] else 0.0
                )
            for tag, points in self._scalars(block):
                parts.setdefault(tag, []).append(points)
        return {tag: _in_order(each) for tag, each in parts.items() if self.plugins.get(tag, "") in ("", "scalars")}

    def _scalars(self, block: Block) -> Iterator[tuple[str, Points]]:
        for length in np.unique(block.lengths):
            chosen = np.flatnonzero(block.lengths == length)
            yield from self._of_length(block, int(length), chosen)

    def _of_length(self, block: Block, length: int, chosen: Numbers) -> Iterator[tuple[str, Points]]:
        """Records of one length: by layout while a layout fits many of them, then one by one."""
        rows = block.rows(length, chosen if length <= _LONG else chosen[:0])
        poor = 0
        while len(chosen) and length <= _LONG and poor < _TRIES:
            layout = self._layout(block, length, int(chosen[0]))
            same = _same(rows, layout)
            yield from _read(rows[same], chosen[same] + block.first, layout)
            chosen, rows = chosen[~same], rows[~same]
            poor += bool(same.sum() * _ENOUGH < len(same))
        yield from self._one_by_one(block, length, chosen)

    def _one_by_one(self, block: Block, length: int, chosen: Numbers) -> Iterator[tuple[str, Points]]:
        for each in chosen:
            layout = self._layout(block, length, int(each))
            if layout.slots:
                yield from _read(block.rows(length, np.array([each])), np.array([each]) + block.first, layout)

    def _layout(self, block: Block, length: int, at: int) -> Layout:
        start = int(block.starts[at])
        try:
            return self._event(block.data[start : start + length])
        except SourceError:
            self.broken += 1
            return Layout((0, 0), (0, 0), ())

    def _event(self, data: bytes) -> Layout:
        wall = step = (0, 0)
        at, starts = 0, False
        slots: list[Slot] = []
        for each in fields(data):
            if each.number == 1 and each.kind == 1:
                wall = (each.start, each.end)
            elif each.number == 2 and each.kind == 0:
                step, at = (each.start, each.end), signed(each.value)
            elif each.number == 5 and each.kind == 2:
                values = (v for v in fields(data, each.start, each.end) if v.number == 1 and v.kind == 2)
                slots += filter(None, (self._value(data, value) for value in values))
            elif each.number == 7 and each.kind == 2:
                starts = any(f.number == 1 and f.value == 1 for f in fields(data, each.start, each.end))
        if starts:
            self.restart = at if self.restart is None else min(at, self.restart)
        return Layout(wall, step, tuple(slots))

    def _value(self, data: bytes, value: Field) -> Slot | None:
        tag, slot = "", None
        for each in fields(data, value.start, value.end):
            if each.number == 1 and each.kind == 2:
                tag = text(data, each)
            elif each.number == 2 and each.kind == 5:
                slot = Slot("", each.start, each.end, "<f4")
            elif each.number == 8 and each.kind == 2:
                slot = _tensor(data, each)
            elif each.number == 9 and each.kind == 2:
                self._metadata(data, each, tag)
        return None if slot is None else slot._replace(tag=tag)

    def _metadata(self, data: bytes, metadata: Field, tag: str) -> None:
        for plugin in fields(data, metadata.start, metadata.end):
            if plugin.number != 1 or plugin.kind != 2:
                continue
            parts = {each.number: each for each in fields(data, plugin.start, plugin.end) if each.kind == 2}
            name = text(data, parts[1]) if 1 in parts else ""
            self.plugins.setdefault(tag, name)
            if name == "hparams" and 2 in parts:
                self.hparams.append(data[parts[2].start : parts[2].end])


def joined(parts: list[Points]) -> Points:
    """One after the other."""
    return Points(
        np.concatenate([each.order for each in parts]),
        np.concatenate([each.walls for each in parts]),
        np.concatenate([each.steps for each in parts]),
        np.concatenate([each.values for each in parts]),
    )


def _in_order(parts: list[Points]) -> Points:
    points = joined(parts)
    by = np.argsort(points.order, kind="stable")
    return Points(points.order[by], points.walls[by], points.steps[by], points.values[by])


def _tensor(data: bytes, tensor: Field) -> Slot | None:
    """Where the number of a tensor of one element stands; None for any other tensor."""
    kind, size, place, filled = 0, 1, None, False
    for each in fields(data, tensor.start, tensor.end):
        if each.number == 1 and each.kind == 0:
            kind = each.value
        elif each.number == 2 and each.kind == 2:
            size = _size(data, each)
        elif each.number == 4 or each.number in _FIXED or each.number in _WHOLE:
            place, filled = (None, True) if filled else (each, True)
    element = _ELEMENTS.get(kind)
    if size != 1 or element is None:
        return None
    if place is None:
        return None if filled else Slot("", 0, 0, _ZERO)
    if place.number in _WHOLE:
        return Slot("", place.start, place.end, _VARINT)
    stored = _FIXED.get(place.number, element)
    return Slot("", place.start, place.end, stored) if place.end - place.start == np.dtype(stored).itemsize else None


def _size(data: bytes, shape: Field) -> int:
    size = 1
    for dimension in fields(data, shape.start, shape.end):
        if dimension.number == 2 and dimension.kind == 2:
            sizes = [each.value for each in fields(data, dimension.start, dimension.end) if each.number == 1]
            size *= sizes[-1] if sizes else 0
    return size


def _same(rows: Bytes, layout: Layout) -> NDArray[np.bool_]:
    """Which records have the first one's bytes everywhere but in time, step and values."""
    care = np.full(rows.shape[1], 0xFF, dtype=np.uint8)
    for start, end in (layout.wall, *((slot.start, slot.end) for slot in layout.slots if slot.kind != _VARINT)):
        care[start:end] = 0
    for start, end in (layout.step, *((slot.start, slot.end) for slot in layout.slots if slot.kind == _VARINT)):
        care[start:end] = 0x80  # the bit that says whether a varint goes on
    same = np.ones(len(rows), dtype=np.bool_)
    # Column by column, on those that are still alike: most differ early, in their tag.
    for column in np.flatnonzero(care):
        same &= (rows[:, column] & care[column]) == (rows[0, column] & care[column])
    return same


def _read(rows: Bytes, order: Numbers, layout: Layout) -> Iterator[tuple[str, Points]]:
    if not layout.slots:
        return
    walls = _fixed(rows, *layout.wall, "<f8") if layout.wall[1] else np.zeros(len(rows))
    steps = _varints(rows, *layout.step)
    for slot in layout.slots:
        if slot.kind == _ZERO:
            values = np.zeros(len(rows))
        elif slot.kind == _VARINT:
            values = _varints(rows, slot.start, slot.end).astype(np.float64)
        else:
            values = _fixed(rows, slot.start, slot.end, slot.kind)
        yield slot.tag, Points(order, walls, steps, values)


def _fixed(rows: Bytes, start: int, end: int, kind: str) -> Floats:
    return np.ascontiguousarray(rows[:, start:end]).view(kind).ravel().astype(np.float64)


def _varints(rows: Bytes, start: int, end: int) -> Numbers:
    values = np.zeros(len(rows), dtype=np.uint64)
    for place, column in enumerate(range(start, end)):
        values |= (rows[:, column] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * place)
    return values.view(np.int64)


__all__ = ["EventFile", "Points", "joined"]
