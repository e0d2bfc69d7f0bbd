"""Event files as torch and tensorboardX write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from playnote.testing.connector_kit import Keeps, Write, reads_back


def single(value: float) -> float:
    return float(np.float32(value))


def as_number(value: object) -> object:
    """torch's add_hparams keeps a truth value as 0 or 1."""
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("how", ["plain", "double"])
def test_what_torch_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path, how: str) -> None:
    keeps = Keeps(number=single if how == "plain" else float, setting=as_number, failures=False)
    assert reads_back(writer("tensorboard_torch", how), tmp_path, keeps, steps=100_000) == ()


def test_what_tensorboardx_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    # It writes "_" for the letters of a tag that TensorFlow did not allow, so the odd series has another name.
    keeps = Keeps(number=single, failures=False, metrics=False)
    assert reads_back(writer("tensorboard_x"), tmp_path, keeps, steps=0) == ()
