"""Following an attempt's log while it grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import final

from playnote.execution.events import LogLines


@final
class Tail:
    """Reads whole lines that came since the last reading; no byte twice, none left out."""

    def __init__(self, trial: str, attempt: int, path: Path) -> None:
        self._trial, self._attempt, self._path = trial, attempt, path
        self._offset = 0

    def read(self) -> Iterator[LogLines]:
        """The new lines, as at most one event."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return
        end = data.rfind(b"\n") + 1
        if end:
            yield LogLines(self._trial, self._attempt, self._offset, data[:end])
            self._offset += end
