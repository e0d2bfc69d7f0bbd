"""How a value, a list of names and a near miss are written in a message."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable

from playnote.text import Text


def shown(value: object) -> str:
    """A value as the project file would hold it: strings in double quotes, true and false, numbers in full."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {shown(item)}" for key, item in value.items()) + " }"
    return repr(value)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word a misspelt one most likely meant, None where nothing is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def one_of(known: Iterable[str]) -> Text:
    """ "One of: a, b, c"."""
    return Text(en="One of: {names}.", zh="只能是其中之一：{names}。").fill(names=", ".join(known))


def instead_of(word: str, known: Iterable[str]) -> Text:
    """The fix for a misspelt word: the nearest known one, or "remove it"."""
    near = nearest(word, known)
    if near is None:
        return Text(en="Remove {word}.", zh="删掉 {word}。").fill(word=shown(word))
    return Text(en="Did you mean {near}?", zh="是不是想写 {near}？").fill(near=shown(near))
