"""The ledger: a project's durable record, read by many and written by one.

    ledger = Ledger.open(home)                       # reading never blocks and is never blocked
    with Ledger.write(home, actor="runner") as ledger:
        ledger.append("trial-planned", {"trials": [dump_planned(trial)]})

The truth is the journal and the attempts' logs; `ledger.db` is a cache that may be deleted at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import final

from playnote.errors import InternalError, LedgerError
from playnote.ledger.curves import LedgerCurves
from playnote.ledger.events import KINDS
from playnote.ledger.journal import JOURNAL_FORMAT, JournalWriter, mend_journal, now, read_journal
from playnote.ledger.lease import Holder, Lease, read_holder
from playnote.ledger.paths import Paths
from playnote.ledger.trials import Trials
from playnote.ledger.trouble import cannot_write, read_only
from playnote.records.naming import DeclaredCurves, declared
from playnote.records.objective import Objective
from playnote.records.project import Project, Split
from playnote.records.round import PlannedTrial, Round
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.records.trial import TrialRecord
from playnote.text import Text, same

_ENOUGH = 64  # ended attempts after which the cache is written


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the ledger that cannot be read: which file, from which byte, how many bytes, and what is wrong."""

    file: str
    offset: int
    bytes: int
    kind: str


@final
class Ledger:
    """One project's record. Get one with `Ledger.open` or `Ledger.write`; every method is safe from several threads."""

    def __init__(self, home: Path, lease: Lease | None = None, actor: str = "") -> None:
        self.paths = Paths(home)
        self._lease, self._actor = lease, actor
        self._lock = threading.RLock()
        self._events: list[JournalEvent] = []
        self._faults: list[Fault] = []
        self._end = 0
        self._trials = Trials(self.paths, write=lease is not None)
        self._journal: JournalWriter | None = None
        self._read()

    @classmethod
    def open(cls, home: Path) -> Ledger:
        """For reading. A home that does not exist yet is an empty ledger. Raises LedgerError for an unreadable one."""
        return cls(home)

    @classmethod
    @contextmanager
    def write(cls, home: Path, actor: str) -> Iterator[Ledger]:
        """For writing, with the lease. Raises LeaseError where another writer holds it, LedgerError for a bad disk."""
        paths = Paths(home)
        _prepare(paths)
        lease = Lease(paths.lease, actor)
        ledger: Ledger | None = None
        try:
            ledger = cls(home, lease, actor)
            ledger._begin()
            yield ledger
        finally:
            if ledger is not None:
                ledger.close()
            lease.release()

    def append(self, kind: str, data: Mapping[str, object], actor: str | None = None) -> JournalEvent:
        """One event, durable against the death of this process. Raises LedgerError, and then nothing was written."""
        _check(kind, data)
        with self._lock:
            if self._journal is None or self._lease is None or not self._lease.held:
                raise read_only()
            self._lease.beat()
            if self._journal.interrupted:
                self._mend()
                self._journal.start_after(_last_number(self._events))
            event = self._journal.append(kind, data, actor or self._actor, KINDS[kind].sync)
            self._end = self._journal.size
            self._take(event)
            if self._trials.unstored >= _ENOUGH:
                self._trials.store()
            return event

    def refresh(self) -> bool:
        """Take in what others wrote since; whether the journal grew. The logs are always read as they are now."""
        with self._lock:
            before = len(self._events)
            if self._writes:
                self._trials.store()
            else:
                self._read()
            grew = len(self._events) > before
            if grew:
                self._trials.logs.reload()
            return grew

    def events(self, *kinds: str) -> tuple[JournalEvent, ...]:
        """The journal, or its events of these kinds, in order."""
        with self._lock:
            return tuple(event for event in self._events if not kinds or event.kind in kinds)

    def trials(self) -> tuple[TrialRecord, ...]:
        """Imported trials, then planned ones in the order of planning."""
        with self._lock:
            return tuple(self._trials.all())

    def trial(self, name: str) -> TrialRecord | None:
        """One trial, None where no such trial was planned or imported."""
        with self._lock:
            return self._trials.record(name)

    def planned(self, name: str) -> PlannedTrial | None:
        """The plan of one trial."""
        return self._trials.book.planned.get(name)

    def rounds(self) -> tuple[Round, ...]:
        """Every round, in order, with the trials added later."""
        with self._lock:
            return self._trials.book.rounds()

    def objectives(self) -> tuple[Objective, ...]:
        """Every version of the objective, in order."""
        return tuple(self._trials.book.objectives)

    @property
    def curves(self) -> LedgerCurves:
        """The curves of every trial by the names they were logged under, read as they are asked for."""
        return self._trials.curves

    def readings(self, objective: Objective, splits: Mapping[str, Split] | None = None) -> dict[str, Reading]:
        """Every trial's score; none for one that did not end well. `splits` tell how their metrics are logged."""
        with self._lock:
            return self._trials.scores.read(self._trials.all(), objective, splits or {})

    def state(self, project: Project) -> ProjectState:
        """Everything at this moment, as diagnosis and rules see it: metrics by the names the project gives them."""
        with self._lock:
            self.refresh()
            readings = self.readings(project.objective, project.splits)  # first: one pass over each log gives both
            return ProjectState(
                project=project,
                trials=tuple(_declared(trial, project) for trial in self._trials.all()),
                readings=readings,
                rounds=self.rounds(),
                journal=tuple(self._events),
                curves=DeclaredCurves(self._trials.curves, project.splits),
            )

    def damage(self) -> tuple[Fault, ...]:
        """Everything that cannot be read, in journal, logs and cache."""
        with self._lock:
            logs = (
                Fault(str(self.paths.attempt(*key)), damage.offset, len(damage.data), damage.kind)
                for key, damage in self._trials.damage()
            )
            cache = (Fault(str(self.paths.cache), 0, 0, why) for why in self._trials.logs.complaints)
            bundles = (Fault(str(path), 0, 0, why) for path, why in self._trials.logs.files.complaints.items())
            return (*self._faults, *logs, *cache, *bundles)

    def rebuild(self) -> int:
        """Build the cache anew from the truth; how many attempts it holds. Only with the lease."""
        with self._lock:
            if not self._writes:
                raise read_only()
            return self._trials.rebuild()

    def bundle(self, round_: int) -> int:
        """Compress the logs of a closed round into one file; how many bytes that freed. Only with the lease."""
        with self._lock:
            if not self._writes:
                raise read_only()
            return self._trials.bundle(round_)

    def holder(self) -> Holder | None:
        """Who writes, or wrote last."""
        return read_holder(self.paths.lease)

    def close(self) -> None:
        """Write what is left for the cache, force the journal to the platter, let everything go."""
        with self._lock:
            if self._writes:
                self._trials.store()
            self._trials.logs.close()
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    @property
    def _writes(self) -> bool:
        return self._lease is not None and self._lease.held

    def _begin(self) -> None:
        """With the lease in hand: mend the journal, and start it where it is new."""
        kept = self._mend()
        self._journal = JournalWriter(self.paths.journal, _last_number(self._events))
        if not self._events:
            self.append("ledger-created", {"format": JOURNAL_FORMAT, "version": _version()})
        if kept:
            self.append("journal-repaired", kept)

    def _mend(self) -> dict[str, object]:
        """End the journal with a whole line, and read what it holds; what was cut, if anything was."""
        self._read()
        aside = self.paths.aside(f"journal-{self._end}-{now().replace(':', '')}.torn")
        cut = mend_journal(self.paths.journal, aside, self._end)
        self._read()
        return {"kept": aside.name, "bytes": cut} if cut else {}

    def _read(self) -> None:
        """Take in what the journal holds beyond what was read."""
        found = read_journal(self.paths.journal, self._end)
        self._end = found.end
        name = str(self.paths.journal)
        self._faults = [fault for fault in self._faults if fault.kind != "torn"]
        self._faults += [Fault(name, d.offset, len(d.data), d.kind) for d in found.damage]
        for event in found.events:
            last = self._events[-1].number if self._events else 0
            if event.number != last + 1:
                self._faults.append(Fault(name, 0, 0, f"number {event.number} follows {last}"))
            try:
                self._take(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:  # whole, yet not what its kind holds
                self._faults.append(Fault(name, 0, 0, f"event {event.number} ({event.kind}) cannot be used: {error!r}"))

    def _take(self, event: JournalEvent) -> None:
        self._events.append(event)
        self._trials.take(event)


def freshen(home: Path, actor: str) -> bool:
    """Bring the cache up to date where nobody else writes; whether that was possible. Never raises LedgerError."""
    try:
        with Ledger.write(home, actor) as ledger:
            ledger.refresh()
            return True
    except LedgerError:
        return False


def _last_number(events: list[JournalEvent]) -> int:
    return max((event.number for event in events), default=0)


def _check(kind: str, data: Mapping[str, object]) -> None:
    if kind not in KINDS:
        raise InternalError(
            Text(en="{kind} is no kind of journal event.", zh="没有 {kind} 这种日志事件。").fill(kind=same(kind)),
            fix=Text(en="Add it to ledger/events.py.", zh="请在 ledger/events.py 里加上。"),
        )
    lacking = KINDS[kind].lacking(data)
    if lacking:
        raise InternalError(
            Text(en="A {kind} event needs {keys}.", zh="{kind} 事件缺少 {keys}。").fill(
                kind=same(kind), keys=same(", ".join(lacking))
            ),
            fix=Text(en="Give every key that ledger/events.py names.", zh="请给出 ledger/events.py 列出的每个键。"),
        )


def _declared(trial: TrialRecord, project: Project) -> TrialRecord:
    summary = declared(trial.summary, project.splits)
    return trial if summary is trial.summary else replace(trial, summary=summary)


def _prepare(paths: Paths) -> None:
    try:
        paths.home.mkdir(parents=True, exist_ok=True)
        if not paths.gitignore.exists():
            paths.gitignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise cannot_write(paths.home, error) from error


def _version() -> str:
    try:
        return metadata.version("playnote")
    except metadata.PackageNotFoundError:
        return "unknown"
