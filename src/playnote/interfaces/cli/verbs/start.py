"""`init`: a project from three questions, or a ready example."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from playnote.errors import InputError
from playnote.interfaces.cli.frame import Json, Lang, face_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def init(
    path: Annotated[Path | None, typer.Argument(help=said(en="Where the project goes.", zh="项目建在哪里。"))] = None,
    example: Annotated[
        str | None,
        typer.Option(
            "--example",
            help=said(
                en="A ready example by name, such as digits; `list` says which there are.",
                zh="现成的示例，写名字，如 digits；写 list 列出全部。",
            ),
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=said(en="Ask nothing.", zh="什么都不问。"))] = False,
    run: Annotated[
        str | None, typer.Option("--run", help=said(en="What runs one training.", zh="用什么跑一次训练。"))
    ] = None,
    optimize: Annotated[
        str | None,
        typer.Option(
            "--optimize", help=said(en="The number to improve, as it is logged.", zh="要优化的数，用记录时的名字。")
        ),
    ] = None,
    direction: Annotated[
        str | None, typer.Option("--direction", help=said(en="minimize or maximize.", zh="minimize 或 maximize。"))
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Begin a project: three questions, or a ready example."""
    with face_of(as_json, lang) as face:
        from playnote.service import start

        if example == "list":
            known = start.examples()
            face.done({name: text.as_json() for name, text in known.items()}, lambda: _listed(face, known))
            return
        if example is not None:
            made = start.init_example(example, path)
        else:
            answers = [
                _ask(face, q, given, yes) for q, given in zip(_QUESTIONS, (run, optimize, direction), strict=True)
            ]
            if answers[2] not in ("minimize", "maximize"):
                raise InputError(
                    Text(en="The direction is {said!r}.", zh="方向是 {said!r}。").fill(said=answers[2]),
                    fix=Text(en="Say minimize or maximize.", zh="写 minimize 或 maximize。"),
                )
            made = start.init_project(
                path or Path(),
                run=answers[0],
                optimize=answers[1],
                direction="minimize" if answers[2] == "minimize" else "maximize",
                language=face.language,
            )
        face.done({"path": str(made)}, lambda: _made(face, made))


_QUESTIONS = (
    Text(en="What runs one training (a command or module:function)?", zh="一次训练怎么跑（命令或 module:function）？"),
    Text(en="Which logged number is to improve (dev/error)?", zh="要优化哪个记录下来的数（dev/error）？"),
    Text(en="Which way is better (minimize or maximize)?", zh="越小越好还是越大越好（minimize 或 maximize）？"),
)


def _ask(face: Face, question: Text, given: str | None, yes: bool) -> str:
    if given is not None:
        return given
    if yes:
        raise InputError(
            Text(en="`--yes` asks nothing, and an answer is missing: {q}", zh="`--yes` 不提问，但缺一个回答：{q}").fill(
                q=question
            ),
            fix=Text(en="Give --run, --optimize and --direction.", zh="加上 --run、--optimize、--direction。"),
        )
    return str(typer.prompt(face.say(question)))


def _listed(face: Face, known: Mapping[str, Text]) -> None:
    width = max(len(name) for name in known)
    for name, text in known.items():
        face.line(f"{name:<{width}}  {text.pick(face.language)}")


def _made(face: Face, path: Path) -> None:
    face.line(Text(en="Made {path}.", zh="已建好 {path}。").fill(path=path))
    folder = path if path.is_dir() else path.parent
    face.line(Text(en="Next: ", zh="下一步：").pick(face.language) + f"playnote next --project {folder}")
