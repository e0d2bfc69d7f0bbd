"""One question of a case: which verdict, about what, and how to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playnote.records.finding import Finding


def no_answer() -> None:
    """Nothing to go on: unknown."""


@dataclass(frozen=True, slots=True)
class Question:
    """`answer` returns None where not even the numbers can be read."""

    verdict: str
    target: Mapping[str, object]
    answer: Callable[[], Finding | None] = no_answer
