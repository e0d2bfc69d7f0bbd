"""What a person declared or answered, and how it is judged: silence is unknown, a plain no is a no."""

from __future__ import annotations

import re

from playnote.playbook.verdict import Action, Judgement, cannot_tell, fails, passes, warns
from playnote.text import Text, same

_NO = re.compile(r"\s*((no|not|none|never|false|nothing)\b|否|没|不|无)", re.IGNORECASE)


def is_no(words: str | None) -> bool:
    """Whether the answer begins with a no."""
    return words is not None and bool(_NO.match(words))


def is_yes(words: str | None) -> bool:
    """Whether something was answered that is not a no."""
    return words is not None and bool(words.strip()) and not is_no(words)


def ask(rule: str) -> Action:
    """The action that answers a rule's question."""
    return Action(Text(en="Answer {rule}.", zh="回答 {rule}。").fill(rule=rule), f'playnote answer {rule} "..."')


def not_said(rule: str, what: Text) -> Judgement:
    """Nobody has said it yet."""
    return cannot_tell(
        Text(en="Not said yet: {what}.", zh="还没说明：{what}。").fill(what=what),
        missing=(what,),
        actions=(ask(rule),),
    )


def as_said(words: str | None, rule: str, what: Text, *, no: str = "fail") -> Judgement:
    """Pass on what was said, `no` ("fail" or "warn") on a plain no, unknown on silence."""
    if words is None or not words.strip():
        return not_said(rule, what)
    if is_no(words):
        speak = warns if no == "warn" else fails
        return speak(Text(en="Answered: {said}", zh="回答是：{said}").fill(said=same(words)))
    return passes(Text(en="Declared: {said}", zh="已声明：{said}").fill(said=same(words)))
