"""`data make` and `data audit`: who is fitted, chosen and reported on what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from playnote.interfaces.cli.frame import Json, Lang, Project, face_of, session_of
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.words import said
from playnote.text import Text

DATA = said(
    en="A table (CSV, TSV, JSON lines), an NPZ, or a folder with one file an example.",
    zh="表格（CSV、TSV、JSON lines）、NPZ，或每个样本一个文件的文件夹。",
)
Id = Annotated[str | None, typer.Option("--id", help=said(en="Column of the ids.", zh="id 列。"))]
Group = Annotated[
    str | None,
    typer.Option("--group", help=said(en="Column of what belongs together.", zh="同属一组（人、会话……）的列。")),
]
Time = Annotated[
    str | None, typer.Option("--time", help=said(en="Column of the time (sorts as text).", zh="时间列（按文本排序）。"))
]
Source = Annotated[str | None, typer.Option("--source", help=said(en="Column of the source.", zh="来源列。"))]
Label = Annotated[str | None, typer.Option("--label", help=said(en="Column of the label.", zh="标签列。"))]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", help=said(en="Column that is no content.", zh="不算内容的列。"))
]
Seed = Annotated[int, typer.Option("--seed", help=said(en="Seed.", zh="随机种子。"))]


def make(
    data: Annotated[Path, typer.Argument(help=DATA)],
    id_: Id = None,
    group: Group = None,
    time: Time = None,
    source: Source = None,
    label: Label = None,
    ignore: Ignore = None,
    deployment: Annotated[
        str | None,
        typer.Option("--deployment", help=said(en="The source the model will meet.", zh="上线后会遇到的来源。")),
    ] = None,
    by_time: Annotated[
        bool, typer.Option("--by-time", help=said(en="Dev and Test are the latest.", zh="Dev 和 Test 取最晚的。"))
    ] = False,
    dev: Annotated[
        float, typer.Option("--dev", help=said(en="Share below 1, or number.", zh="小于 1 是比例，否则是个数。"))
    ] = 0.15,
    test: Annotated[
        float, typer.Option("--test", help=said(en="Share below 1, or number.", zh="小于 1 是比例，否则是个数。"))
    ] = 0.15,
    train_dev: Annotated[
        float,
        typer.Option(
            "--train-dev",
            help=said(
                en="Its size where Train differs from deployment.", zh="Train 与部署分布不同时，Train-Dev 的大小。"
            ),
        ),
    ] = 0.05,
    replace: Annotated[
        bool, typer.Option("--replace", help=said(en="Cut anew over splits that are there.", zh="已有划分也重新切。"))
    ] = False,
    seed: Seed = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Cut the data into Train, Dev and Test, and Train-Dev where it is needed."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import data as service

        columns = service.Columns(
            id=id_, group=group, time=time, source=source, label=label, ignore=tuple(ignore or ())
        )
        wish = service.Wish(dev=dev, test=test, train_dev=train_dev, deployment=deployment, by_time=by_time, seed=seed)
        found = service.data_make(session_of(face), data, columns, wish, replace_files=replace)
        face.done(found, lambda: _show_made(found, face))


def audit(
    data: Annotated[Path | None, typer.Argument(help=DATA)] = None,
    id_: Id = None,
    group: Group = None,
    time: Time = None,
    source: Source = None,
    label: Label = None,
    ignore: Ignore = None,
    deployment: Annotated[
        Path | None,
        typer.Option(
            "--deployment", help=said(en="A sample of what the model will meet.", zh="上线后会遇到的数据样本。")
        ),
    ] = None,
    seed: Seed = 0,
    project: Project = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Copies, groups and times across the splits; Dev against Test and deployment; what changed."""
    with face_of(as_json, lang, project) as face:
        from playnote.service import data as service

        columns = service.Columns(
            id=id_, group=group, time=time, source=source, label=label, ignore=tuple(ignore or ())
        )
        found = service.data_audit(session_of(face), data, columns, deployment=deployment, seed=seed)
        face.done(found, lambda: _show_audit(found, face))


def _show_made(found: Mapping[str, Any], face: Face) -> None:
    for name, each in found["splits"].items():
        face.line(f"  {name:<10} {each['n']:>8}  {face.say(_FROM)}{_list(each['sources'])}")
    for note in found["notes"]:
        face.line(note[face.language])
    face.line(_NEXT_AUDIT)


