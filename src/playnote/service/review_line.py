"""One answer of a review: its word, what it says, the evidence under it, and what would settle it at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from playnote.records.finding import Finding, Settle
from playnote.service.plain import finding_view, finite
from playnote.text import Text

Word = Literal["sure", "likely", "fine", "unknown"]
ORDER: tuple[Word, ...] = ("sure", "likely", "fine", "unknown")


@dataclass(frozen=True, slots=True)
class Line:
    """One answer.

    word    "sure": it follows from what is on record; "likely": a judgement with a probability; "fine": looked at,
            and nothing against it; "unknown": the trials cannot tell
    about   what it speaks of: "boundary:lr:high", "ties", "split:optimizer"
    settle  for an open question, what would decide it; `runs` is its price in training runs
    """

    word: Word
    about: str
    text: Text
    evidence: tuple[Text, ...] = ()
    p: float | None = None
    settle: Text | None = None
    runs: int | None = None
    finding: Finding | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "word": self.word,
            "about": self.about,
            "text": self.text.as_json(),
            "evidence": [each.as_json() for each in self.evidence],
            "probability": finite(self.p),
            "settle": self.settle.as_json() if self.settle else None,
            "runs": self.runs,
            "finding": finding_view(self.finding) if self.finding else None,
        }


def open_line(about: str, text: Text, settle: Settle | None, *, finding: Finding | None = None) -> Line:
    """A question that stays open, with what would settle it."""
    said, runs = (None, None) if settle is None else (settle.text, settle.runs)
    return Line("unknown", about, text, settle=said, runs=runs, finding=finding)
