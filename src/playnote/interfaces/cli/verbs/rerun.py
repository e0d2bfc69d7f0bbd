"""`rerun`: repeat a trial from what is recorded of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of, watch
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def rerun(
    trial: Annotated[
        str | None,
        typer.Argument(
            help=said(en="Which trial (default: the baseline's latest).", zh="哪个试验（默认：baseline 最近的一个）。")
        ),
    ] = None,
    on: Annotated[
        str, typer.Option("--on", help=said(en="local, inline, ray or slurm.", zh="local、inline、ray 或 slurm。"))
    ] = "local",
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Repeat a trial with its configuration, seed and command, and compare."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import rerun as repeating

        found: Any = watch(repeating.rerun(session_of(face), trial, on=on), face)
        face.done(found.as_json(), lambda: _told(face, found))


def _told(face: Face, found: Any) -> None:
    words = {True: _SAME if found.equal else _CLOSE, False: _DIFFERS, None: _UNKNOWN}[found.agrees]
    names = {"t": found.trial, "a": found.again}
    face.line(words.fill(**names, old=_number(found.recorded), new=_number(found.score)))
    for note in found.notes:
        face.line(note)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


_SAME = Text(en="THE SAME: {t} scored {old}, repeated as {a} {new}.", zh="一致：{t} 得分 {old}，重跑为 {a} 得 {new}。")
_CLOSE = Text(
    en="AGREES: {t} scored {old}, repeated as {a} {new}: less than min_effect apart.",
    zh="相符：{t} 得分 {old}，重跑为 {a} 得 {new}，相差小于 min_effect。",
)
_DIFFERS = Text(
    en="DIFFERS: {t} scored {old}, repeated as {a} {new}.", zh="不一致：{t} 得分 {old}，重跑为 {a} 得 {new}。"
)
_UNKNOWN = Text(
    en="CANNOT TELL: {t} scored {old}, repeated as {a} {new}.", zh="说不准：{t} 得分 {old}，重跑为 {a} 得 {new}。"
)
