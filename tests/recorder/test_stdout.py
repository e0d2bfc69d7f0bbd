"""Metrics that a command prints."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.recorder.stdout import read_line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"step": 100, "dev/error": 0.25}', (100.0, {"dev/error": 0.25})),
        (b'{"epoch": 2, "dev": {"error": 0.25, "f1": 1}}', (2.0, {"dev/error": 0.25, "dev/f1": 1.0})),
        ('{"step": 3, "metrics": {"loss": 1}}', (3.0, {"loss": 1.0})),
        ('{"loss": 1, "note": "hello", "list": [1], "none": null}', (None, {"loss": 1.0})),
        ('{"step": 1, "loss": "Infinity"}', (1.0, {"loss": math.inf})),
        ("epoch 1: loss 0.3", None),
        ('{"step": 1', None),
        ('{"step": 1}', None),
        ("{}", None),
        ("[1, 2]", None),
        ("", None),
    ],
)
def test_a_line_of_json_is_metrics_and_any_other_line_is_not(line: str, expected: object) -> None:
    assert read_line(line) == expected


def test_a_language_without_nan_may_write_the_word() -> None:
    found = read_line('{"step": 1, "loss": "NaN"}')
    assert found is not None
    assert math.isnan(found[1]["loss"])


@given(st.text() | st.binary())
def test_no_printed_line_ever_raises(line: str | bytes) -> None:
    read_line(line)
