"""`compare` and `judge`: numbers in, a verdict out; no project needed."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, face_of


def compare(
    baseline: Annotated[str, typer.Argument(help="Numbers of the baseline: FILE or FILE.csv:column.")],
    candidate: Annotated[str, typer.Argument(help="Numbers of the candidate.")],
    direction: Annotated[str | None, typer.Option("--direction", help="minimize or maximize.")] = None,
    min_effect: Annotated[float | None, typer.Option("--min-effect", help="Smallest difference that matters.")] = None,
    paired: Annotated[bool, typer.Option("--paired", help="Line i of both belongs together.")] = False,
    up_to: Annotated[int | None, typer.Option("--up-to", help="Look after every run, up to this many each.")] = None,
    history: Annotated[list[str] | None, typer.Option("--history", help="Repeats of an earlier configuration.")] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Two lists of numbers: is the difference real, and if undecided, what would decide."""
    with face_of(as_json, lang) as face:
        from playnote.interfaces.cli.compare_view import view
        from playnote.service.compare import compare_files

        found = compare_files(
            baseline,
            candidate,
            direction=direction,
            min_effect=min_effect,
            paired=paired,
            history=history or (),
            up_to=up_to,
        )
        face.done(found.as_json(), lambda: face.line(view(found, face.language)))


def judge(
    file: Annotated[str, typer.Argument(help="Cases, one JSON a line; - for standard input.")] = "-",
    out: Annotated[str, typer.Option("--out", help="Where the verdicts go; - for standard output.")] = "-",
    lang: Lang = None,
) -> None:
    """The exchange format: cases in, verdicts out."""
    with face_of(False, lang):
        from playnote.service.judge import judge_lines

        judge_lines(file, out)
