"""A round: one question, who plays which part in it, and the points that were planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playnote.space.hyperparameter import Role, Value
from playnote.space.space import Space

SearcherName = Literal["quasi-random", "random", "grid", "bayes", "imported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTrial:
    """A trial that was decided on: stored before it runs, so that a resumed round runs exactly these."""

    id: str
    study: str
    round: int
    purpose: str
    configuration: Mapping[str, Value]
    seed: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The trials of one space for one scientific value, inside a round.

    scientific  the values that tell this study from its siblings, {} in a round without scientific hyperparameters
    """

    name: str
    scientific: Mapping[str, Value]
    planned: tuple[PlannedTrial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One question and all that was done to answer it.

    roles       the role of every hyperparameter of the project in this round
    scientific  the values compared, by name
    space       the nuisance hyperparameters as searched (version `space_version`)
    fixed       the value of every hyperparameter that is not varied: the caveats of the answer
    sampler     what chose the points; an adaptive one makes density and isolation undecidable
    searcher    whose search by results it is: "" for ours, else "optuna:tpe", "package.module:factory"
    seed        seed of the point sequence; the points themselves are stored in `studies`
    promised    points of each study that a search by results is still free to choose up to; 0 where all are planned
    space_start index from which points belong to this version of the space; those before it come from earlier versions
    steps       training steps of its trials where they differ from the project's (short and confirming rounds)
    closed      the decision that ended the round, None while it is open
    """

    number: int
    question: str
    roles: Mapping[str, Role]
    scientific: Mapping[str, tuple[Value, ...]]
    space: Space
    fixed: Mapping[str, Value]
    studies: tuple[Study, ...]
    sampler: SearcherName = "quasi-random"
    searcher: str = ""
    seed: int = 0
    objective_version: int = 1
    space_version: int = 1
    space_start: int = 0
    promised: int = 0
    base: Mapping[str, Value] = field(default_factory=dict)
    group: str = ""
    steps: int | None = None
    opened: str | None = None
    closed: str | None = None

    @property
    def planned(self) -> tuple[PlannedTrial, ...]:
        """Every planned trial in the order of running: point by point, each for all scientific values.

        So a round that is cut short has still compared its values on the same points.
        """
        trials = [trial for study in self.studies for trial in study.planned]
        return tuple(sorted(trials, key=lambda trial: trial.index))

    @property
    def to_choose(self) -> int:
        """Trials that a search by results has yet to choose."""
        return sum(max(self.promised - len(study.planned), 0) for study in self.studies)

    @property
    def total(self) -> int:
        """All its trials, those still to be chosen included."""
        return len(self.planned) + self.to_choose

    @property
    def fewest(self) -> int:
        """Trials of its smallest study, those still to be chosen included; 0 without studies."""
        return min((max(len(study.planned), self.promised) for study in self.studies), default=0)
