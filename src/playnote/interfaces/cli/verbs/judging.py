"""`compare` and `judge`: numbers in, a verdict out; no project needed."""

from __future__ import annotations

from typing import Annotated

import typer

from playnote.interfaces.cli.frame import Json, Lang, face_of
from playnote.interfaces.cli.words import said


def compare(
    baseline: Annotated[
        str,
        typer.Argument(
            help=said(
                en="Numbers of the baseline: FILE or FILE.csv:column.", zh="baseline 的数：FILE 或 FILE.csv:列名。"
            )
        ),
    ],
    candidate: Annotated[str, typer.Argument(help=said(en="Numbers of the candidate.", zh="候选的数。"))],
    direction: Annotated[
        str | None, typer.Option("--direction", help=said(en="minimize or maximize.", zh="minimize 或 maximize。"))
    ] = None,
    min_effect: Annotated[
        float | None,
        typer.Option("--min-effect", help=said(en="Smallest difference that matters.", zh="多大的差别才算数。")),
    ] = None,
    paired: Annotated[
        bool, typer.Option("--paired", help=said(en="Line i of both belongs together.", zh="两边的第 i 行成对。"))
    ] = False,
    up_to: Annotated[
        int | None,
        typer.Option(
            "--up-to",
            help=said(en="Look after every run, up to this many each.", zh="每跑完一次就看，每边最多这么多次。"),
        ),
    ] = None,
    history: Annotated[
        list[str] | None,
        typer.Option("--history", help=said(en="Repeats of an earlier configuration.", zh="以前某个配置的重复跑。")),
    ] = None,
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
    file: Annotated[
        str,
        typer.Argument(
            help=said(en="Cases, one JSON a line; - for standard input.", zh="案例，每行一个 JSON；- 表示标准输入。")
        ),
    ] = "-",
    out: Annotated[
        str,
        typer.Option(
            "--out", help=said(en="Where the verdicts go; - for standard output.", zh="结论写到哪里；- 表示标准输出。")
        ),
    ] = "-",
    lang: Lang = None,
) -> None:
    """The exchange format: cases in, verdicts out."""
    with face_of(False, lang):
        from playnote.service.judge import judge_lines

        judge_lines(file, out)
