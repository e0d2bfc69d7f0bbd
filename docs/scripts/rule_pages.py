"""A page for each rule, in both languages, from the rule itself; they stand on the site and in no folder.

What a rule says in its examples is what its function says now: the page runs it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from verdict_pages import findings, page_name

from playnote.playbook import CATALOG
from playnote.playbook.measured import PROCEDURES
from playnote.playbook.rule import Rule, Scope
from playnote.playbook.verdict import Judgement, Status
from playnote.service.measure import MEASURES
from playnote.text import Language, Text

PLACE = "reference/rules"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SCOPES = {
    Scope.PROJECT: Text(en="the project", zh="整个项目"),
    Scope.ROUND: Text(en="each round", zh="每一轮"),
    Scope.HYPERPARAMETER: Text(en="each hyperparameter", zh="每个超参"),
    Scope.TRIAL: Text(en="each trial", zh="每个试验"),
}
_STATUSES: dict[Status, Text] = {
    "fail": Text(en="violated", zh="违反"),
    "warn": Text(en="careful", zh="留意"),
    "unknown": Text(en="cannot tell", zh="说不清"),
    "pass": Text(en="fine", zh="没问题"),
    "not-applicable": Text(en="does not apply", zh="不适用"),
}
_UNKNOWN = {
    "allow": Text(en="bars nothing", zh="不拦任何操作"),
    "acknowledge": Text(en="asks for an answer first", zh="要先回答才放行"),
    "bar": Text(en="bars the same", zh="同样拦下"),
}
_TITLE = Text(en="Rules", zh="规则")
_LEAD = Text(
    en="One page for each of the {n} rules, from the code. How each is answered, in one table: [coverage](../coverage.md).",
    zh="{n} 条规则各一页，由代码生成。一张表看全部：[每条规则怎么得出结论](../coverage.zh.md)。",
)


def file_name(rule: Rule | str, language: Language) -> str:
    """E3-boundary -> E3-boundary.md, or .zh.md; a + in an id becomes -."""
    name = rule if isinstance(rule, str) else rule.id
    return name.replace("+", "-") + (".md" if language == "en" else ".zh.md")


def pages() -> dict[str, str]:
    """Path under docs/ -> content: every rule in both languages, and an index for each language."""
    made = {f"{PLACE}/{file_name(rule, tongue)}": page(rule, tongue) for rule in CATALOG for tongue in LANGUAGES}
    return {**made, **{f"{PLACE}/{file_name('index', tongue)}": index(tongue) for tongue in LANGUAGES}}


def page(rule: Rule, language: Language) -> str:
    """One rule."""
    other: Language = "zh" if language == "en" else "en"
    head = [f"# {rule.id}", f"> {rule.text.pick(language)}"]
    head += [f"[{'中文' if other == 'zh' else 'English'}]({file_name(rule, other)})"]
    return "\n\n".join([*head, _table(rule, language), *_judged(rule, language), *_examples(rule, language)]) + "\n"


def index(language: Language) -> str:
    """Every rule with its sentence, chapter by chapter."""
    parts = [f"# {_TITLE.pick(language)}", _LEAD.fill(n=len(CATALOG)).pick(language)]
    for chapter in dict.fromkeys(rule.chapter for rule in CATALOG):
        rows = [
            f"- [{rule.id}]({file_name(rule, language)}): {rule.text.pick(language)}"
            for rule in CATALOG
            if rule.chapter == chapter
        ]
        parts += [f"## {chapter}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _table(rule: Rule, language: Language) -> str:
    rows = [
        (Text(en="strength", zh="强度"), rule.level.value),
        (Text(en="asked of", zh="针对"), _SCOPES[rule.scope].pick(language)),
        (Text(en="stands in the playbook", zh="手册出处"), ", ".join(f"`{each}`" for each in rule.sections)),
        (Text(en="falls due", zh="阶段"), f"`{rule.phase}`"),
        (Text(en="answered", zh="怎么回答"), _answered(rule, language)),
    ]
    if rule.bars:
        barred = ", ".join(f"`playnote {each}`" for each in rule.bars)
        rows += [
            (Text(en="broken, it bars", zh="违反时拦下"), barred),
            (Text(en="unknown, it", zh="说不清时"), _UNKNOWN[rule.on_unknown].pick(language)),
        ]
    lines = [f"| {name.pick(language)} | {_cell(said)} |" for name, said in rows]
    return "\n".join(["| | |", "|---|---|", *lines])


def _answered(rule: Rule, language: Language) -> str:
    parts = []
    if rule.by is not None:
        parts.append(_procedure(rule.by, language))
    if rule.asks is not None:
        asked = Text(en='{asks} (`playnote answer {id} "..."`)', zh='{asks}（`playnote answer {id} "……"`）')
        parts.append(asked.fill(asks=rule.asks, id=rule.id).pick(language))
    nothing = Text(en="from what is declared and recorded", zh="由声明和记录判定").pick(language)
    return "; ".join(parts) if parts else nothing


def _procedure(name: str, language: Language) -> str:
    """The procedure with its page where it has one, or its command."""
    what = PROCEDURES[name].text.pick(language)
    if name in MEASURES:
        return f"{what}: [measure {name}](../procedures/{name}.md)"
    verb = PROCEDURES[name].verb
    not_yet = Text(en="no command yet", zh="尚无命令").pick(language)
    return f"{what}: " + (f"`playnote {verb}`" if verb else not_yet)


def _judged(rule: Rule, language: Language) -> Iterator[str]:
    yield Text(en="## How it is judged", zh="## 怎么判（代码说明，英文）").pick(language)
    yield _escaped(inspect.getdoc(rule.check) or "")
    yield Text(en="It reads:", zh="用到的事实：").pick(language)
    yield "\n".join(f"- {_fact(kind)}" for kind in rule.needs)


def _fact(kind: type) -> str:
    """A fact by its name: the verdict's own page where it is a verdict, else what its type says of itself."""
    known = {each.__name__: page_name(each) for each in findings()}
    name = kind.__name__
    verdict = known.get(name) or known.get(name.removesuffix("s"))
    if verdict:
        return f"[{name}](../verdicts/{verdict}.md)"
    said = " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
    return f"`{name}`: {_escaped(re.split(r'(?<=[.]) (?=[A-Z`])', said)[0])}"


