"""Facts of adoption: every change that was judged, compared again from the runs on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.diagnosis.adoption import AdoptionFinding, answer_adoption, measure_adoption
from playnote.diagnosis.complexity import ComplexityFinding, answer_complexity, measure_complexity
from playnote.playbook.facts.base import Giver, Provider, Target, of_project
from playnote.playbook.facts.history import Adopted, History
from playnote.records.state import ProjectState
from playnote.records.trial import DIVERGED, TrialRecord
from playnote.space.hyperparameter import Categorical


@dataclass(frozen=True)
class Proposal:
    """One judged configuration: what was decided, the gain over the baseline's runs, and what it adds."""

    decided: Adopted
    gain: AdoptionFinding | None = None
    adds: ComplexityFinding | None = None

    @property
    def adopted(self) -> bool:
        """Whether it became the baseline."""
        return self.decided.verdict == "adopted"

    @property
    def name(self) -> str:
        """The trial it came from, or the journal number."""
        return str(self.decided.data.get("trial") or f"#{self.decided.number}")


@dataclass(frozen=True)
class Proposals:
    """All of them, in order."""

    all: tuple[Proposal, ...] = ()

    @property
    def adopted(self) -> tuple[Proposal, ...]:
        """Those that became the baseline."""
        return tuple(each for each in self.all if each.adopted)

    @property
    def latest(self) -> tuple[Proposal, ...]:
        """The last word on every configuration."""
        last = {_key(each.decided.configuration): each for each in self.all}
        return tuple(last.values())


def proposals_of(giver: Giver) -> Proposals:
    """Judge each from the trials that its decision names."""
    state = giver.state
    known = {trial.id: trial for trial in state.trials}
    found = []
    for each in giver.give(History, Target()).adoptions:
        named = each.data.get("trials")
        runs = [known[str(name)] for name in named if str(name) in known] if isinstance(named, list | tuple) else []
        new = [run for run in runs if run.purpose == "confirm" and _counts(run)]
        old = [run for run in runs if run.purpose == "baseline" and _counts(run)]
        found.append(Proposal(each, _gain(state, old, new), _adds(state, each, old, new)))
    return Proposals(tuple(found))


def _counts(run: TrialRecord) -> bool:
    return run.outcome == "ok" or run.outcome in DIVERGED


def _gain(state: ProjectState, old: list[TrialRecord], new: list[TrialRecord]) -> AdoptionFinding | None:
    if not old or not new:
        return None
    objective = state.project.objective
    arms = []
    for runs in (old, new):
        scores = [state.readings[run.id].score if run.id in state.readings else None for run in runs]
        arms.append([float("nan") if score is None else objective.sign * score for score in scores])
    facts = measure_adoption(arms[0], arms[1], min_effect=objective.min_effect, settings=state.project.settings)
    return answer_adoption(facts, state.project.settings)


def _adds(
    state: ProjectState, each: Adopted, old: list[TrialRecord], new: list[TrialRecord]
) -> ComplexityFinding | None:
    if not old or not each.configuration:
        return None
    off = {h.name: h.off for h in state.project.space if not isinstance(h, Categorical) and h.off is not None}
    seconds = ([r.seconds for r in old if r.seconds], [r.seconds for r in new if r.seconds])
    facts = measure_complexity(
        old[0].configuration, each.configuration, off=off, seconds=seconds if all(seconds) else None
    )
    return answer_complexity(facts, state.project.settings)


def _key(configuration: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in configuration.items()))


def same_configuration(first: Mapping[str, object], second: Mapping[str, object]) -> bool:
    """Whether two configurations agree in every hyperparameter that both name, and name at least one in common."""
    common = set(first) & set(second)
    return bool(common) and all(first[name] == second[name] for name in common)


PROVIDERS: dict[type, Provider] = {Proposals: of_project(proposals_of)}
