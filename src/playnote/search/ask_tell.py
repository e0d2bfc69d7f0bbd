"""Any object that is asked and told, as a searcher.

Such objects remember; a searcher must not. So a new one is made for every request and told the history in order, and
the same request gives the same configurations as long as the object depends on its seed and what it was told alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from playnote.errors import InputError
from playnote.records.trial import DIVERGED
from playnote.search.request import Observation, SearchRequest, needs_direction
from playnote.space.hyperparameter import Value
from playnote.space.membership import check_configuration
from playnote.space.space import Configuration, Space
from playnote.text import Text


class AskTell(Protocol):
    """What the object must offer."""

    def ask(self) -> Mapping[str, Value]:
        """The next configuration, with only what exists in it."""
        ...

    def tell(self, configuration: Mapping[str, Value], error: float | None) -> None:
        """How a configuration did: lower is better, None where training diverged or a constraint is broken."""
        ...


@dataclass(frozen=True, slots=True)
class AskTellSearcher:
    """`make(space, seed)` gives a fresh object.

    pending   how a running trial is told, None: it is not; a function of the object and the configuration
    """

    make: Callable[[Space, int], AskTell]
    pending: Callable[[AskTell, Configuration], None] | None = None

    def suggest(self, request: SearchRequest, count: int) -> list[Configuration]:
        """`count` configurations; raises InputError where the object asks for one that is no point of the space."""
        sign = needs_direction(request).sign
        made = self.make(request.space, request.seed)
        for each in request.observations:
            if each.outcome in DIVERGED or _broken(request, each):
                made.tell(each.configuration, None)
            elif each.outcome == "ok" and each.score is not None:
                made.tell(each.configuration, sign * each.score)
        if self.pending is not None:
            for configuration in request.pending:
                self.pending(made, configuration)
        return [inside(request.space, made.ask()) for _ in range(count)]


def _broken(request: SearchRequest, each: Observation) -> bool:
    constraints = () if request.objective is None else request.objective.constraints
    return any(c.satisfied(each.limits.get(c.metric)) is False for c in constraints)


def inside(space: Space, configuration: Mapping[str, Value]) -> Configuration:
    """The configuration as a dict; raises InputError where it is no point of the space."""
    wrong = check_configuration(space, configuration)
    if not wrong:
        return dict(configuration)
    raise InputError(
        Text(
            en="The searcher asked for a configuration that is no point of the space.",
            zh="搜索方法给出的配置不在搜索空间里。",
        ),
        fix=wrong[0].fix,
        details=wrong,
    )
