"""`review`: trials made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, face_of
from playnote.interfaces.cli.words import said


def review(
    source: Annotated[
        str,
        typer.Argument(
            help=said(
                en="optuna.db, journal.log, trials.csv, runs/, mlruns/, postgresql://...",
                zh="optuna.db、journal.log、trials.csv、runs/、mlruns/、postgresql://……",
            )
        ),
    ],
    direction: Annotated[
        str | None, typer.Option("--direction", help=said(en="minimize or maximize.", zh="minimize 或 maximize。"))
    ] = None,
    min_effect: Annotated[
        float | None,
        typer.Option("--min-effect", help=said(en="Smallest difference that matters.", zh="多大的差别才算数。")),
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help=said(en="The score's column or name.", zh="分数的列名或名字。"))
    ] = None,
    scientific: Annotated[
        str | None, typer.Option("--scientific", help=said(en="The choice in question.", zh="要问的那个超参。"))
    ] = None,
    study: Annotated[
        str | None,
        typer.Option("--study", help=said(en="Which study, where there are several.", zh="有好几个 study 时选哪个。")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=said(en="Write the report to this HTML file.", zh="把报告写到这个 HTML 文件。")),
    ] = None,
    write_next: Annotated[
        str | None,
        typer.Option(
            "--write-next",
            help=said(
                en="Write the next points: .py, .yaml, .toml, .csv, .json, or the study's own storage.",
                zh="把下一步的点写出来：.py、.yaml、.toml、.csv、.json，或者 study 自己的存储。",
            ),
        ),
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Trials made elsewhere: what they show, and what they cannot."""
    with face_of(as_json, lang) as face:
        from playnote.interfaces.cli.review_view import show_review
        from playnote.service import review as reviews

        asked = {"direction": direction, "metric": metric, "scientific": scientific, "study": study}
        found = reviews.review(source, min_effect=min_effect, **asked)
        written = {}
        if write_next is not None:
            written["points"] = found.write_next(write_next)
        if out is not None:
            written["report"] = str(found.report(out, language=face.language))
        data = {**found.as_json(points=face.json), "written": written}
        options = {f"--{name}": said for name, said in asked.items()} | {"--min-effect": min_effect}
        face.done(data, lambda: show_review(found, face, written, options))
