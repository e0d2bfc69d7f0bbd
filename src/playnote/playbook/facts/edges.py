"""Facts of the space's edges: sides on which training diverges, and how far the best lies from them."""

from __future__ import annotations

from dataclasses import dataclass

from playnote.diagnosis.divergence_edge import DivergenceEdgeFinding, answer_divergence_edge, measure_divergence_edge
from playnote.diagnosis.infeasible import answer_infeasible, measure_infeasible
from playnote.diagnosis.winners_curse import WinnersCurseFinding, answer_winners_curse, measure_winners_curse
from playnote.playbook.facts.base import Giver, Provider, Target, of_round
from playnote.playbook.facts.runs import SeedNoise
from playnote.records.table import TrialTable


@dataclass(frozen=True)
class Cliffs:
    """Each side on which trials diverge, with the distance of the best from it; `diverged` trials in all."""

    edges: tuple[DivergenceEdgeFinding, ...] = ()
    diverged: int = 0


def cliffs_of(giver: Giver, target: Target) -> Cliffs:
    """One finding for every significant side of an ordered hyperparameter, each point counted once."""
    table, project = giver.give(TrialTable, target), giver.state.project
    cliffs = answer_infeasible(measure_infeasible(table), project.settings).cliffs
    found = tuple(
        answer_divergence_edge(
            measure_divergence_edge(table, cliff.hyperparameter, cliff.side),
            project.settings,
            {**target.as_mapping(), "hyperparameter": cliff.hyperparameter, "side": cliff.side},
        )
        for cliff in cliffs
    )
    return Cliffs(found, int(table.diverged.sum()))


def winners_curse_of(giver: Giver, target: Target) -> WinnersCurseFinding:
    """By how much the round's best trial flatters itself."""
    project = giver.state.project
    facts = measure_winners_curse(
        giver.give(TrialTable, target),
        min_effect=project.objective.min_effect,
        seed_sd=giver.give(SeedNoise, target).sd,
    )
    return answer_winners_curse(facts, project.settings, target.as_mapping())


PROVIDERS: dict[type, Provider] = {Cliffs: of_round(cliffs_of), WinnersCurseFinding: of_round(winners_curse_of)}
