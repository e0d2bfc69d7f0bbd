"""What a searcher is asked and what it may know. A searcher is stateless: the request holds everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from playnote.errors import InputError
from playnote.records.objective import Objective
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.trial import Outcome
from playnote.search.limits import StabilityLimit
from playnote.space.space import Configuration, Space
from playnote.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A configuration that was tried: its score in the metric's own direction, None unless it ended well.

    limits  values of the constraint metrics, by name; those that were not measured are left out
    """

    configuration: Configuration
    score: float | None = None
    outcome: Outcome = "ok"
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """All a searcher may know.

    observations  what was tried, in order; exploration ignores its results
    pending       planned or running configurations
    start_index   index of the first configuration to suggest: how many the sequence gave so far
    limits        where earlier rounds showed that training diverges
    """

    space: Space
    objective: Objective | None = None
    observations: tuple[Observation, ...] = ()
    pending: tuple[Configuration, ...] = ()
    start_index: int = 0
    seed: int = 0
    settings: Settings = DEFAULTS
    limits: tuple[StabilityLimit, ...] = ()


class Searcher(Protocol):
    """The plug-in point: the same request always gives the same configurations."""

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """`count` configurations, each inside the space and with only what exists there."""
        ...


def needs_direction(request: SearchRequest) -> Objective:
    """The objective of a search that looks at results; an unstated direction is an error, never guessed."""
    if request.objective is None:
        raise InputError(
            Text(en="A search that looks at results needs the direction.", zh="会看结果的搜索要知道方向。"),
            fix=Text(en="Say minimize or maximize.", zh="写明 minimize 或 maximize。"),
        )
    return request.objective
