"""How a measurement is shown: the table of what was seen, the sentence, notes, and the proposed edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playnote.interfaces.cli.output import Face
from playnote.text import Text


def show(found: Any, face: Face) -> None:
    """Print a `service.measure.Measured`."""
    result = found.found
    if result.rows:
        for line in table(result.rows):
            face.line(line)
    face.line(result.message)
    for note in result.notes:
        face.line(note)
    if result.edits:
        face.line(_APPLIED if found.applied else _PROPOSED)
        for place, value in result.edits.items():
            face.line(
                f"  {place if isinstance(place, str) else '.'.join(place)} = {value if not isinstance(value, str) else repr(value)}"
            )
        if not found.applied:
            face.line(_HOW)
    face.line(_NEXT)


def table(rows: tuple[Mapping[str, object], ...]) -> list[str]:
    """Rows under a heading, columns aligned."""
    names = list(rows[0])
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


_PROPOSED = Text(en="Proposed for playnote.toml:", zh="建议修改 playnote.toml：")
_APPLIED = Text(en="Changed in playnote.toml:", zh="已修改 playnote.toml：")
_HOW = Text(en="Run the command again with --apply to make it.", zh="加 --apply 再运行一次即可写入。")
_NEXT = Text(en="Next: playnote next", zh="下一步：playnote next")
