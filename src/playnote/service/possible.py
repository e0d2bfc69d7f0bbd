"""Which commands exist and can be run now: a step that would only answer "this project has no ..." is not named."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import final

from playnote.errors import PlaynoteError
from playnote.procedures.measure.bench import bench_of
from playnote.records.state import ProjectState
from playnote.service.measure import MEASURES


@final
class Possible(Container[str]):
    """The commands there are, without procedures that the project has not got the hyperparameters for.

    verbs  those of the command line, as its table has them at run time; None where the caller does not know it

    A procedure is asked for its first step, which runs nothing; one that lacks something says so there.
    """

    def __init__(self, state: ProjectState, verbs: Collection[str] | None = None) -> None:
        self._state, self._verbs = state, verbs

    def __contains__(self, verb: object) -> bool:
        """Whether the command can be run in this state."""
        if self._verbs is not None and verb not in self._verbs:
            return False
        kind, _, name = str(verb).partition(" ")
        return kind != "measure" or self._begins(name)

    def _begins(self, name: str) -> bool:
        if name not in MEASURES:
            return False
        try:
            next(iter(MEASURES[name](bench_of(self._state))), None)
        except PlaynoteError:
            return False
        return True
