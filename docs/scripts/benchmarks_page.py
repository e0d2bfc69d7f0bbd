"""docs/reference/benchmarks.md: every script of benchmarks/, what it says of itself, and its last kept results."""

from __future__ import annotations

import ast
from pathlib import Path

from rates import ROOT

FOLDER = ROOT / "benchmarks"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
_HEAD = """# Benchmarks

`make bench` runs every script here that can be started. A script that keeps results writes them beside itself, resumes where
it stopped, and names versions in them; those are shown below as they were last written. The others print theirs. Times are
of shared, slow machines: compare them within one table only. What the verdicts get wrong is measured elsewhere:
[error rates](error-rates.md).

"""


def scripts() -> list[Path]:
    """Files that can be started, by path."""
    return [path for path in sorted(FOLDER.rglob("*.py")) if "__main__" in path.read_text(encoding="utf-8")]


def page() -> str:
    """The page."""
    parts = [_HEAD]
    for path in scripts():
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "No description."
        title, _, rest = said.partition("\n\n")
        where = path.relative_to(ROOT)
        parts.append(
            f"## {where.parent.name}/{where.stem}\n\n{' '.join(title.split())}\n\nScript: [{where}](../../{where}).\n"
        )
        if rest.strip():
            parts.append("<!-- not run: see the script -->\n```text\n" + rest.strip() + "\n```\n")
        results = path.parent / "results" / f"{path.stem.removeprefix('run_')}.md"
        if results.exists():
            parts.append("Last results:\n\n" + _lower(results.read_text(encoding="utf-8")))
    return "\n".join(parts) + "\n<!-- Written by `python docs/scripts/refresh.py`; do not edit. -->\n"


def _lower(text: str) -> str:
    """Headings two levels further down."""
    return "\n".join(f"##{line}" if line.startswith("#") else line for line in text.splitlines()) + "\n"
