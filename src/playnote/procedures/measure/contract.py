"""What a procedure asks for, what it is shown, and what it ends in."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from playnote.records.curves import Curve, Floats
from playnote.records.finding import Label
from playnote.records.trial import DIVERGED
from playnote.space.hyperparameter import Value
from playnote.text import Text

LOSS = ("train/loss", "train_loss", "training_loss", "loss")
NORM = ("grad_norm", "train/grad_norm", "gradient_norm")
TRAIN_ERROR = ("train_eval/error", "train/error")
SECONDS = ("step_seconds", "step_time")
WAIT = ("data_wait", "data_seconds")
LENGTH = "max_train_steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One trial that is asked for. `steps` None: as long as the workflow trains."""

    configuration: Mapping[str, Value]
    seed: int
    steps: int | None = None

    @property
    def asked(self) -> dict[str, Value]:
        """The configuration as the training code receives it, its length included where it was set."""
        return {**self.configuration, **({} if self.steps is None else {LENGTH: self.steps})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Trials to be run, in any order.

    fresh    each in a process of its own
    exact    the answer depends on their length: training code that does not keep to it is an error
    purpose  what they count as
    """

    points: tuple[Point, ...]
    fresh: bool = False
    exact: bool = True
    purpose: str = "probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a trial that was asked for.

    outcome  as on record; None or "failed:...": nothing is known of this configuration
    error    its score as an error, lower is better; None where it has none
    curves   what it logged, by name
    waiting  share of the time spent waiting for data, None where nothing was timed
    facts    what the training code noted of it
    """

    point: Point
    trial: str
    outcome: str | None
    error: float | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    waiting: float | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether the trial says anything of its configuration."""
        return self.outcome is not None and not self.outcome.startswith("failed")

    @property
    def diverged(self) -> bool:
        """Lost its numbers, or exploded."""
        return self.outcome in DIVERGED

    def curve(self, names: tuple[str, ...]) -> Curve | None:
        """The first of these series that was logged."""
        return next((self.curves[name] for name in names if name in self.curves and len(self.curves[name])), None)

    def values(self, names: tuple[str, ...], until: float | None = None) -> Floats:
        """Its readings up to a step, in order; empty where it was not logged."""
        curve = self.curve(names)
        if curve is None:
            return np.empty(0)
        return curve.values if until is None else curve.values[curve.steps <= until]


Part = Literal["before", "after", "reference", "probe"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Runs of one setting that are drawn together.

    label   the setting in the project's own names: "lr 0.2, clip_norm 0.5"
    part    before: without the remedy; after: with it; reference: a run known to be stable; probe: anything else
    trials  ids, the one to draw first
    """

    label: str
    part: Part
    trials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a report draws of a procedure: the series by their logged names, a chart each, and the runs in it."""

    metrics: tuple[str, ...]
    lines: tuple[Drawn, ...]


def drawn(label: str, part: Part, runs: Iterable[Seen]) -> tuple[Drawn, ...]:
    """One entry, or none where no run of it says anything."""
    told = tuple(each.trial for each in runs if each.told)
    return (Drawn(label, part, told),) if told else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a procedure found.

    label    yes: settled; no: settled, and it cannot be had; unknown: with what is missing in `message`
    results  numbers by the name of the procedure they answer ("lr", "stability" ...), in order; rules read them
    edits    proposed changes of the project file, by place, as `projectfile.edit` takes them
    notes    what else a person should know: caveats, what to re-tune
    rows     what was seen, one a line of a table
    picture  which runs a report draws, None where curves show nothing
    """

    label: Label
    message: Text
    results: tuple[tuple[str, Mapping[str, object]], ...] = ()
    edits: Mapping[str | tuple[str, ...], Any] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    rows: tuple[Mapping[str, object], ...] = ()
    picture: Picture | None = None


Steps = Generator[Ask, tuple[Seen, ...], Found]


def look(ask: Ask) -> Generator[Ask, tuple[Seen, ...], tuple[Seen, ...]]:
    """`seen = yield from look(...)`: what was seen, with its type."""
    seen = yield ask
    return seen
