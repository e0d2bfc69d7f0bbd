"""One step, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from playnote.records.state import ProjectState
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    because  rule ids that ask for it
    runs     training runs it costs, None where none are needed
    minutes  their wall time on one worker, None where nothing has been timed
    asks     True for a declaration (a person answers), False for something to run
    """

    what: Text
    why: Text
    command: str
    because: tuple[str, ...] = ()
    runs: int | None = None
    minutes: float | None = None
    asks: bool = False
    stage: str = field(default="")


def minutes_of(state: ProjectState, runs: int, share: float = 1.0) -> float | None:
    """Minutes that this many runs take, by the median of those that ended well; None where nothing was timed.

    share  length of the runs as a share of those that were timed
    """
    seconds = [trial.seconds for trial in state.trials if trial.seconds is not None and trial.outcome == "ok"]
    return float(np.median(seconds)) * runs * share / 60 if seconds else None
