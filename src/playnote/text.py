"""Every sentence a person reads, in English and in Chinese.

A `Text` holds both; the face that shows it picks one. Filling in numbers gives
a new `Text`, so a sentence is translated whole and never glued from pieces.
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn, final

Language = Literal["en", "zh"]
_set = object.__setattr__


@final
class Text:
    """One sentence in both languages, frozen; `str()` gives the English one.

    Written out by hand: a training script loads this file, and `dataclasses` alone costs it 8 ms.
    """

    __slots__ = ("en", "zh")
    __match_args__ = ("en", "zh")
    en: str
    zh: str

    def __init__(self, en: str, zh: str) -> None:
        _set(self, "en", en)
        _set(self, "zh", zh)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"cannot assign to {name!r}: a Text is frozen")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete {name!r}: a Text is frozen")

    def __eq__(self, other: object) -> bool:
        return (self.en, self.zh) == (other.en, other.zh) if isinstance(other, Text) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.en, self.zh))

    def __repr__(self) -> str:
        return f"Text(en={self.en!r}, zh={self.zh!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Text, (self.en, self.zh)

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
