"""A project that is open: its declaration, where its record is, and its state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_objective
from playnote.projectfile.read import find_project, read_project
from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.service.plans import home_of

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Session:
    """One project, read once; its state is read from the ledger whenever it is asked for."""

    project: Project

    @property
    def home(self) -> Path:
        """Where the record is kept."""
        return home_of(self.project)

    def state(self) -> ProjectState:
        """Everything on record, now."""
        return Ledger.open(self.home).state(self.project)

    @contextmanager
    def writing(self, actor: str = PERSON) -> Iterator[Ledger]:
        """The ledger, for the one writer; a changed objective becomes a new version first."""
        with Ledger.write(self.home, actor) as ledger:
            known = ledger.objectives()
            if not known or dump_objective(known[-1]) != dump_objective(self.project.objective):
                ledger.append("objective", {"objective": dump_objective(self.project.objective)})
            yield ledger


def open_project(path: Path | str | None = None) -> Session:
    """The project at a path, or the nearest one upward from here."""
    place = Path(path) if path is not None else Path.cwd()
    file = place if place.is_file() else find_project(place) if path is None else place / "playnote.toml"
    return Session(read_project(file))
