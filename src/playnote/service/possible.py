"""Which commands exist and can be run now: a step that would only answer "this project has no ..." is not named."""

from __future__ import annotations

from collections.abc import Container
from typing import final

from playnote.errors import PlaynoteError
from playnote.records.state import ProjectState


@final
class Possible(Container[str]):
    """The verbs of the command line, without procedures that the project has not got the hyperparameters for.

    A procedure is asked for its first step, which runs nothing; one that lacks something says so there.
    """

    def __init__(self, state: ProjectState) -> None:
        from playnote.service.operations import OPERATIONS  # it lists functions that ask for this

        self._state = state
        self._verbs = frozenset(operation.cli for operation in OPERATIONS)

    def __contains__(self, verb: object) -> bool:
        """Whether the command can be run in this state."""
        if verb not in self._verbs:
            return False
        kind, _, name = str(verb).partition(" ")
        return kind != "measure" or self._begins(name)

    def _begins(self, name: str) -> bool:
        from playnote.procedures.measure.bench import bench_of
        from playnote.service.measure import MEASURES

        try:
            next(iter(MEASURES[name](bench_of(self._state))), None)
        except PlaynoteError:
            return False
        return True
