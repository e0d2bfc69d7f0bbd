"""`.wandb` files as W&B's own library writes them offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playnote.testing.connector_kit import Write, bears, reads_back


def test_what_wandb_writes_offline_reads_back_equal(writer: Callable[..., Write], tmp_path: Path) -> None:
    assert reads_back(writer("wandb_offline"), tmp_path, steps=3_000) == ()


def test_a_spoilt_wandb_folder_gives_one_error_or_says_what_is_missing(
    writer: Callable[..., Write], tmp_path: Path
) -> None:
    assert bears(writer("wandb_offline"), tmp_path, most=6) == ()
