"""Facts of the space's edges: sides on which training diverges, and how far the best lies from them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

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
    table, project = distinct(giver.give(TrialTable, target)), giver.state.project
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


def distinct(table: TrialTable) -> TrialTable:
    """The table with each point once: its best trial, a diverged one only where none at that point ended well.

    Values that are compared at the same points would otherwise count one divergence several times over.
    """
    order = np.lexsort((np.where(np.isfinite(table.error), table.error, np.inf), table.failed, table.diverged))
    _, first = np.unique(np.nan_to_num(table.unit[order], nan=-1.0), axis=0, return_index=True)
    kept = np.sort(order[first])
    return replace(
        table,
        ids=tuple(table.ids[at] for at in kept),
        unit=table.unit[kept],
        error=table.error[kept],
        ok=table.ok[kept],
        diverged=table.diverged[kept],
        pruned=table.pruned[kept],
        failed=table.failed[kept],
        last_error=table.last_error[kept],
    )


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
