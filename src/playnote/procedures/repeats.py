"""Trials that repeat one configuration with different seeds: baseline runs, confirmations, repeats."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.errors import InputError
from playnote.records.project import Project
from playnote.records.round import PlannedTrial
from playnote.records.state import ProjectState
from playnote.records.trial import Purpose
from playnote.search.basis import basis_of
from playnote.search.plan import trial_id
from playnote.search.reach import base_values
from playnote.space.hyperparameter import Value
from playnote.text import Text, same

# Seeds of repeats stay clear of the search's, which begin at a thousand.
_FIRST_SEED = 1


def plan_repeats(
    state: ProjectState,
    configuration: Mapping[str, Value],
    purpose: Purpose,
    count: int,
    *,
    round_: int = 0,
) -> tuple[PlannedTrial, ...]:
    """`count` trials of a configuration, each with a seed that it has not been trained with yet.

    They belong to no round (0) unless told, and to the study named by their purpose.
    """
    wanted = dict(configuration)
    used = {trial.seed for trial in state.trials if dict(trial.configuration) == wanted}
    seeds = (seed for seed in range(_FIRST_SEED, _FIRST_SEED + count + len(used)) if seed not in used)
    first = basis_of(state).first_trial
    return tuple(
        PlannedTrial(
            id=trial_id(first + index),
            study=purpose,
            round=round_,
            purpose=purpose,
            configuration=wanted,
            seed=seed,
            index=index,
        )
        for index, seed in zip(range(count), seeds, strict=False)
    )


def baseline_configuration(project: Project) -> dict[str, Value]:
    """Every hyperparameter that exists in the baseline, at its value. Raises InputError where one has none."""
    values = base_values(project, {}, ())
    exists = [each.name for each in project.space if project.space.active(each, values)]
    missing = [name for name in exists if name not in values]
    if missing:
        raise InputError(
            Text(en="The baseline gives no value for {names}.", zh="基线没有给出 {names} 的值。").fill(
                names=same(", ".join(missing))
            ),
            fix=Text(en="Add it to [baseline].", zh="请在 [baseline] 里补上。"),
        )
    return {name: values[name] for name in exists}
