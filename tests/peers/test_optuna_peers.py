"""Optuna studies of three generations of its library, in databases and journals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from playnote.testing.connector_kit import Keeps, Write, reads_back


@pytest.mark.parametrize("version", [None, "optuna==4.9.0", "optuna==3.6.2"], ids=["current", "4.9", "3.6"])
@pytest.mark.parametrize("storage", ["rdb", "journal"])
def test_what_optuna_writes_reads_back_equal(
    writer: Callable[..., Write], tmp_path: Path, storage: str, version: str | None
) -> None:
    write = writer("optuna_study", storage, version=version)
    assert reads_back(write, tmp_path, Keeps(metrics=False), steps=200) == ()
