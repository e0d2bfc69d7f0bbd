"""The gaps of the ladder as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from playnote.diagnosis.gaps import GapFinding
from playnote.playbook.facts.ladder import Ladder
from playnote.reports import words
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap: its size as a share of examples, its 90 % interval, and how sure it is.

    real     P(it is at least the smallest effect that matters), None where nothing can be said
    largest  P(it is the largest of those that can be measured)
    needs    what is missing where it cannot be told
    """

    name: Text
    size: float | None
    interval: tuple[float, float] | None
    real: float | None
    largest: float | None
    needs: tuple[Text, ...]


def gap_rows(ladder: Ladder) -> tuple[GapRow, ...]:
    """Every gap, in the ladder's own order: largest first, then those that cannot be measured."""
    return tuple(_row(each) for each in ladder.findings)


def _row(found: GapFinding) -> GapRow:
    return GapRow(
        words.GAPS[str(found.target["gap"])], found.estimate, found.interval, found.p, found.largest, found.missing
    )
