"""Each import contract is seen to fail on a deliberately wrong import."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
WRONG = {
    "floors": ("src/playnote/stats/best_of.py", "from playnote.ledger import Ledger"),
    "pure": ("src/playnote/diagnosis/density.py", "import sqlite3"),
    "recorder": ("src/playnote/recorder/formula.py", "import numpy"),
    "rules": ("src/playnote/playbook/e2_study.py", "from playnote.playbook.e1_question import RULES as OTHER"),
    "drafts": ("src/playnote/service/keep.py", "import pydantic"),
    "faces": ("src/playnote/interfaces/cli/show.py", "from playnote.ledger import Ledger"),
    "cycles": ("src/playnote/records/settings/setting.py", "import playnote.records.settings.search"),
}


def lint(folder, contract):
    """Run one contract over a copy of the package."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [sys.executable, "-c", _RUN, contract], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


# The copy must win over the installed package, whichever way that is installed.
_RUN = """
import sys, os
sys.path.insert(0, os.path.join(os.getcwd(), "src"))
sys.meta_path = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
from importlinter.cli import lint_imports
sys.exit(lint_imports(limit_to_contracts=(sys.argv[1],), cache_dir=None))
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "assets", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize("contract", sorted(WRONG))
def test_a_contract_holds_and_breaks_on_a_wrong_import(copied, contract):
    name, wrong = WRONG[contract]
    file = copied / name
    before = file.read_text(encoding="utf-8")
    first = "from __future__ import annotations\n"
    assert first in before
    try:
        file.write_text(before.replace(first, f"{first}{wrong}\n", 1), encoding="utf-8")
        broken = lint(copied, contract)
    finally:
        file.write_text(before, encoding="utf-8")
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "BROKEN" in broken.stdout
    assert lint(copied, contract).returncode == 0


def test_every_contract_has_its_wrong_import():
    assert {contract["id"] for contract in CONTRACTS} == set(WRONG)


def test_a_room_that_stands_on_no_floor_breaks_the_build(copied):
    room = copied / "src" / "playnote" / "attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room nobody placed."""\n', encoding="utf-8")
    try:
        refused = lint(copied, "floors")
    finally:
        shutil.rmtree(room)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "attic" in refused.stdout + refused.stderr


def test_every_file_of_rules_stands_in_the_contract_that_keeps_rules_apart():
    listed = {name for contract in CONTRACTS if contract["id"] == "rules" for name in contract["modules"]}
    files = (ROOT / "src/playnote/playbook").glob("*.py")
    written = {f"playnote.playbook.{file.stem}" for file in files if re.match(r"[a-ix]\d?_", file.stem)}
    assert listed == written
