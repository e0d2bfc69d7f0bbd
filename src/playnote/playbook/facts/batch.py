"""Facts of the batch size: the timed ladder, what a target costs at each size, how it changed, and batch norm.

A "batch-size" measurement holds `ladder`, a list of {"batch", "seconds" (one a timed step), "waiting", "busy", "fits"};
`capped`, whether the ladder ended at a size that was set as the limit; `devices`; and `steps_to_target`, a mapping
from batch size to the steps a tuned run needs to one Dev score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from playnote.diagnosis.batch_size import (
    BatchProbe,
    BatchSizeFacts,
    BatchSizeFinding,
    answer_batch_size,
    measure_batch_size,
)
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.recipe import BATCHES, Recipe, among
from playnote.records.round import Round
from playnote.records.state import ProjectState


@dataclass(frozen=True)
class BatchLadder:
    """The latest ladder of step times; finding None where none was measured.

    chosen  the baseline's batch size, None where it is not known
    capped  the ladder ended at a limit that was set, not at the memory's end
    steps   steps to one Dev score by batch size, empty where not measured
    """

    facts: BatchSizeFacts = field(default_factory=BatchSizeFacts)
    finding: BatchSizeFinding | None = None
    chosen: int | None = None
    capped: bool = False
    devices: float | None = None
    steps: Mapping[int, float] = field(default_factory=dict)

    @property
    def hours(self) -> dict[int, float]:
        """Hours to the target by batch size, where both the step time and the steps were measured."""
        seconds = dict(zip(self.facts.sizes, self.facts.medians, strict=True))
        return {batch: self.steps[batch] * seconds[batch] / 3600 for batch in seconds if batch in self.steps}


@dataclass(frozen=True, slots=True)
class BatchAt:
    """The batch size a round started from, and what it tuned."""

    round: int
    batch: float
    tuned: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchHistory:
    """The batch size of every round that has one, in order."""

    rounds: tuple[BatchAt, ...] = ()

    @property
    def changes(self) -> tuple[int, ...]:
        """Places in `rounds` at which it differs from the round before."""
        sizes = [each.batch for each in self.rounds]
        return tuple(at for at in range(1, len(sizes)) if sizes[at] != sizes[at - 1])


@dataclass(frozen=True)
class BatchNorm:
    """What is said and noted of batch norm.

    used        None where nobody said
    effective   examples behind one set of statistics, by trial: every value that was noted in the latest round
    ghost       size of the virtual batch, None where there is none
    per_device  training batch of one device
    """

    used: bool | None = None
    effective: tuple[float, ...] = ()
    ghost: float | None = None
    per_device: float | None = None


def batch_ladder(giver: Giver) -> BatchLadder:
    """Read the latest measurement and judge it."""
    recipe = giver.give(Recipe, Target())
    value = recipe.batch[1] if recipe.batch else None
    chosen = int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    latest = giver.give(Measured, Target()).last("batch-size")
    if latest is None:
        return BatchLadder(chosen=chosen)
    settings = giver.state.project.settings
    facts = measure_batch_size(_probes(latest), settings)
    steps = latest.result.get("steps_to_target")
    return BatchLadder(
        facts,
        answer_batch_size(facts, settings),
        chosen,
        bool(latest.flag("capped")),
        latest.number_of("devices"),
        {int(str(batch)): float(str(n)) for batch, n in steps.items()} if isinstance(steps, Mapping) else {},
    )


def _probes(latest: Measurement) -> list[BatchProbe]:
    rows = latest.result.get("ladder")
    probes = []
    for row in rows if isinstance(rows, list | tuple) else ():
        if isinstance(row, Mapping) and isinstance(row.get("batch"), int):
            seconds = [float(each) for each in row.get("seconds") or () if isinstance(each, int | float)]
            probes.append(
                BatchProbe(row["batch"], seconds, row.get("waiting"), row.get("busy"), bool(row.get("fits", True)))
            )
    return probes


def batch_history(state: ProjectState) -> BatchHistory:
    """From the rounds' own base configurations."""
    found = []
    for each in state.rounds:
        names = among((*each.base, *each.fixed), BATCHES)
        value = {**each.base, **each.fixed}.get(names[0]) if names else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append(BatchAt(each.number, float(value), _tuned(each)))
    return BatchHistory(tuple(found))


def _tuned(each: Round) -> tuple[str, ...]:
    return (*each.space.names, *each.scientific)


def batch_norm(state: ProjectState) -> BatchNorm:
    """`task.batch_norm` in the project file, and what the training code noted of its trials."""
    said = state.project.task.get("batch_norm", "").strip().lower()
    latest = state.rounds[-1].number if state.rounds else 0
    trials = [t for t in state.trials if t.round in (latest, 0)]
    effective = {n for t in trials if (n := _noted(t.facts.get("bn_batch"))) is not None}
    ghost = _last(_noted(t.facts.get("ghost_batch")) for t in trials)
    per_device = _last(_noted(t.facts.get("per_device_batch")) for t in trials)
    used: bool | None = True if effective or ghost is not None else None
    if said:
        used = said not in ("no", "none", "false", "否", "没有", "无")
    return BatchNorm(used, tuple(sorted(effective)), ghost, per_device)


def _noted(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _last(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return known[-1] if known else None


PROVIDERS: dict[type, Provider] = {
    BatchLadder: of_project(batch_ladder),
    BatchHistory: of_project(lambda giver: batch_history(giver.state)),
    BatchNorm: of_project(lambda giver: batch_norm(giver.state)),
}
