"""Every threshold of Playnote, in one table, with its unit, source and reason.

A project overrides a row in `[settings]`; every answer prints the rows it used.
The table is cut into files by subject only to keep each readable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from playnote.errors import InputError
from playnote.records.finding import Threshold
from playnote.records.settings import (
    adoption,
    curves,
    data,
    gaps,
    objective,
    playbook,
    practice,
    review,
    running,
    search,
    stability,
    study,
    training,
)
from playnote.records.settings.setting import Setting
from playnote.text import Text

TABLE: dict[str, Setting] = {
    row.name: row
    for part in (
        adoption,
        study,
        curves,
        stability,
        gaps,
        data,
        search,
        running,
        training,
        playbook,
        practice,
        review,
        objective,
    )
    for row in part.ROWS
}


@dataclass(frozen=True)
class Settings(Mapping[str, float]):
    """The table with a project's own values laid over it."""

    overrides: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.overrides) - set(TABLE))
        if unknown:
            raise InputError(
                Text(en="No setting is called {name!r}.", zh="没有叫 {name!r} 的设置。").fill(name=unknown[0]),
                fix=Text(
                    en="See `playnote doctor --settings` for the names.", zh="用 `playnote doctor --settings` 查名字。"
                ),
            )

    def __getitem__(self, name: str) -> float:
        return self.overrides.get(name, TABLE[name].value)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLE)

    def __len__(self) -> int:
        return len(TABLE)

    def thresholds(self, *names: str) -> tuple[Threshold, ...]:
        """The named rows as an answer quotes them; an overridden one says "project"."""
        return tuple(
            Threshold(name, self[name], TABLE[name].unit, "project" if name in self.overrides else TABLE[name].source)
            for name in names
        )


DEFAULTS = Settings()

__all__ = ["DEFAULTS", "TABLE", "Setting", "Settings"]
