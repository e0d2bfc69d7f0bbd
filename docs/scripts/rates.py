"""The figures of docs/reference/error-rates.md, by row and column."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "error-rates.md"
Row = dict[str, str]


def cells(line: str) -> list[str]:
    """The cells of a line of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text: str) -> dict[str, dict[str, Row]]:
    """Section title -> first cell -> column -> cell."""
    found: dict[str, dict[str, Row]] = {}
    head: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            section, head = found.setdefault(line[3:].strip(), {}), []
        elif line.startswith("|") and not head:
            head = cells(line)
        elif line.startswith("|") and not line.startswith("|---"):
            values = cells(line)
            section.setdefault(values[0], dict(zip(head, values, strict=False)))
        elif not line.startswith("|"):
            head = []
    return found


def verdict_rows() -> dict[str, Row]:
    """The rows of every table of verdicts, by name."""
    return {
        name: row
        for section in tables(PAGE.read_text(encoding="utf-8")).values()
        for name, row in section.items()
        if "recall" in row
    }


def null_rows() -> dict[str, Row]:
    """False adoptions on exact nulls, by kind."""
    return tables(PAGE.read_text(encoding="utf-8"))["False adoption on exact nulls"]


def missed() -> list[str]:
    """The targets that were missed, one sentence each."""
    text = PAGE.read_text(encoding="utf-8")
    return [line[2:] for line in text.partition("## Missed targets")[2].splitlines() if line.startswith("- ")]
