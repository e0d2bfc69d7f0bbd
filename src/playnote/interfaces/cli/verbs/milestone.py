"""`milestone`: read the test split once, at a declared point, and see what was read so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from playnote.errors import InputError
from playnote.interfaces.cli.frame import Json, Lang, Project, Workers, face_of, session_of, watch
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text


def milestone(
    name: Annotated[
        str | None,
        typer.Argument(
            help=said(en="The milestone; without it, what was read.", zh="里程碑的名字；不写就看读过什么。")
        ),
    ] = None,
    because: Annotated[
        str, typer.Option("--because", help=said(en="Why Test is read now.", zh="为什么现在要读 Test。"))
    ] = "",
    trial: Annotated[
        str | None,
        typer.Option("--trial", help=said(en="Whose configuration is read.", zh="读哪个试验的配置。")),
    ] = None,
    value: Annotated[
        float | None,
        typer.Option("--value", help=said(en="The number, where it was read elsewhere.", zh="在别处读到的数。")),
    ] = None,
    metric: Annotated[str | None, typer.Option("--metric", help=said(en="Its metric.", zh="这个数的指标。"))] = None,
    n: Annotated[
        int | None, typer.Option("--n", min=1, help=said(en="Examples of Test.", zh="Test 的样本数。"))
    ] = None,
    workers: Workers = 1,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Read the test split once, at a declared milestone."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import vault

        session = session_of(face)
        if name is None:
            found = vault.milestones(session)
            face.done(found, lambda: _show_all(found, face))
            return
        if not because.strip():
            raise InputError(_NO_REASON, fix=_REASON)
        if value is not None:
            read = vault.milestone_typed(session, name, because, value, metric=metric, n=n, trial=trial)
        else:
            read = watch(vault.milestone(session, name, because, trial, workers=workers), face)
        data = read.as_json()
        face.done(data, lambda: _show(data, face))


def _show(data: Mapping[str, Any], face: Face) -> None:
    for metric, value in data["values"].items():
        face.line(
            _VALUE.fill(metric=metric, value="NaN" if value is None else f"{value:.6g}", source=data["source"] or "-")
        )
    if data["looks"] > 1:
        face.line(_CURVE.fill(n=data["looks"]))
    _show_overuse(data["overuse"], face)


def _show_overuse(finding: Mapping[str, Any], face: Face) -> None:
    face.line(_USE[finding["label"]])
    for text in finding["missing"]:
        face.line("             " + text[face.language])
    if finding["note"]:
        face.line("             " + finding["note"][face.language])


def _show_all(found: Mapping[str, Any], face: Face) -> None:
    if not found["milestones"] and not found["undeclared"]:
        face.line(_NONE)
    for each in found["milestones"]:
        values = "; ".join(f"{read['metric']} {read.get('value')}" for read in each["reads"])
        face.line(f"  {each['name']:<16} {values or face.say(_UNREAD)}   {each['because']}")
    for read in found["undeclared"]:
        face.line(_UNDECLARED.fill(metric=read["metric"], trial=read.get("trial", "-")))
    if found["refused"]:
        face.line(_REFUSED.fill(n=found["refused"]))
    if found["milestones"] or found["undeclared"]:
        _show_overuse(found["overuse"], face)


_NO_REASON = Text(en="Reading the test split needs a reason.", zh="读测试集要写理由。")
_REASON = Text(en='Add --because "...".', zh='加上 --because "……"。')
_VALUE = Text(en="{metric}  {value}   (configuration of {source})", zh="{metric}  {value}   （{source} 的配置）")
_CURVE = Text(
    en="CAREFUL      test was logged at {n} steps: log it once, at the end. Each step counts as a look.",
    zh="留意         测试指标记录了 {n} 步：只在结尾记一次。每一步都算看了一次。",
)
_USE = {
    "yes": Text(
        en="OVERUSED     the test number is likely too good by now", zh="用多了       测试集上的数多半已经偏好看"
    ),
    "no": Text(
        en="FINE         the readings so far have not worn the test split out",
        zh="没问题       到目前为止的读取还没把测试集用坏",
    ),
    "unknown": Text(
        en="CANNOT TELL  whether the readings have worn the test split out", zh="说不清       测试集有没有被用坏"
    ),
}
_NONE = Text(en="The test split has not been read.", zh="还没有读过测试集。")
_UNREAD = Text(en="(not read yet)", zh="（还没读）")
_UNDECLARED = Text(
    en="VIOLATED     {metric} read without a milestone by {trial}",
    zh="违反         {trial} 没声明里程碑就读了 {metric}",
)
_REFUSED = Text(
    en="{n} attempts to log test outside a milestone were refused.", zh="里程碑之外记录测试指标，被拒绝 {n} 次。"
)
