"""`study-plan`: from a question to roles, values, cost and what it could show."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def study_plan(
    question: Annotated[str, typer.Argument(help=said(en="The question, in words.", zh="要回答的问题。"))],
    about: Annotated[
        list[str] | None,
        typer.Option(
            "--about",
            help=said(
                en="Hyperparameters it is about (default: those it names).", zh="问题问的超参（默认：问题里提到的）。"
            ),
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help=said(en="Trials for each value.", zh="每个取值跑几个试验。"))
    ] = None,
    workers: Workers = 1,
    seed: Annotated[int, typer.Option("--seed", help=said(en="Seed of the point sequence.", zh="点序列的种子。"))] = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """From a question to a plan: roles, values, cost, what it could show and what not. Nothing is stored."""
    with face_of(as_json, lang, project) as face:
        from playnote.service.plan_study import plan_study, study_view

        made = plan_study(session_of(face), question, about or (), trials, seed=seed, workers=workers)
        data = study_view(made)
        face.done(data, lambda: _show(face, (*made.lines(), _GO.fill(command=data["command"]))))


def _show(face: Face, lines: tuple[Text, ...]) -> None:
    for line in lines:
        face.line(line)


_GO = Text(en="Open it: {command}", zh="打开这一轮：{command}")
