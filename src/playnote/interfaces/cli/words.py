"""The words of `--help`, in the language of the person who asks.

Options are declared when a module is imported, so the language is read off the
command line and the environment there and then.
"""

from __future__ import annotations

import sys

from playnote.interfaces.cli.output import language_of
from playnote.text import Text


def said(en: str, zh: str) -> str:
    """One of the two, as `--lang`, PLAYNOTE_LANG or the locale ask."""
    return Text(en=en, zh=zh).pick(language_of(asked()))


def asked() -> str | None:
    """What stands after `--lang` on this command line."""
    for place, word in enumerate(sys.argv):
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--lang" and place + 1 < len(sys.argv):
            return sys.argv[place + 1]
    return None