def _examples(rule: Rule, language: Language) -> Iterator[str]:
    yield Text(en="## What it says", zh="## 会说什么").pick(language)
    told = [(example.status, rule.check(*example.arguments())) for example in rule.examples]
    lines = [
        _line(status, said, language) for status, said in sorted(told, key=lambda each: list(_STATUSES).index(each[0]))
    ]
    head = Text(en="| verdict | its words |", zh="| 结论 | 原话 |").pick(language)
    yield "\n".join([head, "|---|---|", *dict.fromkeys(lines)])
    waive = Text(
        en='Set it aside, with a reason that shows in every report: `playnote waive {id} --because "..."`.',
        zh='不适用于你时写明理由豁免，理由会出现在每份报告里：`playnote waive {id} --because "……"`。',
    )
    yield waive.fill(id=rule.id).pick(language)


def _line(status: Status, said: Judgement, language: Language) -> str:
    need = Text(en=" *Needs:* ", zh=" *还缺：*").pick(language)
    do = Text(en=" *Then:* ", zh=" *接着：*").pick(language)
    words = _escaped(said.message.pick(language))
    if said.missing:
        words += need + _escaped("; ".join(each.pick(language) for each in said.missing))
    if said.actions:
        words += do + _escaped("; ".join(each.text.pick(language) for each in said.actions))
    return f"| {_STATUSES[status].pick(language)} | {_cell(words)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _escaped(text: str) -> str:
    """Words that are no Markdown: brackets and stars outside of code stand for themselves."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\[\]<*_])", r"\\\1", part) for part in parts)
