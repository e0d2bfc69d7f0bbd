"""`labels ...`: have labels checked by people, and see whether wrong ones decide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

By = Annotated[str, typer.Option("--by", help=said(en="Who checks.", zh="谁核对的。"))]


def sample(
    split: Annotated[str, typer.Argument(help=said(en="dev, test or train.", zh="dev、test 或 train。"))],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            help=said(
                en="A trial or a file of predictions; two, and their disagreements come first.",
                zh="试验或预测文件；给两个，就先核对它们的分歧。",
            ),
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help=said(en="Where the labels stand.", zh="标签在哪份数据里。"))
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help=said(en="Column of the ids.", zh="id 列。"))] = None,
    label: Annotated[str | None, typer.Option("--label", help=said(en="Column of the label.", zh="标签列。"))] = None,
    group: Annotated[
        str | None, typer.Option("--group", help=said(en="Column of annotator or scene.", zh="标注人或场景的列。"))
    ] = None,
    disagreements: Annotated[
        int | None, typer.Option("--disagreements", min=0, help=said(en="How many of them.", zh="分歧抽几个。"))
    ] = None,
    random: Annotated[
        int | None, typer.Option("--random", min=0, help=said(en="How many of all.", zh="从全部里随机抽几个。"))
    ] = None,
    suspects: Annotated[
        int,
        typer.Option(
            "--suspects",
            min=0,
            help=said(en="And the likeliest wrong ones (cleanlab).", zh="再加最可疑的几个（cleanlab）。"),
        ),
    ] = 0,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", help=said(en="A class or scene that matters most.", zh="关键的类别或场景。")),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help=said(en="Seed.", zh="随机种子。"))] = 0,
    out: Annotated[Path | None, typer.Option("--out", help=said(en="The table to write.", zh="写到哪个表。"))] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Draw examples whose labels are to be checked."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import label_audit as service

        found = service.labels_sample(
            session_of(face),
            split,
            models=model or (),
            data=data,
            columns=service.Columns(id=id_, label=label, group=group),
            disagreements=disagreements,
            random=random,
            suspects=suspects,
            key=key or (),
            seed=seed,
            out=out,
        )
        counts = {name: len(found[name]) for name in ("disagreements", "random", "suspects")}
        face.done(found, lambda: face.line(_SAMPLED.fill(all=found["count"], file=found["file"], **counts)))


def import_(
    path: Annotated[
        Path, typer.Argument(help=said(en="The filled-in table: id, corrected.", zh="填好的表：id、corrected。"))
    ],
    by: By = "person",
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take in the checked labels of a table."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import label_audit as service

        found = service.labels_import(session_of(face), path, by=by)
        face.done(found, lambda: _show(found, face))


def mark(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    label: Annotated[
        str,
        typer.Argument(metavar="LABEL", help=said(en='The right label, "?" unclear.', zh="正确的标签，说不清写 ?。")),
    ],
    by: By = "person",
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say what one label should be."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import label_audit as service

        found = service.labels_mark(session_of(face), {id_: label}, by=by)
        face.done(found, lambda: _show(found, face))


def relabelled(
    split: Annotated[str, typer.Argument(help=said(en="Which split.", zh="哪个划分。"))],
    n: Annotated[int, typer.Argument(metavar="N", help=said(en="How many labels changed.", zh="改了几个标签。"))],
    how: Annotated[str, typer.Option("--how", help=said(en="By what process.", zh="用什么流程。"))],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Record that a split was labelled anew."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import label_audit as service

        found = service.labels_relabelled(session_of(face), split, n, how)
        face.done(found, lambda: face.line(_RELABELLED.fill(**found)))


def show(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """Share of wrong labels, whether they decide, whether they come in clusters."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import label_audit as service

        found = service.labels_show(session_of(face))
        face.done(found, lambda: _show(found, face))


def _show(found: Mapping[str, Any], face: Face) -> None:
    sample, noise = found["sample"], found["noise"]
    face.line(_HEAD.fill(split=sample["split"], audited=found["audited"], unclear=found["unclear"], **found["drawn"]))
    if noise["n"]:
        low, high = noise["interval"]
        face.line(_NOISE.fill(wrong=noise["wrong"], n=noise["n"], low=f"{low:.1%}", high=f"{high:.1%}"))
    if found["errors"]["n"]:
        face.line(_ERRORS.fill(**found["errors"]))
    if found["order"] is not None:
        _show_finding(found["order"], _ORDER, face, {"models": ", ".join(sample["models"])})
    for each in found["clusters"]:
        _show_finding(each["finding"], _CLUSTERS, face, {"factor": each["factor"]})


def _show_finding(
    finding: Mapping[str, Any], words: Mapping[str, Text], face: Face, values: Mapping[str, object]
) -> None:
    face.line(words[finding["label"]].fill(**values))
    for text in (finding["note"], *finding["missing"], *(each["text"] for each in finding["settles"])):
        if text:
            face.line("             " + text[face.language])


_SAMPLED = Text(
    en="{all} examples are in {file}: {disagreements} disagreements, {random} at random, {suspects} suspects. Write the right "
    "label into `corrected`, the same where it is right, ? where nobody can tell.\nNext: playnote labels import {file}",
    zh="{file} 里有 {all} 个样本：{disagreements} 个分歧，{random} 个随机抽的，{suspects} 个可疑的。把正确的标签写进 "
    "`corrected`，本来就对的照抄，说不清的写 ?。\n下一步：playnote labels import {file}",
)
_RELABELLED = Text(
    en="Recorded: {n} labels of {split} changed ({how}).", zh="已记录：{split} 改了 {n} 个标签（{how}）。"
)
_HEAD = Text(
    en="Labels of {split}: {audited} checked, {unclear} unclear; drawn {disagreements} disagreements, {random} at random, "
    "{suspects} suspects.",
    zh="{split} 的标签：核对了 {audited} 个，{unclear} 个说不清；抽了 {disagreements} 个分歧、{random} 个随机、{suspects} 个可疑。",
)
_NOISE = Text(
    en="  wrong labels: {wrong} of {n} drawn at random [{low}, {high}]",
    zh="  错标：随机抽的 {n} 个里有 {wrong} 个 [{low}, {high}]",
)
_ERRORS = Text(
    en="  of {n} dev errors looked at, {wrong_labels} are wrong labels",
    zh="  看过的 {n} 个错例里，{wrong_labels} 个其实是错标",
)
_ORDER = {
    "yes": Text(
        en="VIOLATED     wrong labels may decide the order of {models}", zh="违反         错标可能左右 {models} 的排名"
    ),
    "no": Text(
        en="FINE         wrong labels do not turn the order of {models}", zh="没问题       错标翻不了 {models} 的排名"
    ),
    "unknown": Text(
        en="CANNOT TELL  whether wrong labels decide the order of {models}",
        zh="说不清       错标会不会左右 {models} 的排名",
    ),
}
_CLUSTERS = {
    "yes": Text(
        en="CAREFUL      wrong labels come in clusters by {factor}", zh="留意         错标按 {factor} 成片出现"
    ),
    "no": Text(
        en="FINE         wrong labels are not clustered by {factor}", zh="没问题       错标没有按 {factor} 成片"
    ),
    "unknown": Text(
        en="CANNOT TELL  whether wrong labels are clustered by {factor}", zh="说不清       错标是不是按 {factor} 成片"
    ),
}
