"""What all verbs share: their common options, and the frame in which an error ends as problem, fix and exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from playnote.errors import InputError, PlaynoteError
from playnote.interfaces.cli.output import Face, fail, language_of, unexpected
from playnote.interfaces.cli.words import said
from playnote.text import Text

if TYPE_CHECKING:
    from playnote.service.session import Session

Project = Annotated[
    str | None,
    typer.Option(
        "--project",
        help=said(en="The project's folder (default: the nearest upward).", zh="项目目录（默认：往上找最近的）。"),
    ),
]
Json = Annotated[bool, typer.Option("--json", help=said(en="The answer as JSON.", zh="用 JSON 回答。"))]
Lang = Annotated[str | None, typer.Option("--lang", help=said(en="en or zh.", zh="en 或 zh。"))]
Workers = Annotated[
    int,
    typer.Option(
        "--workers", min=1, help=said(en="Worker processes, one thread each.", zh="工作进程数，每个一个线程。")
    ),
]


@contextmanager
def face_of(as_json: bool, lang: str | None, project: str | None = None) -> Iterator[Face]:
    """The shared frame of every verb: errors end in problem, fix and exit code, never in a traceback."""
    face = Face(as_json, language_of(lang), project)
    try:
        _must_know(lang)
        yield face
    except PlaynoteError as error:
        raise typer.Exit(fail(error, face)) from None
    except (typer.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        face_error = Text(
            en="Stopped; what had finished is kept. Run the same command to go on.",
            zh="已停下；跑完的都保留着。再运行同一条命令即可继续。",
        )
        sys.stderr.write(face.say(face_error) + "\n")
        raise typer.Exit(130) from None
    except Exception as error:
        if os.environ.get("PLAYNOTE_TRACEBACK"):
            raise
        raise typer.Exit(fail(unexpected(error), face)) from None
    finally:
        if face.answers is not None:
            sys.stdout = face.answers


def _must_know(lang: str | None) -> None:
    """A locale that is neither is English, silently; a language that was asked for is not."""
    if lang is None or lang.lower().replace("_", "-").partition("-")[0] in ("en", "zh"):
        return
    raise InputError(
        Text(en="--lang is {said!r}.", zh="--lang 是 {said!r}。").fill(said=lang[:40]),
        fix=Text(en="Write en or zh.", zh="写 en 或 zh。"),
    )


def session_of(face: Face) -> Session:
    """The project that the verb is about, with its record open."""
    from playnote.service.session import open_project

    return open_project(face.project)


def watch(steps: Iterator[Any], face: Face) -> Any:
    """Watch work to its end; its last value."""
    from playnote.interfaces.cli.progress import watched

    last = None
    if face.json and face.answers is None:
        # What others print from now on (training inline, Ray about a node that died) is no part of a JSON answer.
        face.answers, sys.stdout = sys.stdout, sys.stderr
    for step in watched(steps, face):
        last = step
    return last
