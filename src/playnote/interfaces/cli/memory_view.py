"""Ranking, knowledge, re-scored history and the metric audit as lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from playnote.errors import InputError
from playnote.interfaces.cli.output import Face
from playnote.interfaces.cli.show import text_of
from playnote.service.metric_audit import Side
from playnote.text import Text

Json = Mapping[str, Any]
_RANKED = Text(
    en="{ranked} ranked, {undetermined} cannot be placed, {rejected} break a constraint.",
    zh="排上名 {ranked} 个，没法排 {undetermined} 个，违反约束 {rejected} 个。",
)
_TIE = Text(
    en="Single runs nearer than {margin} are ties (seed SD {sd}).",
    zh="单次结果相差不到 {margin} 的算并列（种子标准差 {sd}）。",
)
_NO_TIE = Text(
    en="Seed noise is not known, so nothing is said about ties. Next: playnote baseline --seeds 3",
    zh="不知道种子波动，所以不判断并列。下一步：playnote baseline --seeds 3",
)
_MISSING = Text(en="not measured: {names}", zh="没测：{names}")
_DIVERGED = Text(en="diverged in {k} of {n} runs", zh="{n} 次里发散 {k} 次")
_VIOLATED = Text(en="breaks: {names}", zh="违反：{names}")
_LEAD = Text(
    en="Trial {names} would lead if it holds the constraint: measure it before choosing.",
    zh="试验 {names} 若满足约束就是第一：先测了再选。",
)
_NEAREST = Text(
    en="Nobody holds every constraint; trial {name} comes nearest. Loosen nothing in silence: decide, then change [objective].",
    zh="没有一个满足全部约束；试验 {name} 最接近。别悄悄放宽：先决定，再改 [objective]。",
)
_NOTHING = Text(en="Nothing is known yet: no round has taught anything.", zh="还什么都不知道：没有哪一轮给出过结论。")
_KINDS = {
    "sensitive": Text(en="SENSITIVE", zh="敏感"),
    "inert": Text(en="NO EFFECT", zh="没作用"),
    "coupled": Text(en="COUPLED", zh="有耦合"),
    "helped": Text(en="HELPED", zh="有用"),
    "no-gain": Text(en="NO GAIN", zh="没提升"),
    "failed": Text(en="FAILED", zh="失败"),
    "open": Text(en="OPEN", zh="未定"),
    "decided": Text(en="DECIDED", zh="已决定"),
}
_ROUND = Text(en="round {n}", zh="第 {n} 轮")
_HOLDS = Text(en="held: {fixed}", zh="固定：{fixed}")
_RESCORED = Text(
    en="Objective {old} -> {new}: {n} trials re-scored, {lost} cannot be compared.",
    zh="目标第 {old} 版 → 第 {new} 版：重算了 {n} 个试验，{lost} 个没法比。",
)
_CHANGED = Text(en="CHANGED   round {n}: {before} -> {after}", zh="变了      第 {n} 轮：{before} → {after}")
_SAME = Text(en="SAME      round {n}: {after}", zh="没变      第 {n} 轮：{after}")
_BIASED = Text(
    en="          its points were chosen by the old metric: the order is biased toward it",
    zh="          这些点是按旧指标选的：次序偏向旧指标",
)
_AGREE = Text(
    en="{agreed} of {n} judged pairs agree with the score ({share}, 90 %: {low} to {high}).",
    zh="评过的 {n} 对里，{agreed} 对和分数一致（{share}，90 % 区间 {low} 到 {high}）。",
)
_LABELS = {
    "yes": Text(en="SUSPECT   People prefer the worse score.", zh="指标可疑  人更喜欢分数差的。"),
    "no": Text(en="KEEP      The score speaks for people.", zh="指标可用  分数和人的看法一致。"),
    "unknown": Text(en="CANNOT TELL yet.", zh="还说不清。"),
}
_NOBODY = Text(en="Nobody has judged a pair of trials yet.", zh="还没有人评过试验对。")
_NO_SCORES = Text(
    en="Fewer than two trials have a score, so there is no pair for people to judge. Next: playnote next",
    zh="有分数的试验不到两个，没有可以请人评的对。下一步：playnote next",
)
_JUDGE = Text(
    en="Pairs to judge, without looking at the score: playnote metric --judge A:B:first",
    zh="请评这几对，别看分数：playnote metric --judge A:B:first",
)


def judged(text: str) -> tuple[str, str, Side]:
    """`A:B:first` as its three parts."""
    parts = text.split(":")
    if len(parts) == 3 and parts[2] in ("first", "second", "neither"):
        return parts[0], parts[1], cast(Side, parts[2])
    raise InputError(
        Text(en="{text!r} is no judged pair.", zh="{text!r} 不是一对评判。").fill(text=text),
        fix=Text(en="Write it as t0001:t0002:first.", zh="写成 t0001:t0002:first。"),
    )


def show_ranking(data: Json, face: Face) -> None:
    """Places, then why the others have none."""
    face.line(_RANKED.fill(**data["counts"]))
    for place in data["places"]:
        why = ""
        if place["diverged"]:
            why = face.say(_DIVERGED.fill(k=place["diverged"], n=place["runs"]))
        elif place["missing"]:
            why = face.say(_MISSING.fill(names=", ".join(place["missing"])))
        if place["violated"]:
            why = face.say(
                _VIOLATED.fill(names=", ".join(f"{v['metric']} = {v['value']:g}" for v in place["violated"]))
            )
        score = "-" if place["score"] is None else f"{place['score']:.5g}"
        face.line(f"  {place['rank'] or '-':>4}  {place['trial']:<8} {score:<10} n {place['runs']}  {why}".rstrip())
    if data["would_lead"]:
        face.line(_LEAD.fill(names=", ".join(data["would_lead"])))
    if data["nearest"]:
        face.line(_NEAREST.fill(name=data["nearest"]))
    tie = data["tie_within"]
    face.line(_NO_TIE if tie is None else _TIE.fill(margin=f"{tie:.4g}", sd=f"{data['seed_sd']:.4g}"))


def show_knowledge(data: Json, face: Face) -> None:
    """A line a lesson."""
    if not data["lessons"]:
        face.line(_NOTHING)
    for lesson in data["lessons"]:
        word = face.say(_KINDS[lesson["kind"]])
        pad = " " * max(1, 11 - sum(2 if ord(c) > 0x2E80 else 1 for c in word))
        right = f"  {lesson['probability']:.0%}" if lesson["probability"] is not None else ""
        where = f"  ({face.say(_ROUND.fill(n=lesson['round']))})" if lesson["round"] else ""
        face.line(f"{word}{pad}{text_of(lesson['text'], face)}{right}{where}")
        if lesson["conditions"]:
            fixed = ", ".join(f"{k} = {v}" for k, v in lesson["conditions"].items())
            face.line(" " * 11 + face.say(_HOLDS.fill(fixed=fixed)))


def show_rescored(data: Json, face: Face) -> None:
    """Which conclusions changed."""
    face.line(
        _RESCORED.fill(
            old=data["from"]["version"], new=data["to"]["version"], n=data["rescored"], lost=len(data["incomparable"])
        )
    )
    for each in data["rounds"]:
        before, after = (_conclusion(each[side]) for side in ("before", "after"))
        face.line((_CHANGED if each["changed"] else _SAME).fill(n=each["round"], before=before, after=after))
        if each["biased"]:
            face.line(_BIASED)


def _conclusion(side: Json) -> str:
    value = "" if side["winner"] is None else f"{side['winner']} ({side['label']}), "
    return f"{value}{side['best'] or '-'}"


def show_metric(data: Json, face: Face) -> None:
    """The agreement, the remedies where they are needed, and pairs to judge."""
    finding, counts = data["finding"], data["judged"]
    if counts["decided"]:
        low, high = finding["interval"]
        face.line(
            _AGREE.fill(
                agreed=counts["agreed"],
                n=counts["decided"],
                share=f"{finding['estimate']:.0%}",
                low=f"{low:.0%}",
                high=f"{high:.0%}",
            )
        )
    face.line(_LABELS[finding["label"]])
    if finding["note"]:
        face.line(text_of(finding["note"], face))
    if finding["label"] == "unknown" and not counts["decided"]:
        face.line(_NOBODY if data["pairs"] else _NO_SCORES)
    for number, remedy in enumerate(data["remedies"], start=1):
        face.line(f"  {number}. {text_of(remedy, face)}")
    if data["pairs"] and finding["label"] == "unknown":
        face.line(_JUDGE)
        for first, second in data["pairs"]:
            face.line(f"  {first}:{second}")
