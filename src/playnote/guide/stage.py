"""Where the project stands, and which rules are due there."""

from __future__ import annotations

from typing import Literal

from playnote.playbook.rule import Phase, Rule
from playnote.records.round import Round
from playnote.records.state import ProjectState

Stage = Literal["declare", "baseline", "plan", "run", "decide"]
_ALWAYS: tuple[Phase, ...] = ("prerequisites", "objective", "splits")
_PLANNING: tuple[Phase, ...] = (*_ALWAYS, "baseline", "stability", "steps", "transfer")
_RUNNING: tuple[Phase, ...] = (
    *_PLANNING,
    "round-goal",
    "study-design",
    "run",
    "tracking",
    "infrastructure",
    "multi-host",
)
_DUE: dict[Stage, tuple[Phase, ...]] = {
    "declare": ("objective",),
    "baseline": (*_ALWAYS, "baseline"),
    "plan": _PLANNING,
    "run": _RUNNING,
    "decide": (*_RUNNING, "analysis", "diagnosis", "adoption"),
}


def stage_of(state: ProjectState) -> Stage:
    """declare -> baseline -> plan -> run -> decide, and from there to the next plan."""
    if state.project.objective.min_effect is None:
        return "declare"
    if not any(trial.outcome is not None for trial in state.of_purpose("baseline")):
        return "baseline"
    current = open_round(state)
    if current is None:
        return "plan"
    return "run" if unfinished(state, current) else "decide"


def baseline_left(state: ProjectState) -> int:
    """Runs of the present baseline that are missing; 0 where there are some and a round was opened on it: enough then."""
    base = dict(state.project.baseline)
    if stage_of(state) != "baseline" and any(dict(each.base) == base for each in state.rounds):
        return 0
    runs = [
        trial
        for trial in state.of_purpose("baseline", "confirm", "repeat")
        if trial.outcome is not None
        and not trial.outcome.startswith("failed")
        and (not base or dict(trial.configuration) == base)
    ]
    return max(0, int(state.project.settings["rule_baseline_seeds"]) - len(runs))


def open_round(state: ProjectState) -> Round | None:
    """The latest round without a decision."""
    return next((each for each in reversed(state.rounds) if not each.closed), None)


def unfinished(state: ProjectState, each: Round) -> int:
    """How many trials of the round have not ended, those that a search by results has yet to choose included."""
    ended = {trial.id for trial in state.trials if trial.outcome is not None}
    stopped = any(event.data["round"] == each.number for event in state.events("search-stopped"))
    return sum(planned.id not in ended for planned in each.planned) + (0 if stopped else each.to_choose)


def due(rules: tuple[Rule, ...], state: ProjectState) -> tuple[Rule, ...]:
    """The rules whose time has come; the others are counted, not judged. The agent's checks wait for an agent to act."""
    phases = _DUE[stage_of(state)]
    if any(event.actor.startswith("agent") for event in state.journal):
        phases = (*phases, "agent")
    return tuple(rule for rule in rules if rule.phase in phases)
