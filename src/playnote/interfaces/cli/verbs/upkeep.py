"""`rebuild` and `doctor`: the health of record and environment."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from playnote.errors import InputError
from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def rebuild(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """Make the cache anew from the journal and the trials' logs."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import keep

        data = keep.rebuild(session_of(face))
        face.done(data, lambda: face.line(_REBUILT.fill(n=data["trials"], damage=len(data["damage"]))))


_REBUILT = Text(en="{n} trials in the cache; {damage} damaged places.", zh="缓存里有 {n} 个试验；损坏 {damage} 处。")


def doctor(
    settings: Annotated[
        bool,
        typer.Option(
            "--settings",
            help=said(en="Every threshold, with unit, source and reason.", zh="全部阈值，附单位、出处和理由。"),
        ),
    ] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """The environment, the extras, the health of the record."""
    with face_of(as_json, lang, project) as face:
        from playnote.projectfile.read import find_project
        from playnote.service import keep

        try:
            session = session_of(face) if project or find_project() else None
        except InputError:
            session = None
        data = keep.settings_table(session) if settings else keep.doctor(session)
        face.done(data, lambda: _lines(face, data))


def _lines(face: Face, data: dict[str, Any]) -> None:
    for row in data.get("settings", []):
        face.line(f"{row['name']:<34} {row['value']:<10g} {row['unit']:<20} {row['source']:<9} {row['reason']}")
    for name, value in data.items():
        if name != "settings":
            face.line(f"{name:<26} {value}")
