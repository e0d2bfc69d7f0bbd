"""`rank`, `knowledge`, `rescore`, `metric`: what the record says now, and whether the objective still fits."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.words import said


def rank(
    top: Annotated[int, typer.Option("--top", min=1, help=said(en="How many to show.", zh="显示前几名。"))] = 10,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Filter by the constraints, then order by the score; ties are said to be ties."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.memory_view import show_ranking
        from playnote.service.ranking import ranking

        data = ranking(session_of(face), top=None if face.json else top)
        face.done(data, lambda: show_ranking(data, face))


def knowledge(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """What is known about this task."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.memory_view import show_knowledge
        from playnote.service.knowledge import knowledge as known

        data = known(session_of(face))
        face.done(data, lambda: show_knowledge(data, face))


def rescore(
    because: Annotated[
        str, typer.Option("--because", help=said(en="Why the objective was changed.", zh="为什么改目标。"))
    ],
    version: Annotated[
        int | None,
        typer.Option(
            "--from", help=said(en="Earlier version (default: the one before).", zh="旧的版本（默认：上一版）。")
        ),
    ] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Read history under the changed objective, and say which conclusions change."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.memory_view import show_rescored
        from playnote.service import rescore as scores

        data = scores.rescore(session_of(face), because, version=version)
        face.done(data, lambda: show_rescored(data, face))


def metric(
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge",
            metavar="A:B:first|second|neither",
            help=said(en="A pair and which is preferred.", zh="一对试验，以及更喜欢哪个。"),
        ),
    ] = None,
    saw_score: Annotated[
        bool,
        typer.Option(
            "--saw-score", help=said(en="The score was seen; not counted.", zh="评的时候看到了分数；不计入。")
        ),
    ] = False,
    pairs: Annotated[int, typer.Option("--pairs", min=0, help=said(en="Pairs to propose.", zh="给出几对。"))] = 10,
    seed: Annotated[int, typer.Option("--seed", help=said(en="Seed of the pairs.", zh="抽对用的种子。"))] = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Does the score still say what people want: pairs to judge, the agreement, the remedies."""
    with face_of(as_json, lang, project) as face:
        from playnote.interfaces.cli.memory_view import judged, show_metric
        from playnote.service import metric_audit

        session = session_of(face)
        for first, second, preferred in map(judged, judge or ()):
            metric_audit.metric_judge(session, first, second, preferred, saw_score=saw_score)
        data = metric_audit.metric_audit(session, pairs=pairs, seed=seed)
        face.done(data, lambda: show_metric(data, face))
