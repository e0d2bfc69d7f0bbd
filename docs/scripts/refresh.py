"""Writes what the docs take from code and results: pages of verdicts and of procedures, benchmarks, figures.

    .venv/bin/python docs/scripts/refresh.py [--check]

With --check nothing is written; the exit code is 1 where a page is not what it should be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import benchmarks_page
import figures
import procedure_pages
import verdict_pages
from rates import ROOT

_FOLDERS = (verdict_pages, procedure_pages)  # each writes every page of a folder of its own


def wanted() -> dict[Path, str]:
    """Every page that is written, with what it should hold."""
    made = {kind.FOLDER / name: text for kind in _FOLDERS for name, text in kind.pages().items()}
    made[benchmarks_page.PAGE] = benchmarks_page.page()
    for path in [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        if path not in made and figures.MARK.search(text):
            made[path] = figures.filled(text)
    return made


def stale() -> list[Path]:
    """Pages that differ from what they should hold, and pages that nothing writes any more."""
    made = wanted()
    differ = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return differ + [path for kind in _FOLDERS for path in kind.FOLDER.glob("*.md") if path not in made]


def main(check: bool) -> int:
    """The command; returns its exit code."""
    found = stale()
    for path in found:
        print(path.relative_to(ROOT))
    if not check:
        made = wanted()
        for path in found:
            if path in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(made[path], encoding="utf-8")
            else:
                path.unlink()
    return 1 if check and found else 0


if __name__ == "__main__":
    raise SystemExit(main("--check" in sys.argv[1:]))
