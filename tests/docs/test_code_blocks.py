"""Every code block of README and docs runs, or says why it does not; what it prints is what the page shows."""

import os
import tomllib
from pathlib import Path

import pytest
from markdown_session import QUIET, blocks_of, commands_of, differs, run_command, run_python
from prepared import PREPARED

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if any(each.kind not in QUIET for each in blocks_of(path.read_text(encoding="utf-8")))
]


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("PATH", f"{Path(os.sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("PLAYNOTE_LANG", "PLAYNOTE_HOME", "PLAYNOTE_TRIAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


def _run(block, names, page, where):
    if block.kind == "console":
        for command, shown in commands_of(block.body):
            parted = differs(shown, run_command(command))
            assert parted is None, f"{where}: $ {command}\n{parted}"
    elif block.kind == "python":
        run_python(block.body, names, page, block.line)
    elif block.kind == "toml":
        tomllib.loads(block.body)
    else:
        assert block.kind in QUIET, f"{where}: a block of {block.kind!r} is neither run nor marked `not run`"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_code_of_a_page_runs_and_prints_what_the_page_shows(page, session):
    names = {"__name__": "__page__"}
    for block in blocks_of(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if (prepared := block.noted("with")) is not None:
            PREPARED[prepared](session)
        if (name := block.noted("file")) is not None:
            (session / name).write_text(block.body, encoding="utf-8")
        elif (reason := block.noted("not run")) is not None:
            assert len(reason) > 5, f"{where}: why is it not run?"
        else:
            _run(block, names, page, where)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_fence_is_closed(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("```") for line in lines) % 2 == 0
