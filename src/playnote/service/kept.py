"""What the pages read, kept in memory until the record or the project file changes.

What was read is good for as long as the files it came from are the ones they were: the bytes of the project file, and
identity, size and time of change of its lists of ids, of the journal, of every attempt's log and of the bundles. They are looked at before
the reading, so that what is written meanwhile makes the next look read again: late readings are possible, stale ones not.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, final

from playnote.ledger import Ledger, Paths
from playnote.projectfile.read import FILE, parse_project, read_project
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.service.session import Session

T = TypeVar("T")
MOST_VALUES = 32  # pages kept; some hold thousands of trials
Look = tuple[int, int, int] | None  # of a file: which one, how long, when changed
Looks = dict[str, Look]
Stamp = tuple[bytes, Looks]


@final
class Keeper:
    """One project's readings. One caller at a time works with them; others wait their turn."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.RLock()
        self._declared: _Declared | None = None
        self._ledger: Ledger | None = None
        self._looks: Looks = {}
        self._grows: frozenset[str] = frozenset()  # files that writers add to: the journal, logs of what runs
        self._read: tuple[Stamp, ProjectState] | None = None
        self._values: OrderedDict[Hashable, tuple[Stamp | None, Any]] = OrderedDict()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The project as its file declares it now, with its state as it is on record now. Raises ProjectFileError."""
        with self._lock:
            yield KeptSession(self._project(), self)

    def project(self) -> Project:
        """The project as its file declares it now. Raises ProjectFileError."""
        with self._lock:
            return self._project()

    def value(self, key: Hashable, make: Callable[[Session], T]) -> T:
        """What `make` makes of the session, made again only where something changed since.

        key    names the value
        make   must follow from project file and record alone, and nobody may change what it returns
        """
        with self.session() as session:
            self.state(session)
            stamp = self._read[0] if self._read else None
            held = self._values.get(key)
            if held is None or held[0] != stamp:
                held = self._values[key] = (stamp, make(session))
                while len(self._values) > MOST_VALUES:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            value: T = held[1]
            return value

    def state(self, session: Session) -> ProjectState:
        """The state on record now; read again only where something changed."""
        with self._lock:
            looks = self._looked(session.home)
            if self._read is None or self._read[0] != self._stamp(looks):
                self._read = self._state(session, self._opened(session.home, looks))
            return self._read[1]

    def _opened(self, home: Path, looks: Looks) -> Ledger:
        """The ledger as it was read so far; a new one where more changed than writers change."""
        grew = all(
            looks.get(path) == before or (path in self._grows and _longer(before, looks.get(path)))
            for path, before in self._looks.items()
        )
        if self._ledger is None or not grew or self._ledger.paths.home != home:
            self._ledger, self._looks = Ledger.open(home), {}
        return self._ledger

    def _state(self, session: Session, ledger: Ledger) -> tuple[Stamp, ProjectState]:
        """Look at every file, then read them; what is written in between is seen by the next look."""
        ledger.refresh()
        begun = _attempts(ledger)
        self._looks = dict.fromkeys(str(ledger.paths.attempt(*each)) for each in begun)
        self._looks = self._looked(session.home)
        found = ledger.state(session.project)
        runs = {trial.id for trial in found.trials if trial.outcome is None}
        running = (str(ledger.paths.attempt(*each)) for each in begun if each[0] in runs)
        self._grows = frozenset([str(ledger.paths.journal), *running])
        return self._stamp(self._looks), found

    def _looked(self, home: Path) -> Looks:
        paths = Paths(home)
        return _looks({str(paths.journal), *self._looks, *_inside(paths.bundle(0).parent)})

    def _project(self) -> Project:
        """The declaration: read again where the file, or a list of ids that it names, is another one than it was."""
        try:
            content = self._file.read_bytes()
        except OSError:
            return read_project(self._file)  # says what is wrong with it
        held = self._declared
        if held is None or held.content != content or held.lists != _looks(held.lists):
            self._declared = None
            lists = _looks(_lists(self._parsed(content)))  # looked at before the reading that counts
            self._declared = held = _Declared(content, lists, self._parsed(content))
        return held.project

    def _parsed(self, content: bytes) -> Project:
        return parse_project(content, self._file.absolute().parent, name=self._file.name)

    def _stamp(self, looks: Looks) -> Stamp:
        held = self._declared
        return (held.content if held else b"", {**(held.lists if held else {}), **looks})


@dataclass(frozen=True, slots=True)
class _Declared:
    content: bytes
    lists: Looks
    project: Project


@dataclass(frozen=True, slots=True)
class KeptSession(Session):
    """A session whose state is the keeper's."""

    keeper: Keeper = field(compare=False, repr=False)

    def state(self) -> ProjectState:
        """Everything on record, now."""
        return self.keeper.state(self)


def _looks(paths: Iterable[str]) -> Looks:
    return {path: _look(path) for path in paths}


def _look(path: str) -> Look:
    try:
        found = os.stat(path)  # noqa: PTH116  thousands of them a page: making a Path costs more than looking
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _longer(before: Look, now: Look) -> bool:
    """Whether the file may be the same one with something added; one that was not there yet is."""
    return before is None or (now is not None and now[0] == before[0] and now[1] > before[1])


def _lists(project: Project) -> list[str]:
    """The files of ids that a project names."""
    return [str(Path(project.folder) / each.ids) for each in project.splits.values() if each.ids is not None]


def _attempts(ledger: Ledger) -> set[tuple[str, int]]:
    told = ((str(each.data.get("trial")), str(each.data.get("attempt"))) for each in ledger.events("attempt-started"))
    return {(trial, int(number)) for trial, number in told if number.isdecimal()}


def _inside(folder: Path) -> list[str]:
    try:
        return [str(each) for each in folder.iterdir()]
    except OSError:
        return []
