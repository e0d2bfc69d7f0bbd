"""The protocol buffers' wire format, as far as reading needs it: fields of a message by number, no schema.

A field is a key (number * 8 + type) and a value: a varint (type 0), eight bytes (1), a length and bytes (2), or four
bytes (5). Groups (3, 4) have long been out of use and are not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from playnote.errors import SourceError
from playnote.text import Text

_LONGEST = 10  # bytes of a varint
_SIZES = {1: 8, 5: 4}
_BROKEN = Text(en="A record is damaged: {what}.", zh="有一条记录坏了：{what}。")
_OUTSIDE = Text(en="a field ends outside its message", zh="有个字段超出了消息末尾")
_TYPE = Text(en="a field is of an unknown type", zh="有个字段的类型不认识")
_ENDLESS = Text(en="a number has no end", zh="有个数没有结尾")
_AGAIN = Text(en="Copy the file again from where it was written.", zh="请从写它的地方重新拷贝一份。")


class Field(NamedTuple):
    """One field: its number and type, and where its value stands (for bytes: without the length)."""

    number: int
    kind: int
    start: int
    end: int
    value: int  # of a varint; 0 otherwise


def fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field]:
    """The fields of the message in `data[start:end]`, in order. Raises SourceError where it is none."""
    stop = len(data) if end is None else end
    at = start
    while at < stop:
        key, at = varint(data, at, stop)
        number, kind = key >> 3, key & 7
        value = 0
        if kind == 0:
            begin = at
            value, at = varint(data, at, stop)
        elif kind == 2:
            length, begin = varint(data, at, stop)
            at = begin + length
        elif kind in _SIZES:
            begin = at
            at += _SIZES[kind]
        else:
            raise _broken(_TYPE)
        if at > stop or not number:
            raise _broken(_OUTSIDE)
        yield Field(number, kind, begin, at, value)


def varint(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """A whole number, seven bits a byte, and where it ends."""
    if at < stop and data[at] < 0x80:  # most are one byte long
        return data[at], at + 1
    value = shift = 0
    for place in range(at, min(at + _LONGEST, stop)):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place + 1
        shift += 7
    raise _broken(_ENDLESS)


def signed(value: int) -> int:
    """A varint as a signed 64-bit number."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def text(data: bytes, field: Field) -> str:
    """A string; what is no UTF-8 is shown as such."""
    return data[field.start : field.end].decode("utf-8", "replace")


def double(data: bytes, field: Field) -> float:
    """A field of eight bytes as a number."""
    if field.kind != 1:
        raise _broken(_TYPE)
    return float(struct.unpack_from("<d", data, field.start)[0])


def _broken(what: Text) -> SourceError:
    return SourceError(_BROKEN.fill(what=what), fix=_AGAIN)
