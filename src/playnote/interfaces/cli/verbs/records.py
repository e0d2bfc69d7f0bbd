"""`export` and `import`: trials out to other tools' formats, and in from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from playnote.errors import InputError
from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

Metric = Annotated[
    str | None,
    typer.Option("--metric", help=said(en="The score's name in the source.", zh="来源里分数的名字。")),
]
Study = Annotated[
    str | None,
    typer.Option("--study", help=said(en="Which study, where there are several.", zh="有好几个 study 时选哪个。")),
]
_WROTE = Text(en="{n} trials written: {path}", zh="写出 {n} 个试验：{path}")
_TAGGED = Text(en="{n} runs tagged (playnote.outcome, playnote.rank, playnote.best).", zh="已给 {n} 次训练打上标签。")
_TOOK = Text(
    en="{n} trials imported from {source}. Next: playnote check",
    zh="从 {source} 导入了 {n} 个试验。下一步：playnote check",
)
_WHERE = Text(en="Neither --to nor --tag is given.", zh="没有给 --to，也没有给 --tag。")
_SAY = Text(
    en="Say where the trials go: --to trials.csv, .jsonl, .parquet or .db (or --tag).",
    zh="说明导出到哪里：--to trials.csv、.jsonl、.parquet 或 .db（或者 --tag）。",
)
_TAG_WHAT = Text(en="--tag needs a source: this project's runs are not in another tool.", zh="--tag 要指定来源。")
_NAME_IT = Text(en="Name it: playnote export mlflow.db --tag", zh="写上来源：playnote export mlflow.db --tag")


def export(
    source: Annotated[
        str | None,
        typer.Argument(
            help=said(en="Another tool's trials (default: this project's).", zh="别的工具的试验（默认：本项目）。")
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help=said(
                en="A new .csv, .jsonl, .parquet or .db (Optuna).",
                zh="新文件：.csv、.jsonl、.parquet 或 .db（Optuna）。",
            ),
        ),
    ] = None,
    curves: Annotated[
        bool, typer.Option("--curves", help=said(en="In a table, a row a reading.", zh="表格里每行一个读数。"))
    ] = False,
    tag: Annotated[
        bool,
        typer.Option(
            "--tag", help=said(en="Verdicts as tags on MLflow or W&B runs.", zh="把结论打成 MLflow 或 W&B 训练的标签。")
        ),
    ] = False,
    metric: Metric = None,
    direction: Annotated[
        str | None, typer.Option("--direction", help=said(en="minimize or maximize.", zh="minimize 或 maximize。"))
    ] = None,
    study: Study = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Trials out: to a file that reads back equal, or as tags on the runs they came from."""
    with face_of(as_json, lang, project) as face:
        if to is None and not tag:
            raise InputError(_WHERE, fix=_SAY)
        if tag and source is None:
            raise InputError(_TAG_WHAT, fix=_NAME_IT)
        asked: dict[str, Any] = {"metric": metric, "direction": direction, "study": study}
        done: dict[str, Any] = {}
        if to is not None:
            from playnote.service.export import export as write

            done = write(to, session=None if source else session_of(face), source=source, curves=curves, **asked)
        if tag and source is not None:
            from playnote.service.tag import tag as put

            done = {**done, **put(source, **asked)}
        face.done(done, lambda: _exported(done, face))


def _exported(done: dict[str, Any], face: Face) -> None:
    if "path" in done:
        face.line(_WROTE.fill(n=done["trials"], path=done["path"]))
    if "runs" in done:
        face.line(_TAGGED.fill(n=done["runs"]))
    _left_out(done, face)


def _left_out(done: dict[str, Any], face: Face) -> None:
    for each in done.get("left_out", ()):
        face.line(f"  {each[face.language]}")


def import_(
    source: Annotated[
        str,
        typer.Argument(
            help=said(en="What `review` reads: a file, folder or address.", zh="review 能读的：文件、文件夹或地址。")
        ),
    ],
    metric: Metric = None,
    study: Study = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Trials made elsewhere into this project's record: they inform, and count for no round."""
    with face_of(as_json, lang, project) as face:
        from playnote.service.bring_in import bring_in

        done = bring_in(session_of(face), source, metric=metric, study=study)
        face.done(done, lambda: _imported(done, face))


def _imported(done: dict[str, Any], face: Face) -> None:
    face.line(_TOOK.fill(n=done["imported"], source=done["source"]))
    _left_out(done, face)


__all__ = ["export", "import_"]
