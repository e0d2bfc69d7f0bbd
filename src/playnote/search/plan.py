"""Planning a round: from a question to the points that will be run.

There is one study per scientific value, and every study has the same nuisance points, so that a
difference between two values is never a difference between two samples.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from playnote.errors import Detail, InputError
from playnote.records.project import Project
from playnote.records.round import PlannedTrial, Round, SearcherName, Study
from playnote.search.branches import dimension
from playnote.search.grid import grid_points
from playnote.search.points import PointMaker, configurations, quasi_random, uniform_random
from playnote.search.reach import base_values, check_gaps, with_gaps
from playnote.search.roles import check_roles, roles_of, usual_nuisance
from playnote.search.spending import Spending, affordable_per_value
from playnote.space.hyperparameter import Float, Value
from playnote.space.showing import shown
from playnote.space.space import Configuration, Space
from playnote.text import Text

MAKERS: Mapping[str, PointMaker] = {"quasi-random": quasi_random, "random": uniform_random, "grid": grid_points}
BY_RESULTS: SearcherName = "bayes"  # its points are chosen one after another, while the round runs
# Training seeds of one round lie together, far from those of the next: 3017 is the 18th point of round 3.
_ROUND_STEP, _SEED_STEP = 1000, 1_000_000
_VERSION_STEP = 104_729
# The values that tell a study from its siblings, as a key.
Scientific = tuple[tuple[str, Value], ...]


def plan_round(
    project: Project,
    question: str,
    scientific: Mapping[str, Sequence[Value]],
    trials_per_value: int | None = None,
    *,
    nuisance: Iterable[str] | None = None,
    fixed: Mapping[str, Value] | None = None,
    seed: int = 0,
    number: int = 1,
    first_trial: int = 1,
    sampler: SearcherName = "quasi-random",
    searcher: str = "",
    spending: Spending | None = None,
    opened: str | None = None,
) -> Round:
    """Plan a round; the points are in it, so that a resumed round runs exactly these.

    scientific        the values to compare, by name: {"dropout": [0.0, 0.2, 0.4]}; {} tunes without comparing
    trials_per_value  nuisance points of each study; None takes the setting, or less where the budget holds less
    nuisance          names to tune in each study; None takes the usual ones for this budget
    fixed             values that differ from the baseline; everything else is fixed at its baseline value
    first_trial       number of the first trial id ("t0031" is 31)
    searcher          whose search by results, where the sampler is "bayes": "" for ours

    Raises InputError with every problem: unknown names, two roles for one name, values outside the
    space, a fixed hyperparameter without a value, more trials than the budget holds.
    """
    tuned = None if nuisance is None else tuple(nuisance)
    refuse(question, check_roles(project.space, scientific, tuned or (), fixed or {}))
    values = {name: tuple(_real(project.space, name, value) for value in each) for name, each in scientific.items()}
    held = {name: _real(project.space, name, value) for name, value in (fixed or {}).items()}
    per_value = affordable_per_value(project, values, trials_per_value, spending or Spending())
    if tuned is None:
        tuned = usual_nuisance(project.space, (*values, *held), per_value, project.baseline, project.settings, values)
        tuned = with_gaps(project, values, held, tuned)
    base = base_values(project, held, (*values, *tuned))
    refuse(question, check_gaps(project.space, values, tuned, base))
    planned = _without_points(project, question, values, tuned, base)
    planned = replace(planned, sampler=sampler, searcher=searcher, seed=seed, number=number, opened=opened)
    if sampler == BY_RESULTS:
        return added(replace(planned, promised=per_value), {each: () for each in combinations(planned, project)}, 1)
    return with_points(planned, project, per_value, first_trial)


def _without_points(
    project: Project,
    question: str,
    values: Mapping[str, tuple[Value, ...]],
    tuned: Sequence[str],
    base: Configuration,
) -> Round:
    return Round(
        number=1,
        question=question,
        roles=roles_of(project.space, values, tuned),
        scientific=values,
        space=project.space.only(tuple(tuned)),
        fixed=base,
        studies=(),
        objective_version=project.objective.version,
        base=dict(project.baseline),
        group=_group(project.space, values),
    )


def with_points(planned: Round, project: Project, count: int, first_trial: int) -> Round:
    """The round with `count` further points in each study, in the order of the sequence."""
    made = study_points(planned, project, count, next_index(planned) - planned.space_start)
    return added(planned, made, first_trial)


def next_index(planned: Round) -> int:
    """Index of the next point."""
    return max((trial.index + 1 for trial in planned.planned), default=0)


def added(planned: Round, points: Mapping[Scientific, Sequence[Configuration]], first_trial: int) -> Round:
    """The round with further points; ids follow the order of running, all scientific values of a point together."""
    start, most = next_index(planned), max((len(each) for each in points.values()), default=0)
    numbers = ((index, key) for index in range(most) for key in points if index < len(points[key]))
    ids = {place: trial_id(first_trial + number) for number, place in enumerate(numbers)}
    studies = []
    for scientific, further in points.items():
        name = study_name(planned.number, dict(scientific))
        before = next((study.planned for study in planned.studies if study.name == name), ())
        new = tuple(
            PlannedTrial(
                id=ids[offset, scientific],
                study=name,
                round=planned.number,
                purpose="search",
                configuration=configuration,
                seed=training_seed(planned, start + offset),
                index=start + offset,
            )
            for offset, configuration in enumerate(further)
        )
        studies.append(Study(name=name, scientific=dict(scientific), planned=(*before, *new)))
    return replace(planned, studies=tuple(studies))


def study_points(planned: Round, project: Project, count: int, start: int) -> dict[Scientific, list[dict[str, Value]]]:
    """Configurations `start` to `start + count` of every study, by its scientific values."""
    space, searched = searched_space(planned, project), planned.space.names
    given = {combination: {**planned.fixed, **dict(combination)} for combination in combinations(planned, project)}
    # Equal width for all studies: they share their points even where one has more hyperparameters.
    width = max(dimension(space, searched, each) for each in given.values())
    return {
        combination: configurations(
            space,
            searched,
            each,
            count=count,
            start=start,
            seed=sequence_seed(planned),
            off_share=project.settings["off_share"],
            width=width,
            maker=MAKERS[planned.sampler],
        )
        for combination, each in given.items()
    }


def sequence_seed(planned: Round) -> int:
    """Seed of the point sequence: a new version of the space has a new sequence."""
    return planned.seed + _VERSION_STEP * (planned.space_version - 1)


def combinations(planned: Round, project: Project) -> list[Scientific]:
    """The scientific values of each study.

    A value that does not exist beside another one (beta1 with SGD) is left out; what is then equal is one study.
    """
    made = []
    for combination in product(*planned.scientific.values()):
        values = dict(zip(planned.scientific, combination, strict=True))
        given = {**planned.fixed, **values}
        made.append(tuple(item for item in values.items() if _exists(project.space, item[0], given)))
    return list(dict.fromkeys(made))


def _real(space: Space, name: str, value: Value) -> Value:
    # A whole number given for a real hyperparameter means the real one: 0 and 0.0 must not make two studies.
    return float(value) if isinstance(space[name], Float) else value


def _exists(space: Space, name: str, given: Configuration) -> bool:
    return all(
        parent not in given or (given[parent] == value and _exists(space, parent, given))
        for parent, value in space[name].when.items()
    )


def searched_space(planned: Round, project: Project) -> Space:
    """The project's space with the nuisance ranges as this round searches them."""
    ours = {each.name: each for each in planned.space}
    return Space(tuple(ours.get(each.name, each) for each in project.space))


def study_name(number: int, scientific: Mapping[str, Value]) -> str:
    """ "r1/dropout=0.2", or "r1" in a round that compares nothing."""
    values = ",".join(
        f"{name}={value if isinstance(value, str) else shown(value)}" for name, value in scientific.items()
    )
    return f"r{number}/{values}" if values else f"r{number}"


def trial_id(number: int) -> str:
    """ "t0031" for the 31st trial of a project."""
    return f"t{number:04d}"


def training_seed(planned: Round, index: int) -> int:
    """The seed of a point's training: the same for all scientific values, different from point to point."""
    return planned.seed * _SEED_STEP + planned.number * _ROUND_STEP + index


def _group(space: Space, scientific: Mapping[str, object]) -> str:
    groups = dict.fromkeys(space[name].group for name in scientific if space[name].group)
    return ", ".join(groups)


def refuse(question: str, problems: Collection[Detail]) -> None:
    """Raise InputError with all problems, if there are any."""
    if not problems:
        return
    raise InputError(
        Text(
            en="The round {question!r} cannot be planned: {n} problem(s).",
            zh="这一轮（{question}）没法计划：{n} 处问题。",
        ).fill(question=question, n=len(problems)),
        fix=next(iter(problems)).fix,
        details=problems,
    )
