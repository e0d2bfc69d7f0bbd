"""Rounds of another length than the final training: short ones that try widely, and long ones for a few candidates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from playnote.errors import InputError
from playnote.records.project import Project
from playnote.records.round import PlannedTrial, Round, Study
from playnote.records.state import ProjectState
from playnote.search.basis import basis_of
from playnote.search.plan import training_seed, trial_id
from playnote.space.hyperparameter import Value
from playnote.space.space import Space
from playnote.text import Text

CONFIRM = "confirm"  # ends the name of the study of a confirming round
Key = tuple[tuple[str, Value], ...]


def at_length(project: Project, steps: int | None) -> Project:
    """The project with trials of this many steps; as it is where `steps` is None."""
    if steps is None or project.workflow is None:
        return project
    return replace(project, workflow=replace(project.workflow, max_train_steps=steps))


def final_steps(project: Project, said: float | None) -> int:
    """Steps of the final training: what was answered, else what [workflow] declares. Raises InputError without either."""
    declared = project.workflow.max_train_steps if project.workflow is not None else None
    steps = said if said is not None else declared
    if steps is None:
        raise InputError(
            Text(en="The number of training steps is not declared.", zh="没有声明训练步数。"),
            fix=Text(
                en="Write max_train_steps under [workflow], or answer G1-round1-short with the number.",
                zh="在 [workflow] 里写 max_train_steps，或者回答 G1-round1-short，写数字。",
            ),
        )
    return int(steps)


def short_steps(project: Project, said: float | None) -> int:
    """Steps of a short round: the lower share that the playbook gives (a tenth) of the final training."""
    return max(1, math.ceil(final_steps(project, said) * project.settings["rule_round1_low"]))


def confirming(state: ProjectState, said: float | None, question: str, seed: int = 0) -> Round:
    """The baseline and the best candidates of the short rounds, each trained once at the final length.

    Of every scientific value the best trial stands before a second one of another value, so that a value that was
    poor for its short training alone is seen, too. Raises InputError where no short round has ended.
    """
    steps = final_steps(state.project, said)
    base = dict(state.project.baseline)
    most = int(state.project.settings["rule_round2_candidates"])
    chosen = [base] if base else []
    for configuration in _candidates(state, steps):
        if len(chosen) < most and configuration not in chosen:
            chosen.append(configuration)
    if len(chosen) < 2:
        raise InputError(
            Text(en="No short round has a candidate to confirm.", zh="还没有短跑的候选可以长跑确认。"),
            fix=Text(
                en='Plan and run one first: playnote round new "..." --short.',
                zh='先计划并跑一轮短跑：playnote round new "……" --short。',
            ),
        )
    basis = basis_of(state)
    planned = Round(
        number=basis.number,
        question=question,
        roles={name: "fixed" for name in state.project.space.names},
        scientific={},
        space=Space(()),
        fixed={},
        studies=(),
        sampler="grid",
        seed=seed,
        objective_version=state.project.objective.version,
        base=base,
        group=CONFIRM,
        steps=steps,
    )
    return replace(planned, studies=(_study(planned, chosen, basis.first_trial),))


def _study(planned: Round, chosen: Sequence[Mapping[str, Value]], first: int) -> Study:
    name = f"r{planned.number}/{CONFIRM}"
    trials = tuple(
        PlannedTrial(
            id=trial_id(first + at),
            study=name,
            round=planned.number,
            purpose="search",
            configuration=dict(configuration),
            seed=training_seed(planned, 0),
            index=at,
        )
        for at, configuration in enumerate(chosen)
    )
    return Study(name=name, scientific={}, planned=trials)


def _candidates(state: ProjectState, steps: int) -> list[dict[str, Value]]:
    """Configurations of the rounds that trained shorter, the best of each study first, then the next of each."""
    ranked: list[tuple[int, float, dict[str, Value]]] = []
    for each in state.rounds:
        if each.steps is None or each.steps >= steps:
            continue
        for study in each.studies:
            scored = [(score, p) for p in study.planned if (score := _score(state, p.id)) is not None]
            scored.sort(key=lambda pair: pair[0])
            ranked += [(place, score, dict(p.configuration)) for place, (score, p) in enumerate(scored)]
    ranked.sort(key=lambda row: row[:2])
    return [configuration for _, _, configuration in ranked]


def _score(state: ProjectState, trial: str) -> float | None:
    """The score, lower is better; None where it has none or breaks a constraint."""
    reading = state.readings.get(trial)
    if reading is None or reading.score is None or reading.feasible is False:
        return None
    return state.project.objective.sign * reading.score
