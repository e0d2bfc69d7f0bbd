"""The ledger's home for one test, and the folder of its builders on the path."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / ".playnote"