def _show_audit(found: Mapping[str, Any], face: Face) -> None:
    for each in found["shifts"]:
        _show_shift(each, face)
    _show_overlap(found["overlap"], face)
    for name, each in found["changed"].items():
        face.line(_CHANGED.fill(split=name, **each))
    for name, n in found["unseen"].items():
        face.line(_UNSEEN.fill(split=name, n=n))


def _show_overlap(overlap: Mapping[str, Any], face: Face) -> None:
    counts = [
        {key: n for key, n in (overlap[kind] or {}).items() if n} for kind in ("across", "near", "groups", "within")
    ]
    for each, text in zip(counts, (_COPIES, _NEAR, _GROUPS, _WITHIN), strict=True):
        if each:
            face.line(text.fill(what=_list(each)))
    if not any(counts[:3]):
        face.line(_NO_COPIES if overlap["near"] is not None else _NO_EQUAL)
    for pair, examples in overlap["examples"].items():
        if examples:
            face.line(f"             {pair}: " + "; ".join(" = ".join(each) for each in examples))
    if overlap["late"]:
        face.line(_LATE.fill(n=overlap["late"]))


def _show_shift(each: Mapping[str, Any], face: Face) -> None:
    interval = each["interval"]
    auc = "-" if each["auc"] is None else f"{each['auc']:.2f} [{interval[0]:.2f}, {interval[1]:.2f}]"
    values = {"first": each["first"], "second": each["second"], "auc": auc, "a": each["n"][0], "b": each["n"][1]}
    face.line(_SHIFTS[each["label"]].fill(**values))
    for text in each["missing"]:
        face.line("             " + text[face.language])
    smallest = [p for p in (each["p_content"], each["p_labels"]) if p is not None]
    if each["label"] == "yes":
        labels = each["p_labels"] is not None and each["p_labels"] == min(smallest)
        face.line(
            _BECAUSE.fill(p=f"{min(smallest):.3g}", what=_LABELS if labels else ", ".join(each["telling"]) or "-")
        )


def _list(counts: Mapping[str, int] | None) -> str:
    return ", ".join(f"{name} {n}" for name, n in (counts or {}).items()) or "-"


_FROM = Text(en="from ", zh="来自 ")
_NEXT_AUDIT = Text(en="Next: playnote data audit", zh="下一步：playnote data audit")
_SHIFTS = {
    "yes": Text(
        en="DIFFERENT    {first} and {second}: a classifier tells them apart, AUC {auc}   n {a} + {b}",
        zh="不同分布     {first} 和 {second}：分类器分得开，AUC {auc}   n {a} + {b}",
    ),
    "no": Text(
        en="ALIKE        {first} and {second}: AUC {auc}   n {a} + {b}",
        zh="同分布       {first} 和 {second}：AUC {auc}   n {a} + {b}",
    ),
    "unknown": Text(
        en="CANNOT TELL  {first} and {second}: AUC {auc}   n {a} + {b}",
        zh="说不清       {first} 和 {second}：AUC {auc}   n {a} + {b}",
    ),
}
_LABELS = Text(en="the counts of labels", zh="标签的比例")
_BECAUSE = Text(en="             p {p}; most telling: {what}", zh="             p {p}；最能区分的是：{what}")
_COPIES = Text(en="VIOLATED     equal content in two splits: {what}", zh="违反         两个划分里有相同内容：{what}")
_NEAR = Text(
    en="CAREFUL      nearly equal content in two splits: {what}", zh="留意         两个划分里有几乎相同的内容：{what}"
)
_GROUPS = Text(en="VIOLATED     groups in two splits: {what}", zh="违反         同一组出现在两个划分里：{what}")
_WITHIN = Text(en="CAREFUL      repeated within a split: {what}", zh="留意         划分内部有重复：{what}")
_NO_COPIES = Text(
    en="FINE         no copies across splits, near ones looked for",
    zh="没问题       划分之间没有重复，也查了几乎相同的",
)
_NO_EQUAL = Text(
    en="CANNOT TELL  no equal copies across splits; near ones were not looked for",
    zh="说不清       划分之间没有完全相同的；几乎相同的没查",
)
_LATE = Text(
    en="CAREFUL      {n} examples of train are younger than the oldest of dev or test",
    zh="留意         train 里有 {n} 个样本晚于 dev 或 test 里最早的",
)
_CHANGED = Text(
    en="CHANGED      {split}: {added} added, {removed} removed, {altered} altered since the last look",
    zh="变了         {split}：比上次多 {added}，少 {removed}，内容改了 {altered}",
)
_UNSEEN = Text(
    en="CAREFUL      {split}: {n} ids are not in these data", zh="留意         {split}：有 {n} 个 id 不在这份数据里"
)
