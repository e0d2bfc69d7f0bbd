"""Event files as torch and tensorboardX write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from playnote.space.hyperparameter import Integer
from playnote.testing.connector_kit import Keeps, Write, reads_back, through_table
from playnote.testing.known_trials import METRIC


def single(value: float) -> float:
    return float(np.float32(value))


def as_number(value: object) -> object:
    """torch's add_hparams keeps a truth value as 0 or 1."""
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("how", ["plain", "double"])
def test_what_torch_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path, how: str) -> None:
    keeps = Keeps(number=single if how == "plain" else float, setting=as_number, failures=False)
    assert reads_back(writer("tensorboard_torch", how), tmp_path, keeps, steps=20_000) == ()


def test_what_tensorboardx_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    # It writes "_" for the letters of a tag that TensorFlow did not allow, so the odd series has another name.
    keeps = Keeps(number=single, failures=False, metrics=False)
    assert reads_back(writer("tensorboard_x"), tmp_path, keeps, steps=0) == ()


def test_what_tensorflow_2_writes_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert reads_back(writer("tensorboard_tf2"), tmp_path, Keeps(number=single), steps=2_000) == ()
    got = through_table(tmp_path / "known" / "runs")
    assert got.state.project.space["width"] == Integer(name="width", low=1, high=512, scale="log")


def test_a_run_restarted_by_torch_has_each_step_once(writer: Callable[..., Write], tmp_path: Path) -> None:
    source = writer("tensorboard_restarted")(tmp_path, [])
    curves = through_table(source).state.curves
    for metric, last in ((METRIC, 0.5), ("train/loss", 2.5)):
        curve = curves.curve("r", metric)
        assert curve is not None
        assert curve.steps.tolist() == list(range(40))
        assert curve.values.tolist() == [1.0 if step < 30 else last for step in range(40)]
