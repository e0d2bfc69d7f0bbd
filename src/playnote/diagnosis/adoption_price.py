"""What further runs would show, and how many of them decide an adoption.

Law: the chance never falls as the true gain grows.
"""

from __future__ import annotations

from dataclasses import dataclass

from playnote.stats.pocock import level_to_plan
from playnote.stats.power import chance_to_adopt, runs_needed

OPEN_ENDED = 40
"""An open end costs about as much as a plan of 40 looks."""


@dataclass(frozen=True, slots=True)
class Price:
    """What more runs would show; each further comparison is one more look and needs a smaller p.

    now      gain so far beyond the margin, noise the SD of one run; both in one unit
    runs     runs per arm so far, freedom the degrees of freedom behind `noise`
    planned  most runs per arm of the plan, 0 without one
    """

    now: float
    noise: float
    runs: int
    freedom: float
    planned: int
    alpha: float

    def level(self, more: int) -> float:
        """The p that a look after `more` further runs needs."""
        return level_to_plan(max(self.planned, self.runs + more), self.alpha)

    def chance(self, gain: float, more: int) -> float:
        """P(the look after `more` further runs adopts), if the true gain beyond the margin is `gain`."""
        return chance_to_adopt(
            gain, self.noise, self.level(more), more, now=self.now, runs=self.runs, noise_df=self.freedom
        )

    def needed(self, gain: float, power: float) -> int | None:
        """Fewest further runs per arm for this power; a few rounds, as more runs need a stricter level, and that more runs."""
        more = 1
        for _ in range(6):
            found = runs_needed(
                gain,
                self.noise,
                self.level(more),
                power,
                now=self.now,
                runs=self.runs,
                noise_df=self.freedom,
                least=more,
            )
            if found is None or found == more:
                return found
            more = found
        return more
