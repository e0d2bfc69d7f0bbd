"""`review`: trials made elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, face_of


def review(
    source: Annotated[str, typer.Argument(help="optuna.db, sqlite:///optuna.db, trials.csv or trials.jsonl.")],
    direction: Annotated[str | None, typer.Option("--direction", help="minimize or maximize.")] = None,
    min_effect: Annotated[float | None, typer.Option("--min-effect", help="Smallest difference that matters.")] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="The score's column or name.")] = None,
    scientific: Annotated[str | None, typer.Option("--scientific", help="The choice in question.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="Which study, where there are several.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Trials made elsewhere: what they show, and what they cannot."""
    with face_of(as_json, lang) as face:
        from playnote.interfaces.cli.review_view import show_review
        from playnote.service import review as reviews

        said = {"direction": direction, "metric": metric, "scientific": scientific, "study": study}
        found = reviews.review(source, min_effect=min_effect, **said)
        face.done(found.as_json(), lambda: show_review(found, face))
