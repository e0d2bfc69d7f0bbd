"""Answers as lines of a terminal: verdict word first, number right, evidence under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playnote.interfaces.cli.output import Face
from playnote.text import Text

Json = Mapping[str, Any]
_WORDS = {
    "fail": Text(en="VIOLATED", zh="违反"),
    "warn": Text(en="CAREFUL", zh="留意"),
    "unknown": Text(en="CANNOT TELL", zh="说不清"),
    "pass": Text(en="FINE", zh="没问题"),
    "not-applicable": Text(en="NOT YET", zh="不适用"),
}
# A diagnosis that holds is something to act on; nobody broke a rule.
_FOUND = Text(en="FOUND", zh="诊断")
_ORDER = ("fail", "warn", "unknown", "pass")
_ANSWER = Text(en="ANSWER   ", zh="结论    ")
_NEXT = Text(en="Next: ", zh="下一步：")
_WHY = Text(en="Why: ", zh="原因：")
_COST = Text(en="Cost: {runs} training runs{minutes}", zh="代价：{runs} 次训练{minutes}")
_MISSING = Text(en="needs: ", zh="还缺：")
_ROUND = Text(
    en="Round {n}: {question}   {ended} of {planned} trials ended",
    zh="第 {n} 轮：{question}   {planned} 个试验跑完 {ended} 个",
)
_TABLE = Text(
    en="  {name:<14} best {metric:<14} expected best   gain over {base} [90 %]        trials",
    zh="  {name:<14} 最优 {metric:<14} 同预算期望最优  相对 {base} 的提升 [90 %]      可行试验",
)
_MATTERS = Text(
    en="  Matters from {effect}. Expected best: of {all} tries a value. Gains compare the best of {m}; seed SD {sd}.",
    zh="  差 {effect} 以上才算数。期望最优按各试 {all} 次算；提升按“各取 {m} 个试验里的最优”来比；种子标准差 {sd}。",
)
_BASELINE = Text(
    en="Baseline: {metric} {mean} (mean of {n} seeds: {runs}).",
    zh="baseline：{metric} {mean}（{n} 个种子的均值：{runs}）。",
)
_LOST = Text(en="{n} of {of} seeds diverged.", zh="{of} 个种子里发散了 {n} 个。")
_MARK = Text(en="<- best", zh="← 最好")
_PASSED = Text(en="FINE         {n} more rules hold.", zh="没问题       另有 {n} 条规则满足。")
_HOLDS = Text(en="Holds only for: {fixed} (fixed in this round).", zh="结论只在这些条件下成立：{fixed}（本轮固定）。")
_LATER = Text(
    en="Due now ({stage}): {fail} violated, {warn} to look at, {unknown} unanswered, {ok} fine; {later} later.",
    zh="现在该看的（{stage}）：违反 {fail}，留意 {warn}，没回答 {unknown}，满足 {ok}；还有 {later} 条以后再看。",
)
_UNGATED = Text(
    en="PAST GATE    `{operation}` of round {round} did not pass the gate (journal {journal}, by {actor}).",
    zh="绕过门禁     第 {round} 轮的 `{operation}` 没有过门禁（日志第 {journal} 条，{actor}）。",
)
_KNOWN = Text(en="Known from earlier rounds", zh="前几轮已经知道的")
_MORE = Text(en="  {n} more: playnote knowledge", zh="  还有 {n} 条：playnote knowledge")
_STAGES = {
    "declare": Text(en="declaring", zh="声明"),
    "baseline": Text(en="baseline", zh="baseline"),
    "plan": Text(en="planning", zh="计划"),
    "run": Text(en="running", zh="运行"),
    "decide": Text(en="deciding", zh="决定"),
}


def text_of(value: Mapping[str, str], face: Face) -> str:
    """A sentence of JSON in the chosen language."""
    return value[face.language]


def show_round(data: Json, face: Face) -> None:
    """A round: the question and its answer, the comparison, what to look at, the next step."""
    ended = sum(trial["outcome"] is not None for trial in data["trials"])
    face.line(_ROUND.fill(n=data["round"], question=data["question"], ended=ended, planned=data["trials_planned"]))
    face.line()
    _known(data["known"], face)
    face.line(face.say(_ANSWER) + text_of(data["answer"]["text"], face))
    face.line()
    if data["isolation"]:
        _isolation(data, face)
    else:
        _leading(data, face)
    for each in data["limits"]:
        face.line(text_of(each["text"], face))
    for each in data["search"]["lines"] if data["search"] else ():
        face.line(text_of(each, face))
    _verdicts(data["verdicts"], face)
    if data["fixed"]:
        face.line(_HOLDS.fill(fixed=", ".join(f"{k} = {v}" for k, v in data["fixed"].items())))
    _next(data["next"], face)


def _known(lessons: list[Json], face: Face, limit: int = 5) -> None:
    """What earlier rounds taught, latest first."""
    if not lessons:
        return
    face.line(_KNOWN)
    for lesson in lessons[::-1][:limit]:
        face.line(f"  {text_of(lesson['text'], face)}")
    if len(lessons) > limit:
        face.line(_MORE.fill(n=len(lessons) - limit))
    face.line()


def _isolation(data: Json, face: Face) -> None:
    isolation, metric = data["isolation"], data["metric"]
    name = ", ".join(data["scientific"])
    face.line(_TABLE.fill(name=name, metric=metric["name"], base=isolation["baseline"]))
    chosen = data["answer"]["value"]
    for level in isolation["levels"]:
        gain, interval = level["gain"], level["gain_interval"]
        base = level["value"] == isolation["baseline"]
        shown = "-" if base or gain is None else f"{gain:.4f} [{_n(interval, 0)}, {_n(interval, 1)}]"
        mark = f"   {face.say(_MARK)}" if level["value"] == chosen else ""
        face.line(
            f"  {level['value']!s:<14} {_number(level['best']):<19} {_number(level['expected_best']):<15} "
            f"{shown:<30} {level['n']} / {level['tried']}{mark}"
        )
    sd = data["seed_noise"]["sd"]
    face.line(
        _MATTERS.fill(
            effect=metric["min_effect"],
            all=isolation["budget"],
            m=isolation["gain_budget"],
            sd=f"{sd:.4f} (n - 1 = {data['seed_noise']['freedom']})" if sd is not None else "?",
        )
    )
    face.line()


def _leading(data: Json, face: Face, most: int = 3) -> None:
    """The best trials of a round that compares nothing, with what they were."""
    scored = [trial for trial in data["trials"] if trial["score"] is not None]
    sign = -1.0 if data["metric"]["direction"] == "maximize" else 1.0
    for trial in sorted(scored, key=lambda each: sign * each["score"])[:most]:
        varied = ", ".join(f"{k} = {_short(v)}" for k, v in trial["configuration"].items() if k not in data["fixed"])
        face.line(f"  {trial['id']}  {data['metric']['name']} {_number(trial['score'])}   {varied}")
    if scored:
        face.line()


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def show_baseline(data: Json, due: Json, face: Face) -> None:
    """The baseline's own scores, then what the rules say of it."""
    scores = [trial["score"] for trial in data["trials"] if trial["score"] is not None]
    lost = sum(str(trial["outcome"]).startswith("diverged") for trial in data["trials"])
    if scores:
        face.line(
            _BASELINE.fill(
                metric=data["metric"]["name"],
                mean=f"{sum(scores) / len(scores):.4f}",
                n=len(scores),
                runs="  ".join(f"{score:.4f}" for score in scores),
            )
        )
    if lost:
        face.line(_LOST.fill(n=lost, of=len(data["trials"])))
    show_check(due, face)


