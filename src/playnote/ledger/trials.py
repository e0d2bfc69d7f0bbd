"""Trials: the journal's part and the logs' part of each, put together and remembered once it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from playnote.ledger.book import Book
from playnote.ledger.cache import Key
from playnote.ledger.curves import LedgerCurves
from playnote.ledger.logs import Logs
from playnote.ledger.paths import Paths
from playnote.ledger.scores import Scores
from playnote.recorder.lines import Damage
from playnote.records.state import JournalEvent
from playnote.records.trial import TrialRecord


@final
class Trials:
    """Every trial of a ledger. What an event or a new line of a log costs does not grow with their number."""

    def __init__(self, paths: Paths, *, write: bool) -> None:
        self._write = write
        self.book = Book()
        self.logs = Logs(paths, write=write)
        self.curves = LedgerCurves(self.logs, self.book)
        self.scores = Scores(self.curves)
        self._records: dict[str, TrialRecord] = {}
        self._unstored: dict[Key, None] = {}

    @property
    def unstored(self) -> int:
        """How many attempts have ended that the cache does not hold yet."""
        return len(self._unstored)

    def take(self, event: JournalEvent) -> None:
        """One event of the journal."""
        name = self.book.apply(event)
        if name is not None:
            self._records.pop(name, None)
            self.scores.forget(name)
            if self._write and event.kind == "attempt-ended":
                self._unstored[(name, int(str(event.data["attempt"])))] = None

    def record(self, name: str) -> TrialRecord | None:
        """One trial, None where no such trial was planned or imported."""
        if name not in self.book.planned:
            return self.book.imported.get(name)
        record = self._records.get(name)
        if record is None:
            attempts = self.book.attempts.get(name, {})
            record = self.book.record(name, {number: self.logs.digest((name, number)) for number in attempts})
            if attempts and all(attempt.outcome is not None for attempt in attempts.values()):
                self._records[name] = record
        return record

    def all(self) -> Iterator[TrialRecord]:
        """Imported trials, then planned ones in the order of planning, each read as it is asked for."""
        yield from list(self.book.imported.values())
        for name in list(self.book.planned):
            record = self.record(name)
            if record is not None:
                yield record

    def store(self) -> None:
        """Put what has ended into the cache."""
        keys, self._unstored = list(self._unstored), {}
        self.logs.store(keys)

    def rebuild(self) -> int:
        """A new cache, from nothing; how many attempts it holds."""
        self.logs.rebuild()
        self._records.clear()
        self.scores.forget()
        self._unstored.update((key, None) for key, ended in self._keys() if ended)
        count = len(self._unstored)
        self.store()
        return count

    def bundle(self, round_: int) -> int:
        """Compress the logs of a round's trials, where every attempt has ended; how many bytes that freed."""
        planned = self.book.planned
        keys = [key for key, ended in self._keys() if ended and key[0] in planned and planned[key[0]].round == round_]
        return self.logs.files.bundle(round_, keys)

    def damage(self) -> Iterator[tuple[Key, Damage]]:
        """What cannot be read in the logs."""
        for key, _ in self._keys():
            for damage in self.logs.damage(key):
                yield key, damage

    def _keys(self) -> Iterator[tuple[Key, bool]]:
        for name, attempts in self.book.attempts.items():
            for number, attempt in attempts.items():
                yield (name, number), attempt.outcome is not None
