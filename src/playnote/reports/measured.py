"""The measured section of a report: what each procedure found, its picture, and the edit of the project file it proposes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from playnote.playbook.measured import PROCEDURES
from playnote.plots.measured import Part, Setting, before_after_data, measure_before_after, sweep_spec
from playnote.records.state import JournalEvent, ProjectState
from playnote.reports.figure import LANGUAGES, Figure
from playnote.text import Text, same

SETTLED: dict[str, Text] = {
    "yes": Text(en="MEASURED", zh="已量出"),
    "no": Text(en="NOT TO BE HAD", zh="量过，没有"),
    "unknown": Text(en="CANNOT TELL", zh="说不清"),
}
WORDS: dict[str, Text] = {
    "title": Text(en="Measured", zh="实测"),
    "what": Text(
        en="Small planned studies of one thing each, over this project's own training code; the latest answer of each.",
        zh="每项只量一件事：用本项目自己的训练代码跑一小批试验；这里是各项最近一次的答案。",
    ),
    "edits": Text(en="Proposed for playnote.toml:", zh="建议写进 playnote.toml："),
    "apply": Text(en="To make this edit:", zh="写入命令："),
    "rows": Text(en="What was seen: {n} rows, {trials} trials", zh="看到的数字：{n} 行，{trials} 个试验"),
    "yes": Text(en="yes", zh="是"),
    "no": Text(en="no", zh="否"),
}
_ALT = Text(en="{metric} over training: {lines}.", zh="训练过程中的 {metric}：{lines}。")
_SWEEP_ALT = Text(
    en="{metric} at {n} learning rates, {unstable} of them unstable. The numbers are in the table.",
    zh="{n} 个学习率下的 {metric}，其中 {unstable} 个不稳。数字见表。",
)
_BEFORE_AFTER = Text(
    en="Dotted: before; solid: after; dashed: the run at the best stable rate. A run that explodes leaves at the top.",
    zh="点线：处理前；实线：处理后；虚线：最佳稳定学习率的那次训练。爆掉的训练会冲出图的上沿。",
)
_LEAVES = Text(en="A run that explodes leaves at the top.", zh="爆掉的训练会冲出图的上沿。")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPart:
    """The latest answer of one procedure.

    name     the procedure, as `playnote measure` calls it
    about    what it is for, in the playbook's words
    answer   yes, no or unknown
    columns  names of the table's columns; `rows` its lines
    edits    place in the project file, and the proposed value as it is written there
    """

    name: str
    about: Text
    answer: str
    message: Text
    time: str
    trials: int
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    edits: tuple[tuple[str, str], ...]
    notes: tuple[Text, ...]
    figures: tuple[Figure, ...]


def measured_parts(state: ProjectState) -> tuple[MeasuredPart, ...]:
    """The latest answer of each procedure that keeps with it what to show, in the order in which they were got."""
    latest: dict[str, JournalEvent] = {}
    for event in state.events("measurement"):
        shown = event.data.get("shown")
        if isinstance(shown, Mapping):
            name = str(shown.get("procedure"))
            latest.pop(name, None)
            latest[name] = event
    return tuple(_part(state, name, event) for name, event in latest.items())


def _part(state: ProjectState, name: str, event: JournalEvent) -> MeasuredPart:
    shown = _mapping(event.data.get("shown"))
    rows = [row for row in _listed(shown.get("rows")) if isinstance(row, Mapping)]
    columns = tuple(dict.fromkeys(str(key) for row in rows for key in row))
    known = PROCEDURES.get(name)
    return MeasuredPart(
        name=name,
        about=known.text if known is not None else same(name),
        answer=str(event.data.get("verdict")),
        message=_text(event.data.get("message")),
        time=event.time,
        trials=len(_listed(event.data.get("trials"))),
        columns=columns,
        rows=tuple(tuple(row.get(column) for column in columns) for row in rows),
        edits=tuple(
            (str(place), json.dumps(value, ensure_ascii=False)) for place, value in _mapping(shown.get("edits")).items()
        ),
        notes=tuple(_text(note) for note in _listed(shown.get("notes"))),
        figures=(*_sweep(state, name, rows), *_curves(state, name, shown)),
    )


def _sweep(state: ProjectState, name: str, rows: Sequence[Mapping[str, object]]) -> list[Figure]:
    if name != "lr":
        return []
    metric = state.project.objective.formula
    drawing = {lang: spec for lang in LANGUAGES if (spec := sweep_spec(rows, "lr", metric, lang)) is not None}
    unstable = sum(row.get("stable") is False for row in rows)
    alt = _SWEEP_ALT.fill(metric=metric, n=len(rows), unstable=unstable)
    return [Figure("measured-lr-sweep", "measured", "vega", drawing, alt)] if drawing else []


def _curves(state: ProjectState, name: str, shown: Mapping[str, Any]) -> list[Figure]:
    """A picture a series, of the runs that the procedure wants seen."""
    settings = [_setting(line) for line in _listed(shown.get("lines")) if isinstance(line, Mapping)]
    unit = state.project.workflow.unit if state.project.workflow else "steps"
    captions = (_BEFORE_AFTER,) if any(each.part == "before" for each in settings) else (_LEAVES,)
    figures: list[Figure] = []
    for at, metric in enumerate(str(each) for each in _listed(shown.get("metrics"))):
        facts = measure_before_after(state.curves, metric, settings, unit)
        if not facts.curves.lines:
            continue
        drawing = {lang: before_after_data(facts, lang) for lang in LANGUAGES}
        lines = {lang: ", ".join(line["label"] for line in drawing[lang]["lines"]) for lang in LANGUAGES}
        alt = _ALT.fill(metric=metric, lines=Text(en=lines["en"], zh=lines["zh"]))
        figures.append(
            Figure(f"measured-{name}-{at}", "measured", "uplot", drawing, alt, captions if not figures else ())
        )
    return figures


def _setting(line: Mapping[str, Any]) -> Setting:
    part: Part = line["part"] if line.get("part") in get_args(Part) else "probe"
    return Setting(str(line.get("label")), part, tuple(str(each) for each in _listed(line.get("trials"))))


def _text(said: object) -> Text:
    words = _mapping(said)
    return Text(en=str(words.get("en", "")), zh=str(words.get("zh", "")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