def _n(interval: Any, at: int) -> str:
    return "?" if interval is None else f"{interval[at]:.4f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _verdicts(verdicts: list[Json], face: Face, limit: int = 12) -> None:
    """What is not fine, worst first; what is fine is counted."""
    loud = sorted((v for v in verdicts if v["status"] in _ORDER[:3]), key=lambda v: _ORDER.index(v["status"]))
    for verdict in loud[:limit]:
        _verdict(verdict, face)
    passed = sum(verdict["status"] == "pass" for verdict in verdicts)
    if passed:
        face.line(_PASSED.fill(n=passed))
    face.line()


def _word(verdict: Json, face: Face) -> str:
    found = verdict["status"] == "fail" and verdict["level_of_rule"] == "IF"
    return face.say(_FOUND if found else _WORDS[verdict["status"]])


def _verdict(verdict: Json, face: Face) -> None:
    word = _word(verdict, face)
    pad = " " * max(1, 13 - sum(2 if ord(c) > 0x2E80 else 1 for c in word))
    chance = verdict["probability"]
    right = f"   {chance:.0%}" if chance is not None else ""
    face.line(f"{word}{pad}{text_of(verdict['message'], face)}{right}")
    for missing in list(dict.fromkeys(text_of(each, face) for each in verdict["missing"]))[:2]:
        face.line(f"             {face.say(_MISSING)}{missing}")


def show_check(data: Json, face: Face) -> None:
    """At most ten lines: what is due and not fine, then counts."""
    for each in data["ungated"][:1]:
        face.line(_UNGATED.fill(**each))
    loud = [v for v in data["verdicts"] if v["status"] in ("fail", "warn", "unknown")]
    for verdict in loud[: 8 - min(len(data["ungated"]), 1)]:
        word = _word(verdict, face)
        pad = " " * max(1, 13 - sum(2 if ord(c) > 0x2E80 else 1 for c in word))
        face.line(f"{word}{pad}{text_of(verdict['message'], face)}  ({verdict['rule']})")
    counts = data["counts"]
    face.line(
        _LATER.fill(
            stage=_STAGES[data["stage"]],
            fail=len(data["violated"]),
            warn=counts["warn"] + counts["fail"] - len(data["violated"]),
            unknown=counts["unknown"],
            ok=counts["pass"],
            later=data["later"],
        )
    )


def show_next(data: Json, face: Face) -> None:
    """The one next step."""
    face.line(text_of(data["what"], face))
    face.line(f"{face.say(_WHY)}{text_of(data['why'], face)} ({', '.join(data['because'])})")
    if data["runs"]:
        minutes = f", {data['minutes']:.1f} min" if data["minutes"] else ""
        face.line(_COST.fill(runs=data["runs"], minutes=minutes))
    face.line(f"{face.say(_NEXT)}{data['command']}")


def _next(step: Json, face: Face) -> None:
    face.line(f"{face.say(_NEXT)}{text_of(step['what'], face)}")
    face.line(f"      {step['command']}")


def show_rules(data: Json, face: Face) -> None:
    """A page a rule: text, where it stands, how it is judged, what it bars; then the frequent questions."""
    for rule in data["rules"]:
        face.line(f"{rule['id']}   {rule['level']}   {', '.join(rule['sections'])}")
        face.line(f"  {text_of(rule['text'], face)}")
        face.line(f"  {rule['method']}")
        if rule["asks"]:
            face.line(f"  ? {text_of(rule['asks'], face)}")
        if rule["bars"]:
            face.line(f"  {face.say(_BARS)}{', '.join(rule['bars'])}")
    for each in data["questions"]:
        face.line(text_of(each["asks"], face))
        face.line(f"  {text_of(each['answer'], face)}")
        if each["rules"]:
            face.line(f"  -> {', '.join(each['rules'])}")


_BARS = Text(en="A violation bars: ", zh="违反时不允许：")
