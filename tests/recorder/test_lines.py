"""Durable lines: what is written comes back, and what is damaged is told and kept."""

from __future__ import annotations

import json
import math
import zlib

from hypothesis import given
from hypothesis import strategies as st

from playnote.recorder.lines import decode, encode, encode_metrics

_leaf = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=8)
_json = st.recursive(
    _leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
records = st.lists(st.dictionaries(st.text(max_size=5), _json, max_size=4), max_size=5)
numbers = st.floats() | st.integers(-(10**9), 10**9)


def alike(a: object, b: object) -> bool:
    """Equal, NaN equal to itself, 1 and 1.0 and True told apart."""
    return repr(a) == repr(b)


@given(records)
def test_whatever_is_written_is_read_back_nan_and_infinity_included(written: list[dict[str, object]]) -> None:
    found = decode(b"".join(encode(record) for record in written))
    assert alike(list(found.records), written)
    assert not found.damage


@given(records, st.data())
def test_a_file_cut_anywhere_gives_its_whole_lines_and_keeps_the_rest(
    written: list[dict[str, object]], data: st.DataObject
) -> None:
    lines = [encode(record) for record in written]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    found = decode(whole[:cut])
    complete = whole[:cut].count(b"\n")
    assert alike(list(found.records), written[:complete])
    assert found.end == len(b"".join(lines[:complete]))
    assert b"".join(d.data for d in found.damage) == whole[found.end : cut]
    assert all(d.kind == "torn" and d.offset == found.end for d in found.damage)


@given(records, st.data())
def test_reading_in_two_pieces_is_reading_at_once(written: list[dict[str, object]], data: st.DataObject) -> None:
    whole = b"".join(encode(record) for record in written)
    cut = data.draw(st.integers(0, len(whole)))
    first = decode(whole[:cut])
    second = decode(whole[first.end :], first.end)
    assert alike([*first.records, *second.records], written)


@given(st.data())
def test_one_changed_byte_is_always_noticed_and_costs_one_record_at_most(data: st.DataObject) -> None:
    written = [{"kind": "log", "step": i, "metrics": {"dev/error": 0.5}} for i in range(3)]
    whole = bytearray(b"".join(encode(record) for record in written))
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    whole[place] = byte
    found = decode(bytes(whole))
    assert found.damage
    assert all(record in written for record in found.records)
    # Losing a line's end merges two lines, of which the later one is still found.
    assert len(found.records) >= 1 + (place < len(whole) - 1)


def test_a_whole_record_behind_the_remains_of_another_is_found() -> None:
    first, second = {"kind": "log", "step": 1}, {"kind": "log", "step": 2}
    found = decode(encode(first)[:17] + encode(second))
    assert found.records == (second,)
    assert [(d.kind, d.data) for d in found.damage] == [("interleaved", encode(first)[:17])]


@given(st.dictionaries(st.text(max_size=6), numbers, max_size=4), numbers.filter(math.isfinite))
def test_the_fast_way_to_write_metrics_reads_back_as_the_slow_one(metrics: dict[str, float], step: float) -> None:
    slow = encode({"kind": "log", "step": step, "time": 1.5, "metrics": metrics})
    assert alike(decode(encode_metrics(step, 1.5, metrics)).records, decode(slow).records)


def test_a_whole_number_beyond_every_float_becomes_infinite_and_not_a_crash() -> None:
    (record,) = decode(encode_metrics(1, 1.5, {"a": 10**400, "b": -(10**400)})).records
    assert record["metrics"] == {"a": math.inf, "b": -math.inf}


def test_a_line_is_one_json_object_with_its_checksum_last() -> None:
    line = encode({"kind": "note", "text": "预热"})
    body = line[: line.index(b',"crc"')]
    assert line == body + b',"crc":"%08x"}\n' % zlib.crc32(body)
    assert json.loads(line)["text"] == "预热"
