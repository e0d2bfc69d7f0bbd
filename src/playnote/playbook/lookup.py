"""Finding rules and questions: by id, section number, or words in either language."""

from __future__ import annotations

import re

from playnote.errors import NotFoundError
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.faq import Question, find_questions
from playnote.playbook.rule import Rule
from playnote.text import Text

# "9.2", "app:E.3", "body:D.3.5", "E": with or without the part it stands in, since the two parts reuse letters.
_SECTION = re.compile(r"(?:(?:app|body):)?(?:[a-z]|\d+)(?:\.\d+)*")


def find_rules(words: str) -> tuple[Rule, ...]:
    """Rules with this id, in this section (or a part of it), or whose id and texts hold every word; nearest first.

    Raises NotFoundError where nothing matches.
    """
    found = _rules(words)
    if not found:
        raise _nothing(words)
    return found


def look_up(words: str) -> tuple[tuple[Rule, ...], tuple[Question, ...]]:
    """Rules and frequent questions about the words; raises NotFoundError where there are neither."""
    rules, questions = _rules(words), () if words in BY_ID else find_questions(words)
    if not rules and not questions:
        raise _nothing(words)
    return rules, questions


def _rules(words: str) -> tuple[Rule, ...]:
    asked = words.strip().lower()
    exact = tuple(rule for rule in CATALOG if rule.id.lower() == asked)
    if exact or not asked:
        return exact
    if _SECTION.fullmatch(asked):
        return tuple(rule for rule in CATALOG if any(_stands_in(section.lower(), asked) for section in rule.sections))
    wanted = asked.split()
    found = [rule for rule in CATALOG if all(word in _searched(rule) for word in wanted)]
    return tuple(sorted(found, key=lambda rule: _nearness(rule, wanted)))


def _nearness(rule: Rule, wanted: list[str]) -> int:
    """0: named by a word; 1: it begins with one; 2: it speaks of one; 3: found by something else (the sort keeps the order)."""
    name = rule.id.lower()
    if any(word in name for word in wanted):
        return 0
    texts = (rule.text.en.lower(), rule.text.zh.lower())
    if any(text.startswith(word) for text in texts for word in wanted):
        return 1
    return 2 if any(word in text for text in texts for word in wanted) else 3


def _stands_in(section: str, asked: str) -> bool:
    number = section if ":" in asked else section.split(":", 1)[-1]
    return number == asked or number.startswith(f"{asked}.")


def _searched(rule: Rule) -> str:
    told = [rule.id, *rule.sections, rule.text.en, rule.text.zh, rule.phase, rule.level, rule.by or ""]
    if rule.asks is not None:
        told += [rule.asks.en, rule.asks.zh]
    return " ".join(told).lower()


def _nothing(words: str) -> NotFoundError:
    return NotFoundError(
        Text(en="No rule matches {words!r}.", zh="没有规则匹配 {words!r}。").fill(words=words),
        fix=Text(
            en="Try an id (E3-boundary), a section (app:E.3, 9.2) or a word (dropout).",
            zh="试试编号（E3-boundary）、章节（app:E.3、9.2）或关键词（边界）。",
        ),
    )
