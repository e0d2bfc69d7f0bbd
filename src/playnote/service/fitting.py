"""Whether an answer can answer its question: what says nothing is refused before it is kept, or proposed."""

from __future__ import annotations

import re

from playnote.errors import InputError
from playnote.playbook.rule import Rule
from playnote.playbook.said import is_no
from playnote.text import Text

_YES = re.compile(r"\s*((yes|yeah|true|all|done|both)\b|是|对|有|已|都|会|能|可|同意|接受|做)", re.IGNORECASE)
_NOTHING = re.compile(r"\W*|\W*(todo|tbd|tba|tbc|n/?a|x+|placeholder|待定|待填|略)\W*", re.IGNORECASE)


def fitting(rule: Rule, said: str) -> str:
    """The answer, without blanks around it. Raises InputError where it says nothing, or neither yes nor no to a yes-or-no."""
    if _NOTHING.fullmatch(said):
        raise InputError(
            Text(en="{said!r} says nothing.", zh="{said!r} 等于没回答。").fill(said=said),
            fix=Text(en="Answer in words: {asks}", zh="用文字回答：{asks}").fill(asks=rule.asks or rule.text),
        )
    if rule.yes_or_no and not (is_no(said) or _YES.match(said)):
        raise InputError(
            Text(
                en="{rule} asks yes or no, and {said!r} is neither.", zh="{rule} 问的是是与否，{said!r} 看不出是哪个。"
            ).fill(rule=rule.id, said=said),
            fix=Text(
                en='Begin with yes or no, then say more: "yes, ...". It asks: {asks}',
                zh="先写“是”或“否”，再说明。问题是：{asks}",
            ).fill(asks=rule.asks or rule.text),
        )
    return said.strip()
