"""Every sentence a person reads, in English and in Chinese.

A `Text` holds both; the face that shows it picks one. Filling in numbers gives
a new `Text`, so a sentence is translated whole and never glued from pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `str()` gives the English one."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def pick(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> Text:
        """The same sentence with its `{placeholders}` filled; a `Text` value is filled per language."""
        return Text(
            en=self.en.format(**{name: _in(value, "en") for name, value in values.items()}),
            zh=self.zh.format(**{name: _in(value, "zh") for name, value in values.items()}),
        )

    def as_json(self) -> dict[str, str]:
        """`{"en": ..., "zh": ...}`, as every interface sends it."""
        return {"en": self.en, "zh": self.zh}


def same(words: str) -> Text:
    """A `Text` for what reads alike in both languages: a name, a number, a command."""
    return Text(en=words, zh=words)


def _in(value: object, language: Language) -> object:
    return value.pick(language) if isinstance(value, Text) else value
