"""Facts that are declared: the project file, the answers people gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.playbook.facts.base import Giver, Provider, Target, of_project, of_round, of_target
from playnote.records.objective import Objective
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState


@dataclass(frozen=True)
class Answers:
    """What people answered to the rules' questions, latest first said: rule id to answer."""

    by_rule: Mapping[str, str]

    def to(self, rule: str) -> str | None:
        """The answer in force, None where nobody answered."""
        return self.by_rule.get(rule)


def round_of(giver: Giver, target: Target) -> Round:
    """The round a target names."""
    return next(each for each in giver.state.rounds if each.number == target.round)


def _answers(giver: Giver) -> Answers:
    return Answers({str(e.data["rule"]): str(e.data["answer"]) for e in giver.state.events("answer")})


PROVIDERS: dict[type, Provider] = {
    ProjectState: of_project(lambda giver: giver.state),
    Project: of_project(lambda giver: giver.state.project),
    Objective: of_project(lambda giver: giver.state.project.objective),
    Target: of_target(lambda _, target: target),
    Answers: of_project(_answers),
    Round: of_round(round_of),
}
