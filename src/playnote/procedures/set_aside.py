"""Trials that their own code fails again and again: not run again without being asked, nor while the code is the same.

A trial that failed by its code is no result, so a round that is run again repeats it: the code may have been
corrected. When it has failed that way `code_failures` times, and the commit and the changes on top of it are what
they were (or are not known), another time costs money and tells nothing new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from playnote.ledger import Ledger
from playnote.records.round import PlannedTrial

_BY_CODE = "failed:code"


def set_aside(
    ledger: Ledger, pending: Iterable[PlannedTrial], about: Mapping[str, object], most: int
) -> tuple[PlannedTrial, ...]:
    """Of the pending trials, those that failed `most` times in their own code, the last time with the code of today.

    about  what `provenance` says of the code now
    """
    failures: Counter[str] = Counter()
    code: object = None
    seen: dict[str, object] = {}
    for event in ledger.events("run-started", "attempt-ended"):
        if event.kind == "run-started":
            code = _code(event.data)
        elif event.data["outcome"] == _BY_CODE:
            failures[str(event.data["trial"])] += 1
            seen[str(event.data["trial"])] = code
    today = _code(about)
    return tuple(each for each in pending if failures[each.id] >= most and seen[each.id] == today)


def _code(about: Mapping[str, object]) -> object:
    """What tells one state of the code from another; the same for all where there is no repository."""
    return about.get("commit"), about.get("dirty"), about.get("diff")
