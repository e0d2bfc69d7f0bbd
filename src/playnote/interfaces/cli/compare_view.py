"""A comparison as lines of a terminal: the decision first, the runs under it, then what would decide."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from playnote.service.compare import Comparison
from playnote.service.compare_sentences import grain_of, percent, shown
from playnote.text import Language, Text

_RUNS_SHOWN = 8


def view(comparison: Comparison, language: Language = "en", *, acted: bool = False) -> str:
    """The whole answer, lines joined by newlines, in one language; no next step where what it names was done (`acted`)."""
    parts = [_head(comparison), _table(comparison, language), _noise(comparison), _prospects(comparison, language)]
    if not acted:
        parts.append([_next(comparison)])
    blocks = ["\n".join(line.pick(language).rstrip() for line in block) for block in parts if block]
    return "\n\n".join(blocks)


def _head(comparison: Comparison) -> list[Text]:
    word = {
        "adopt": Text(en="ADOPT", zh="可以上线"),
        "keep": Text(en="KEEP THE BASELINE", zh="baseline 不动"),
        "undecided": Text(en="NOT DECIDED", zh="还不能定"),
    }[comparison.decision]
    said = Text(en=_after_colon(comparison.message.en, ": "), zh=_after_colon(comparison.message.zh, "："))
    return [Text(en="{word}   {said}", zh="{word}   {said}").fill(word=word, said=said)]


def _after_colon(sentence: str, colon: str) -> str:
    """The message without the verdict it opens with."""
    head, found, rest = sentence.partition(colon)
    if not found or len(head) > 20:
        return sentence
    return rest[0].upper() + rest[1:] if rest[:1].isascii() else rest


def _table(comparison: Comparison, language: Language) -> list[Text]:
    """Mean and runs of both arms, and the gain with its interval."""
    facts = comparison.facts
    grain = facts.sd if facts.sd else None
    first = (Text(en="", zh=""), Text(en="mean", zh="均值"), Text(en="runs", zh="各次"))
    sign = 1.0 if comparison.direction == "minimize" else -1.0
    rows = [tuple(cell.pick(language) for cell in first)]
    for index, runs in enumerate((comparison.baseline, comparison.candidate)):
        mean = "-" if facts.means is None else shown(sign * facts.means[index], grain)
        rows.append((_name(comparison, index, language), mean, _runs(runs, grain, language)))
    gain = Text(en="gain", zh="提升").pick(language)
    rows.append(
        (gain, "-" if facts.gain is None else shown(facts.gain, grain_of(facts)), _interval(comparison).pick(language))
    )
    widths = [max(_width(row[column]) for row in rows) for column in (0, 1)]
    return [
        Text(en=line, zh=line)
        for line in (f"  {_padded(row[0], widths[0])}   {_padded(row[1], widths[1])}   {row[2]}" for row in rows)
    ]


def _name(comparison: Comparison, index: int, language: Language) -> str:
    role = (Text(en="baseline", zh="baseline"), Text(en="candidate", zh="候选"))[index].pick(language)
    name = comparison.names[index]
    return role if name in ("baseline", "candidate") else f"{role} ({name})"


def _runs(runs: Sequence[float], grain: float | None, language: Language) -> str:
    failed = Text(en="failed", zh="失败").pick(language)
    words = [shown(value, grain) if math.isfinite(value) else failed for value in runs[:_RUNS_SHOWN]]
    if len(runs) > _RUNS_SHOWN:
        words.append(
            Text(en="and {n} more", zh="等共 {all} 次").fill(n=len(runs) - _RUNS_SHOWN, all=len(runs)).pick(language)
        )
    return "  ".join(words)


def _interval(comparison: Comparison) -> Text:
    facts, grain = comparison.facts, grain_of(comparison.facts)
    counts = f"n {facts.n[0]} + {facts.n[1]}"
    if facts.interval is None:
        text = Text(en="no interval: {counts}", zh="没有区间：{counts}").fill(counts=counts)
    else:
        low, high = (shown(end, grain) for end in facts.interval)
        words = {"low": low, "high": high, "level": f"{100 * facts.level:g} %", "counts": counts}
        text = Text(en="[{low}, {high}] {level}, {counts}", zh="[{low}, {high}]（{level}），{counts}").fill(**words)
    if facts.min_effect is not None:
        more = Text(en="{text}; matters from {effect}", zh="{text}；差 {effect} 以上才算数")
        return more.fill(text=text, effect=f"{facts.min_effect:g}")
    return text


def _noise(comparison: Comparison) -> list[Text]:
    """Chances with their prior, the noise and where it was learned, the test."""
    facts, lines = comparison.facts, []
    if facts.chance is not None and facts.enough:
        lines.append(_CHANCES.fill(
            better=percent(facts.chance.better), none=percent(facts.chance.none), worse=percent(facts.chance.worse),
            prior=f"{10 * facts.prior.none:g}", hurt=f"{10 * facts.prior.worse:g}",
        ))  # fmt: skip
    if facts.sd is not None:
        source = _FROM_RUNS if not facts.history[0] else _FROM_HISTORY
        words = {
            "sd": shown(facts.sd, facts.sd),
            "n": sum(facts.n),
            "groups": facts.history[0],
            "runs": facts.history[1],
        }
        lines.append(source.fill(**words))
    if facts.correlation is not None:
        lines.append(_PAIRS.fill(rho=f"{facts.correlation:.2f}"))
    if facts.p_value is not None and facts.enough:
        lines.append(_test(comparison))
    if max(facts.failures):
        lines.append(_failures(comparison))
    return lines


def _test(comparison: Comparison) -> Text:
    facts = comparison.facts
    p = f"{facts.p_value:.2g}" if (facts.p_value or 0) >= 1e-4 else "<0.0001"
    if facts.evidence is not None:
        return _EVIDENCE.fill(e=f"{facts.evidence:.3g}", needed=f"{1 / (2 * facts.alpha):g}")
    if facts.looks.mode == "planned":
        most = max(facts.looks.plan, default=0)
        return _PLANNED.fill(p=p, needed=f"{facts.needed:.2g}", most=most)
    return _ONE_LOOK.fill(p=p, needed=f"{facts.needed:g}")


def _failures(comparison: Comparison) -> Text:
    facts = comparison.facts
    words = {
        "a": facts.failures[0], "n_a": facts.failures[0] + facts.n[0],
        "b": facts.failures[1], "n_b": facts.failures[1] + facts.n[1], "p": percent(facts.fails_more),
    }  # fmt: skip
    return _FAILED.fill(**words)


def _prospects(comparison: Comparison, language: Language) -> list[Text]:
    """What more runs would show, and what is likelier if one must choose now."""
    if comparison.decision != "undecided":
        return []
    facts, lines = comparison.facts, []
    if facts.power and facts.enough and comparison.more_runs:
        more = facts.power[0][1]
        heads = [f"{gain:.3g}" for gain, _, _ in facts.power]
        chances = [percent(p) for _, _, p in facts.power]
        labels = (_IF_GAIN.pick(language), _ADOPT_IT.fill(more=more).pick(language))
        width = max(_width(label) for label in labels)
        for label, cells, tail in zip(
            labels, (heads, chances), ("", _TOTAL.fill(n=2 * more).pick(language)), strict=True
        ):
            row = "   ".join(f"{cell:>7}" for cell in cells)
            line = f"{_padded(label, width)}  {row}   {tail}"
            lines.append(Text(en=line, zh=line))
    if facts.chance is not None:
        lines.append(_must_choose(comparison))
    return lines


def _must_choose(comparison: Comparison) -> Text:
    facts, shares = comparison.facts, comparison.shares
    if shares is None or comparison.finding.barred or shares.better <= shares.worse:
        return _STAY
    words = {"better": f"{100 * shares.better:.0f}", "worse": f"{100 * shares.worse:.0f}"}
    if facts.min_effect is None:
        return _SWITCH.fill(**words)
    return _SWITCH_UNSHOWN.fill(**words, effect=f"{facts.min_effect:g}")


def _next(comparison: Comparison) -> Text:
    if comparison.decision == "adopt":
        return Text(en="Next: make the candidate the new baseline.", zh="下一步：把候选定为新的 baseline。")
    if comparison.decision == "keep":
        return Text(en="Next: keep the baseline and try another idea.", zh="下一步：保留 baseline，换个想法再试。")
    if comparison.facts.identical:
        return Text(en="Next: check that each run gets a seed of its own.", zh="下一步：检查每次训练是否真的换了种子。")
    if comparison.more_runs is None:
        return Text(
            en="Next: keep the baseline; seeds alone will not settle this.",
            zh="下一步：先用 baseline；光加种子定不下来。",
        )
    most = (
        max(sum(pair) for pair in zip(comparison.facts.n, comparison.facts.failures, strict=True))
        + comparison.more_runs
    )
    return _RUN_MORE.fill(more=comparison.more_runs, total=2 * comparison.more_runs, most=most)


def _width(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


_CHANCES = Text(
    en="  really better {better}      no real difference {none}      worse {worse}     "
    "(if {prior} of 10 ideas do nothing and {hurt} of 10 hurt)",
    zh="  真的更好 {better}      没有差别 {none}      更差 {worse}     （假定 10 个想法里 {prior} 个没用、{hurt} 个有害）",
)
_FROM_RUNS = Text(
    en="  Seed noise {sd} (SD), from these {n} runs alone.",
    zh="  种子波动 {sd}（标准差），只来自这 {n} 次训练。",
)
_FROM_HISTORY = Text(
    en="  Seed noise {sd} (SD), from these {n} runs and {runs} earlier ones ({groups} configurations).",
    zh="  种子波动 {sd}（标准差），来自这 {n} 次训练和以往 {groups} 个配置的 {runs} 次重复。",
)
_PAIRS = Text(en="  Paired runs: correlation about {rho}.", zh="  配对比较：两边相关系数约 {rho}。")
_ONE_LOOK = Text(
    en="  p = {p}; adopting needs {needed}, for one look. Looking again after more runs needs a smaller one: plan it (--up-to).",
    zh="  p = {p}；只看这一次，上线要求 {needed}。补跑之后再看，要求会更严：请先定好上限（--up-to）。",
)
_PLANNED = Text(
    en="  p = {p}; adopting needs {needed}, because you may look after every seed up to {most} each.",
    zh="  p = {p}；上线要求 {needed}，因为每补一个种子都可以看一次，最多各 {most} 次。",
)
_EVIDENCE = Text(
    en="  Evidence {e}; adopting needs {needed}. You may look as often as you like.",
    zh="  证据值 {e}；上线要求 {needed}。想看几次都可以。",
)
_FAILED = Text(
    en="  Failed: baseline {a} of {n_a} runs, candidate {b} of {n_b}; the candidate fails more often with {p} probability.",
    zh="  训练失败：baseline {n_a} 次里 {a} 次，候选 {n_b} 次里 {b} 次；候选更容易失败的概率 {p}。",
)
_IF_GAIN = Text(en="If the true gain is", zh="如果真实提升是")
_ADOPT_IT = Text(en="{more} more runs each adopt it", zh="各再跑 {more} 次能定下上线")
_TOTAL = Text(en="{n} runs", zh="共 {n} 次训练")
_STAY = Text(
    en="If you must choose now: stay with the baseline.",
    zh="如果现在非选不可：留在 baseline。",
)
_SWITCH = Text(
    en="If you must choose now: switching is likelier to help than to hurt ({better} : {worse}), but that is not shown.",
    zh="如果现在非选不可：换过去有益的可能大于有害（{better} : {worse}），但还没有证实。",
)
_SWITCH_UNSHOWN = Text(
    en="If you must choose now: switching is likelier to help than to hurt ({better} : {worse}), but {effect} is not shown.",
    zh="如果现在非选不可：换过去有益的可能大于有害（{better} : {worse}），但 {effect} 的提升还没有证实。",
)
_WATCH_FAILURES = Text(
    en="Next: find out why the candidate's runs fail; more fresh seeds of both show how often.",
    zh="下一步：先查候选为什么会训练失败；两边多跑几个新种子，看失败有多频繁。",
)
_RUN_MORE = Text(
    en="Next: run {more} more fresh seeds of each ({total} runs), then compare again with --up-to {most}.",
    zh="下一步：两边各再跑 {more} 个新种子（共 {total} 次），再用 --up-to {most} 比较。",
)
