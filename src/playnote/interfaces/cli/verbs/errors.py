"""`errors ...`: draw wrong dev examples, sort them, see which kind is worth work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

By = Annotated[
    str,
    typer.Option(
        "--by",
        help=said(en="Who tags; two people on a part show the agreement.", zh="谁打的标签；两人各打一部分能看一致性。"),
    ),
]


def sample(
    source: Annotated[
        str | None,
        typer.Argument(
            help=said(
                en="A trial, or a file with id, label, prediction.", zh="试验，或含 id、label、prediction 的文件。"
            )
        ),
    ] = None,
    n: Annotated[int, typer.Option("--n", help=said(en="How many, at most 200.", zh="抽几个，最多 200。"))] = 200,
    above: Annotated[
        float | None,
        typer.Option(
            "--wrong-above", help=said(en="For numbers: off by more is wrong.", zh="数值任务：偏差超过它算错。")
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help=said(en="Seed.", zh="随机种子。"))] = 0,
    out: Annotated[Path | None, typer.Option("--out", help=said(en="The table to write.", zh="写到哪个表。"))] = None,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Draw wrong dev examples at random."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_sample(session_of(face), source, n=n, above=above, seed=seed, out=out)
        face.done(found, lambda: face.line(_SAMPLED.fill(k=len(found["ids"]), **found)))


def tag(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    categories: Annotated[list[str], typer.Argument(metavar="CATEGORY...")],
    by: By = "person",
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say what kind of error an example is; several kinds are allowed."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_tag(session_of(face), {id_: categories}, by=by)
        face.done(found, lambda: face.line(_TAGGED.fill(tagged=found["tagged"], sampled=found["sampled"])))


def import_(
    path: Annotated[Path, typer.Argument(help=said(en="The filled-in table: id, tags.", zh="填好的表：id、tags。"))],
    by: By = "person",
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take in the tags of a table."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_import(session_of(face), path, by=by)
        face.done(found, lambda: _show(found, face))


def fixable(
    category: Annotated[str, typer.Argument(metavar="CATEGORY")],
    share: Annotated[float, typer.Argument(metavar="SHARE", help=said(en="0 to 1.", zh="0 到 1。"))],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say which share of a category can be fixed."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_fixable(session_of(face), category, share)
        face.done(found, lambda: _show(found, face))


def focus(
    category: Annotated[str, typer.Argument(metavar="CATEGORY")],
    because: Annotated[str, typer.Option("--because", help=said(en="Why this one first.", zh="为什么先做它。"))],
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say which category is worked on first."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_focus(session_of(face), category, because)
        face.done(found, lambda: _show(found, face))


def show(project: Project = None, as_json: Json = False, lang: Lang = None) -> None:
    """Shares, ceilings and priorities of the kinds of error."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import error_analysis

        found = error_analysis.errors_show(session_of(face))
        face.done(found, lambda: _show(found, face))


def _show(found: Mapping[str, Any], face: Face) -> None:
    face.line(_HEAD.fill(**found["sample"], sampled=found["sampled"], tagged=found["tagged"]))
    for each in found["categories"]:
        low, high = each["interval"]
        ceiling = "-" if each["ceiling"] is None else f"{each['ceiling']:.4f}"
        face.line(
            f"  {each['name']:<20} {each['count']:>4}  {each['share']:>5.0%} [{low:.0%}, {high:.0%}]"
            + face.say(_CEILING.fill(ceiling=ceiling))
            + ("" if each["fixable"] is None else face.say(_FIXABLE.fill(share=f"{each['fixable']:.0%}")))
        )
    finding = found["finding"]
    if finding["label"] == "yes":
        largest = max(found["categories"], key=lambda each: float(each["largest"]))
        face.line(_LEADS.fill(name=largest["name"], p=f"{largest['largest']:.0%}"))
    elif found["categories"]:
        face.line(_OPEN)
    for text in (*finding["missing"], *(each["text"] for each in finding["settles"])):
        face.line("             " + text[face.language])
    if found["agreement"] is not None:
        face.line(_KAPPA.fill(kappa=f"{found['agreement']:.2f}"))
    if found["focus"]:
        face.line(_FOCUS.fill(**found["focus"]))


_SAMPLED = Text(
    en="{k} of {wrong} wrong examples (dev has {n}) are in {file}. Fill in `tags` (several with ;), `mislabelled` and "
    "`other` among them.\nNext: playnote errors import {file}",
    zh="从 {wrong} 个错例（Dev 共 {n} 个）里抽了 {k} 个，写在 {file}。请填 `tags` 列（多个用 ; 隔开），`mislabelled` 和 "
    "`other` 也可以用。\n下一步：playnote errors import {file}",
)
_TAGGED = Text(en="{tagged} of {sampled} examples are tagged.", zh="已给 {sampled} 个样本里的 {tagged} 个打了标签。")
_HEAD = Text(
    en="Sample {sample} of {trial}: {tagged} of {sampled} tagged; {wrong} of {n} dev examples are wrong.",
    zh="第 {sample} 份样本（{trial}）：{sampled} 个里打了 {tagged} 个标签；Dev {n} 个里错了 {wrong} 个。",
)
_CEILING = Text(en="   gain at most {ceiling}", zh="   最多能降 {ceiling}")
_FIXABLE = Text(en="   fixable {share}", zh="   能改 {share}")
_LEADS = Text(en="LIKELY       {name} is the largest kind ({p}).", zh="多半         {name} 是最大的一类（{p}）。")
_OPEN = Text(en="CANNOT TELL  which kind is the largest.", zh="说不清       哪一类最大。")
_KAPPA = Text(en="Two people agree to a kappa of {kappa}.", zh="两人标注的一致性 kappa = {kappa}。")
_FOCUS = Text(en="Worked on first: {choice} ({because})", zh="先做：{choice}（{because}）")
