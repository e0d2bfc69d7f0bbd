"""An answer in one language, and short enough for an agent's context: rows are cut, what was cut is said."""

from __future__ import annotations

import json
from typing import Any

from playnote.text import Language

MOST_TOKENS = 2_000


def tokens(value: Any) -> int:
    """Estimated tokens of a value as JSON: four plain characters each, a Chinese character one."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    plain = sum(ord(each) < 128 for each in text)
    return -(-plain // 4) + len(text) - plain


def spoken(value: Any, language: Language) -> Any:
    """The value with every sentence in one language."""
    if isinstance(value, dict):
        if value.keys() == {"en", "zh"}:
            return value[language]
        return {key: spoken(each, language) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [spoken(each, language) for each in value]
    return shortened(value)


def shortened(value: Any) -> Any:
    """A number with the digits that matter, and no more."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    return value


def fitted(data: dict[str, Any], rows_in: str, offset: int = 0, most: int = MOST_TOKENS) -> dict[str, Any]:
    """The answer with as many rows from `offset` on as fit; `truncated` and `next_offset` say what was left off."""
    if not rows_in:
        return _counted(data)
    rows = data[rows_in][offset:]
    room = most - tokens({**data, rows_in: []}) - 30
    kept = 0
    for row in rows:
        room -= tokens(row) + 1
        if room < 0 and kept:
            break
        kept += 1
    left = len(rows) - kept
    more = {"truncated": True, "next_offset": offset + kept} if left else {"truncated": False}
    return _counted({**data, rows_in: rows[:kept], **more})


def _counted(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "tokens": tokens(data) + 4}
