"""Where training starts to diverge, as earlier rounds showed it: what the next plan's ranges should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.records.curves import Floats
from playnote.search.encoding import column_of
from playnote.space.hyperparameter import Categorical, Value
from playnote.space.showing import shown
from playnote.space.space import Space
from playnote.stats.normal import normal_cdf_of
from playnote.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityLimit:
    """The value of one hyperparameter beyond which training diverges.

    side      "high": above it; "low": below it
    interval  90 % interval of the value, low end first
    n         trials that ended well and trials that diverged, in round `round`
    """

    hyperparameter: str
    side: Literal["low", "high"]
    value: Value
    interval: tuple[Value, Value]
    n: tuple[int, int]
    round: int

    def beyond(self, space: Space) -> float | None:
        """Share of the range of `space` that surely lies beyond the limit (beyond the far end of its interval).

        None where the space has no such range.
        """
        each = space[self.hyperparameter] if self.hyperparameter in space.names else None
        if each is None or isinstance(each, Categorical):
            return None
        unit = each.to_unit(self.interval[1] if self.side == "high" else self.interval[0])
        return min(max(1.0 - unit if self.side == "high" else unit, 0.0), 1.0)

    def line(self, space: Space) -> Text:
        """The limit in a sentence, with how much of the range lies beyond it."""
        beyond = self.beyond(space)
        return (_ABOVE if self.side == "high" else _BELOW).fill(
            name=self.hyperparameter,
            value=shown(self.value),
            low=shown(self.interval[0]),
            high=shown(self.interval[1]),
            n=self.n[1],
            of=sum(self.n),
            round=self.round,
            rest=_REST.fill(share=f"{beyond:.0%}") if beyond else Text(en="", zh=""),
        )


def inside_limits(limits: Sequence[StabilityLimit], space: Space, at: Floats) -> Floats:
    """: array, shape (n,)  the probability that each row lies on the good side of every limit.

    at : array, shape (n, columns)  encoded configurations; the 90 % interval of a limit is that of a normal quantity
    """
    probability = np.ones(len(at))
    for limit in limits:
        each = space[limit.hyperparameter] if limit.hyperparameter in space.names else None
        if each is None or isinstance(each, Categorical):
            continue
        middle, low, high = (each.to_unit(value) for value in (limit.value, *limit.interval))
        spread = max((high - low) / (2 * _TAIL), _NARROWEST)
        place, absent = column_of(space, limit.hyperparameter)
        far = (at[:, place] - middle) / spread * (1.0 if limit.side == "high" else -1.0)
        # What is off, or does not exist, has no place beside the limit.
        here = np.ones(len(at), dtype=bool) if absent is None else at[:, absent] == 0.0
        probability = probability * np.where(here, normal_cdf_of(-far), 1.0)
    return probability


_TAIL = 1.6449  # half a 90 % interval of a normal quantity, in standard deviations
_NARROWEST = 0.01  # of the range: no limit is known more exactly

_ABOVE = Text(
    en="Training diverges with {name} above {value} [{low}, {high}] (90 %; {n} of {of} trials of round {round} "
    "diverged){rest}.",
    zh="{name} 高于 {value} [{low}, {high}]（90 %）训练就发散（第 {round} 轮 {of} 个试验发散了 {n} 个）{rest}。",
)
_BELOW = Text(
    en="Training diverges with {name} below {value} [{low}, {high}] (90 %; {n} of {of} trials of round {round} "
    "diverged){rest}.",
    zh="{name} 低于 {value} [{low}, {high}]（90 %）训练就发散（第 {round} 轮 {of} 个试验发散了 {n} 个）{rest}。",
)
_REST = Text(
    en="; {share} of the range lies beyond: narrow it, or make training stable there",
    zh="；搜索范围有 {share} 在界限之外：收窄范围，或者先让那里的训练稳定下来",
)
