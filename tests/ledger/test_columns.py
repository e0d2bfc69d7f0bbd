"""Packed curves come back exactly, and a changed byte is noticed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from playnote.ledger.columns import pack, unpack
from playnote.records.curves import Curve

columns = st.integers(0, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=st.floats(allow_nan=False), unique=True).map(np.sort)
        | st.tuples(st.integers(-5, 5), st.integers(1, 100)).map(lambda p: p[0] + p[1] * np.arange(float(n))),
        arrays(np.float64, n, elements=st.floats() | st.floats(width=32)),
    )
)


@given(columns)
def test_a_curve_comes_back_bit_for_bit(pair: tuple[np.ndarray, np.ndarray]) -> None:
    curve = unpack(pack(Curve(*pair)))
    assert curve is not None
    assert np.array_equal(curve.steps, pair[0])
    assert np.array_equal(np.isnan(curve.values), np.isnan(pair[1]))
    assert np.array_equal(curve.values, pair[1], equal_nan=True)
    assert np.array_equal(np.signbit(curve.values[pair[1] == 0]), np.signbit(pair[1][pair[1] == 0]))


@given(columns, st.data())
def test_a_changed_or_cut_chunk_is_never_believed(pair: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    chunk = bytearray(pack(Curve(*pair)))
    place = data.draw(st.integers(0, len(chunk) - 1))
    assert unpack(bytes(chunk[:place])) is None
    chunk[place] ^= data.draw(st.integers(1, 255))
    assert unpack(bytes(chunk)) is None


def test_a_thousand_points_take_at_most_ten_bytes_each() -> None:
    rng = np.random.default_rng(1)
    steps = np.arange(1000.0) * 10
    assert len(pack(Curve(steps, rng.normal(size=1000)))) <= 8.1 * 1000
    assert len(pack(Curve(steps, rng.normal(size=1000).astype(np.float32).astype(np.float64)))) <= 4.1 * 1000
    uneven = np.cumsum(rng.integers(1, 9, 1000)).astype(np.float64)
    assert len(pack(Curve(uneven, rng.normal(size=1000)))) <= 10 * 1000
