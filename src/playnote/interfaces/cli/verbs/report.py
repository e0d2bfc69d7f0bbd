"""`report`: one HTML file that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.words import said
from playnote.text import Text


def report(
    number: Annotated[
        int | None,
        typer.Option("--round", help=said(en="Which round (default: the latest).", zh="哪一轮（默认：最近的）。")),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help=said(en="The file to write.", zh="写到哪个文件。"))] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            help=said(
                en="Write the pictures as PNG and SVG into this folder instead (extra `export`).",
                zh="改为把图写成 PNG 和 SVG，放进这个文件夹（需要 `export` 扩展）。",
            ),
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare",
            metavar="A B",
            help=said(
                en="Two rounds (1 2) or two versions of the baseline (b1 b2) side by side.",
                zh="两轮（1 2）或者两版 baseline（b1 b2）并排对比。",
            ),
        ),
    ] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """One HTML file that opens offline."""
    with face_of(as_json, lang, project) as face:
        from playnote.service.report import report as write

        if figures is not None:
            from playnote.service.figures import report_figures

            made = report_figures(session_of(face), figures, number=number, language=face.language)
            face.done(made, lambda: face.line(_DREW.fill(n=len(made["files"]), folder=made["folder"])))
            return
        if compare is not None:
            from playnote.service.report_compare import report_compare

            place = report_compare(session_of(face), *compare, out=out, language=face.language)
            face.done({"path": str(place)}, lambda: face.line(_WROTE.fill(path=place)))
            return
        path = write(session_of(face), number=number, out=out, language=face.language)
        face.done({"path": str(path)}, lambda: face.line(_WROTE.fill(path=path)))


_DREW = Text(en="{n} pictures: {folder}", zh="{n} 张图：{folder}")
_WROTE = Text(en="Report: {path}", zh="报告：{path}")
