"""`measure ...`: one verb for each procedure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of, watch
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

Apply = Annotated[
    bool,
    typer.Option("--apply", help=said(en="Make the proposed edit of playnote.toml.", zh="按建议修改 playnote.toml。")),
]
Length = Annotated[
    int | None, typer.Option("--steps", min=1, help=said(en="Training steps of each trial.", zh="每个试验训练几步。"))
]


def measured(
    name: str,
    options: Mapping[str, float | None],
    shared: tuple[bool, int, str | None, bool, str | None],
) -> None:
    """Run one procedure and show what it found.

    shared  apply, workers, project, as_json, lang
    """
    apply, workers, project, as_json, lang = shared
    with face_of(as_json, lang, project) as face:
        from playnote.service import measure as service

        given = {key: float(value) for key, value in options.items() if value is not None}
        session = session_of(face)
        found: Any = watch(service.measure(session, name, options=given, workers=workers, apply=apply), face)
        face.done(found.as_json(), lambda: _show(found, face))


def seeds(
    count: Annotated[
        int | None, typer.Option("--seeds", min=2, help=said(en="How many fresh seeds.", zh="跑几个新种子。"))
    ] = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """How far apart runs of the baseline end that differ in the seed alone."""
    measured("seeds", {"seeds": count}, (apply, workers, project, as_json, lang))


def lr(
    steps: Length = None,
    apply: Apply = False,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Constant learning rates: the best, the highest stable, the lowest unstable."""
    measured("lr", {"steps": steps}, (apply, workers, project, as_json, lang))


def _show(found: Any, face: Face) -> None:
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
