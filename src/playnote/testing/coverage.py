"""Writes the page that says of every rule how it is answered, in both languages.

    python -m playnote.testing.coverage

Three kinds: decided from data, asked of the user, answered by a procedure. What a rule is is read off the rule itself:
`by` names a procedure, `asks` a question; a rule with neither is decided from what is declared and recorded.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from playnote.playbook.catalog import CATALOG
from playnote.playbook.measured import PROCEDURES
from playnote.playbook.rule import Rule
from playnote.text import Language, Text

FOLDER = Path("docs/reference")
PAGES: dict[Language, str] = {"en": "coverage.md", "zh": "coverage.zh.md"}
_KINDS = {
    "data": Text(en="decided from data", zh="由数据判定"),
    "asked": Text(en="asked of the user", zh="问用户"),
    "procedure": Text(en="by a procedure", zh="由流程测定"),
}
_TITLE = Text(en="How each rule is answered", zh="每条规则怎么得出结论")
_LEAD = Text(
    en="{n} rules: {playbook} of the playbook, and {extra} (ids that begin with X+) that a correct reading of it also "
    "needs. A rule whose facts are not there is unknown and names them; it never passes, and never counts as broken. "
    "A rule that is answered by a procedure, or asked of the user, is decided from records wherever they suffice.",
    zh="共 {n} 条规则：手册的 {playbook} 条，另有 {extra} 条（编号以 X+ 开头）是正确理解手册所必需的。缺事实时结论是“说不清”，"
    "并写明缺什么；既不算通过，也不算违反。由流程测定或问用户的规则，记录够用时直接由记录判定。",
)
_WRITTEN = Text(
    en="Written by `python -m playnote.testing.coverage`; do not edit.",
    zh="由 `python -m playnote.testing.coverage` 生成，勿手改。",
)
_NOT_YET = Text(en="not built yet", zh="尚未实现")
_HEAD = Text(en="| rule | says | where | answered | how |", zh="| 规则 | 内容 | 出处 | 方式 | 具体 |")
_PROCEDURES = Text(en="Procedures", zh="流程")
_HANDS_OVER = Text(
    en='A procedure writes a journal event "measurement" with these names in `result`; anything else it writes is kept, and '
    "read by no rule.",
    zh='流程写一条 "measurement" 日志，`result` 里用下列名字；别的内容会保留，但没有规则去读。',
)
_PROCEDURE_HEAD = Text(
    en="| procedure | does | command | rules read | rules |", zh="| 流程 | 做什么 | 命令 | 规则读取 | 规则数 |"
)
_FROM = Text(en="records and declarations", zh="记录与声明")


def kind_of(rule: Rule) -> str:
    """data, asked or procedure."""
    if rule.by is not None:
        return "procedure"
    return "asked" if rule.asks is not None else "data"


def page(language: Language) -> str:
    """The whole page."""
    extra = sum(rule.chapter == "X" for rule in CATALOG)
    lead = _LEAD.fill(n=len(CATALOG), playbook=len(CATALOG) - extra, extra=extra)
    parts = [
        f"# {_TITLE.pick(language)}\n",
        f"{lead.pick(language)}\n",
        _counts(language),
        *(_chapter(chapter, language) for chapter in dict.fromkeys(rule.chapter for rule in CATALOG)),
        _procedures(language),
        f"{_WRITTEN.pick(language)}\n",
    ]
    return "\n".join(parts)


def _procedures(language: Language) -> str:
    """Each procedure, its command, the numbers that rules read of it, and how many rules wait for it."""
    waiting = Counter(rule.by for rule in CATALOG)
    rows = [
        f"| `{name}` | {row.text.pick(language)} | {f'`playnote {row.verb}`' if row.verb else _NOT_YET.pick(language)} "
        f"| {', '.join(row.reads)} | {waiting[name]} |"
        for name, row in PROCEDURES.items()
    ]
    head = [f"## {_PROCEDURES.pick(language)}\n", f"{_HANDS_OVER.pick(language)}\n", _PROCEDURE_HEAD.pick(language)]
    return "\n".join([*head, "|---|---|---|---|---|", *rows, ""])


def _counts(language: Language) -> str:
    kinds = Counter(kind_of(rule) for rule in CATALOG)
    lines = [f"- {_KINDS[kind].pick(language)}: {kinds[kind]}" for kind in _KINDS]
    waiting = sum(rule.by is not None and PROCEDURES[rule.by].verb is None for rule in CATALOG)
    note = Text(
        en="  - of these waiting for a procedure that is not built yet: {n}", zh="  - 其中等待尚未实现的流程：{n}"
    )
    return "\n".join([*lines, note.fill(n=waiting).pick(language), ""])


def _chapter(chapter: str, language: Language) -> str:
    rows = [_row(rule, language) for rule in CATALOG if rule.chapter == chapter]
    return "\n".join([f"## {chapter}\n", _HEAD.pick(language), "|---|---|---|---|---|", *rows, ""])


def _row(rule: Rule, language: Language) -> str:
    said = rule.text.pick(language).replace("|", "\\|")
    where = ", ".join(rule.sections)
    return f"| `{rule.id}` | {said} | {where} | {_KINDS[kind_of(rule)].pick(language)} | {_how(rule, language)} |"


def _how(rule: Rule, language: Language) -> str:
    parts = []
    if rule.by is not None:
        verb = PROCEDURES[rule.by].verb
        parts.append(f"`{rule.by}`: " + (f"`playnote {verb}`" if verb else _NOT_YET.pick(language)))
    if rule.asks is not None:
        parts.append(rule.asks.pick(language))
    return "; ".join(parts).replace("|", "\\|") if parts else _FROM.pick(language)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both pages; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in PAGES.items():
        (folder / name).write_text(page(language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
