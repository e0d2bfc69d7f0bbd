"""Facts of what a round taught: which hyperparameters matter, do nothing or go together, and whether it converged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from playnote.diagnosis.coupling import CouplingFinding, answer_coupling, measure_coupling
from playnote.diagnosis.importance import ImportanceFinding, answer_importance, measure_importance
from playnote.diagnosis.inert import InertFinding, answer_inert, measure_inert
from playnote.diagnosis.readiness import ReadinessFinding, answer_readiness, measure_readiness
from playnote.playbook.facts.base import Giver, Provider, Target, of_round
from playnote.playbook.facts.curves import TopCurves, TopSpikes
from playnote.playbook.facts.runs import SeedNoise
from playnote.playbook.facts.study import BoundaryFindings
from playnote.records.round import Round
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.space.space import Space

_PAIRS = 15  # six hyperparameters, two by two; beyond, a hint about each pair is noise


@dataclass(frozen=True)
class Learned:
    """Per searched hyperparameter: is it important, is it inert; per pair: do their best values move together."""

    important: tuple[ImportanceFinding, ...] = ()
    inert: tuple[InertFinding, ...] = ()
    coupled: tuple[CouplingFinding, ...] = ()

    @property
    def told(self) -> bool:
        """Whether anything at all could be said."""
        return any(each.label != "unknown" for each in (*self.important, *self.inert, *self.coupled))


@dataclass(frozen=True)
class Explored:
    """Whether the round that explored before an exploiting one had converged, and the space it explored."""

    finding: ReadinessFinding | None
    round: int | None
    space: Space | None = None


def learned_of(giver: Giver, target: Target) -> Learned:
    """The three questions for everything the round searched."""
    table, project = giver.give(TrialTable, target), giver.state.project
    if not len(table):
        return Learned()
    settings, ranking = project.settings, measure_importance(table)
    about = target.as_mapping()
    important = tuple(
        answer_importance(ranking, name, settings, {**about, "hyperparameter": name}) for name in table.space.names
    )
    inert = tuple(
        answer_inert(
            measure_inert(table, name, min_effect=project.objective.min_effect),
            settings,
            {**about, "hyperparameter": name},
        )
        for name in table.space.names
    )
    ordered = [each.name for each in table.space if not isinstance(each, Categorical)]
    coupled = tuple(
        answer_coupling(measure_coupling(table, one, two), settings, {**about, "hyperparameters": f"{one}, {two}"})
        for one, two in list(combinations(ordered, 2))[:_PAIRS]
    )
    return Learned(important, inert, coupled)


def readiness_of(giver: Giver, target: Target) -> ReadinessFinding:
    """Whether the round's search has converged."""
    table, project = giver.give(TrialTable, target), giver.state.project
    noise = giver.give(SeedNoise, target).sd
    sides = [
        side
        for each in table.space
        if not isinstance(each, Categorical)
        for side in giver.give(BoundaryFindings, Target(round=target.round, hyperparameter=each.name)).sides
    ]
    facts = measure_readiness(table, min_effect=project.objective.min_effect, seed_sd=noise)
    inert = giver.give(Learned, target).inert
    return answer_readiness(
        facts,
        sides,
        inert,
        project.settings,
        curves_settled=_curves_settled(giver.give(TopCurves, target), giver.give(TopSpikes, target)),
        target=target.as_mapping(),
    )


def _curves_settled(curves: TopCurves, spikes: TopSpikes) -> bool | None:
    """No where one of the best trials overfits or two are unstable (one alone may be a false alarm); yes where all
    were looked at and none does."""
    overfits, shakes = [[each.label for each in found] for found in (curves.findings, spikes.losses)]
    if "yes" in overfits or shakes.count("yes") > 1:
        return False
    looked = bool(overfits) and not curves.without_curve and bool(shakes)
    return True if looked and all(label == "no" for label in (*overfits, *shakes)) else None


def explored_of(giver: Giver, target: Target) -> Explored:
    """The last round before this one that explored its space; asked only of one that searches by results.

    A round explored a space if it searched all of its hyperparameters without looking at results; where none did, the
    last one that explored anything.
    """
    each = giver.give(Round, target)
    before = [other for other in giver.state.rounds if other.number < each.number and other.sampler != "bayes"]
    if each.sampler != "bayes" or not before:
        return Explored(None, None)
    same = [other for other in before if set(each.space.names) <= set(other.space.names)]
    last = (same or before)[-1]
    return Explored(giver.give(ReadinessFinding, Target(round=last.number)), last.number, last.space)


PROVIDERS: dict[type, Provider] = {
    Explored: of_round(explored_of),
    Learned: of_round(learned_of),
    ReadinessFinding: of_round(readiness_of),
}
