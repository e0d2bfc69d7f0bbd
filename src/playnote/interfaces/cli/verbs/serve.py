"""`serve`: the live pages, on this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.words import said
from playnote.text import Text


def serve(
    port: Annotated[
        int,
        typer.Option(
            "--port", min=0, max=65535, help=said(en="The port (default: a free one).", zh="端口（默认：空闲的）。")
        ),
    ] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help=said(en="Open no browser.", zh="不打开浏览器。"))] = False,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Serve the live pages until Ctrl-C; one line with the address and its token."""
    with face_of(as_json, lang, project) as face:
        folder = Path(session_of(face).project.folder)
        from playnote.interfaces.web.server import serve as run

        def show(address: str) -> None:
            face.done({"address": address}, lambda: face.line(_AT.fill(address=address)))
            typer.get_text_stream("stdout").flush()

        run(folder, port=port, show=show, open_browser=not no_open)


_AT = Text(en="Playnote: {address}   (Ctrl-C ends it)", zh="Playnote：{address}   （Ctrl-C 结束）")
