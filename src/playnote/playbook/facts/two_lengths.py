"""Facts of a short and a long round: whether the order was kept, and how the schedule was stretched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.diagnosis.instability import InstabilityFinding, answer_instability, measure_instability
from playnote.diagnosis.transfer import TransferFinding, answer_transfer, measure_transfer
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.playbook.facts.lengths import Lengths, RoundLength
from playnote.playbook.facts.stability import LOSS, RATE, SeenSchedule, seen_schedule
from playnote.records.state import ProjectState
from playnote.records.trial import TrialRecord
from playnote.space.hyperparameter import Value

_LONGER = 1.5  # a later round that trains this much longer is another length
Key = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class TwoLengths:
    """The first round of the shortest length and the latest that trained clearly longer; None where there is no such pair.

    order     whether early ranks hold late, over configurations trained at both lengths
    schedules the learning rate of a configuration trained at both, or of one trial each
    loss      stability of the long run
    copied    schedule hyperparameters that the long round neither searched nor changed; None: none are declared
    """

    short: RoundLength | None = None
    long: RoundLength | None = None
    order: TransferFinding | None = None
    schedules: tuple[SeenSchedule, SeenSchedule] | None = None
    loss: InstabilityFinding | None = None
    copied: tuple[str, ...] | None = None

    @property
    def scaled(self) -> bool | None:
        """Whether the whole schedule was stretched in proportion; None where the schedules were not logged."""
        if self.schedules is None:
            return None
        first, second = self.schedules
        if first.flat and second.flat:
            return False
        alike = abs(first.low / first.total - second.low / second.total) <= 0.02
        return alike and abs(first.share - second.share) <= 0.01

    @property
    def low_share(self) -> float | None:
        """Of the extra steps, the share spent under a tenth of the peak."""
        if self.schedules is None:
            return None
        first, second = self.schedules
        extra = second.total - first.total
        return max(0.0, second.low - first.low) / extra if extra > 0 else None


def _two_lengths(giver: Giver) -> TwoLengths:
    state, lengths = giver.state, giver.give(Lengths, Target())
    timed = [each for each in lengths.rounds if each.steps]
    short = min(timed, key=lambda each: (each.steps or 0.0, each.number), default=None)
    if short is None:
        return TwoLengths()
    later = [e for e in timed if e.number > short.number and (e.steps or 0.0) >= _LONGER * (short.steps or 0.0)]
    if not later:
        return TwoLengths(short)
    long = later[-1]
    first, second = _ended(state, short.number), _ended(state, long.number)
    shared = [key for key in first if key in second]
    order = None
    if shared:
        sign = state.project.objective.sign
        scores = [[sign * (state.readings[of[key].id].score or 0.0) for key in shared] for of in (first, second)]
        order = answer_transfer(measure_transfer(scores[0], scores[1]), state.project.settings, {"round": long.number})
    pair = (first[shared[0]], second[shared[0]]) if shared else _any(first, second)
    return TwoLengths(short, long, order, _schedules(state, pair), _loss(state, pair), _copied(state, long.number))


def _ended(state: ProjectState, number: int) -> dict[Key, TrialRecord]:
    """Trials with a score, by configuration."""
    found: dict[Key, TrialRecord] = {}
    for trial in state.of_round(number):
        reading = state.readings.get(trial.id)
        if trial.outcome == "ok" and reading is not None and reading.score is not None:
            found.setdefault(tuple(sorted(trial.configuration.items(), key=str)), trial)
    return found


def _any(first: Mapping[Key, TrialRecord], second: Mapping[Key, TrialRecord]) -> tuple[TrialRecord, TrialRecord] | None:
    return (next(iter(first.values())), next(iter(second.values()))) if first and second else None


def _schedules(
    state: ProjectState, pair: tuple[TrialRecord, TrialRecord] | None
) -> tuple[SeenSchedule, SeenSchedule] | None:
    curves = [state.curves.curve(trial.id, RATE) for trial in pair or ()]
    seen = [seen_schedule(curve) for curve in curves if curve is not None and len(curve) >= 2]
    found = [each for each in seen if each is not None]
    return (found[0], found[1]) if len(found) == 2 else None


def _loss(state: ProjectState, pair: tuple[TrialRecord, TrialRecord] | None) -> InstabilityFinding | None:
    curve = state.curves.curve(pair[1].id, LOSS) if pair else None
    if curve is None or not len(curve):
        return None
    return answer_instability(measure_instability(curve.steps, curve.values), state.project.settings)


def _copied(state: ProjectState, number: int) -> tuple[str, ...] | None:
    each = next(found for found in state.rounds if found.number == number)
    names = [h.name for h in state.project.space if h.group == "schedule"]
    if not names:
        return None
    changed = {name for name in names if each.roles.get(name, "fixed") != "fixed"}
    return tuple(name for name in names if name not in changed)


PROVIDERS: dict[type, Provider] = {TwoLengths: of_project(_two_lengths)}
