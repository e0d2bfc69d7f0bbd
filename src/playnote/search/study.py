"""From a question to a plan: which hyperparameters it is about, which values to compare, what each of the others is for.

The question's hyperparameters are scientific. Optimizer settings are nuisance as far as the budget reaches, strengths of
regularization too; architecture and choices are fixed by their cost. What that leaves open is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playnote.records.project import Project
from playnote.records.state import ProjectState
from playnote.search.basis import basis_of, plan_next
from playnote.search.budget import ORDER, optimizer_of, optimizer_setting
from playnote.search.plan import refuse
from playnote.search.price import Plan
from playnote.search.reach import reachable
from playnote.search.roles import unknown_names
from playnote.search.spending import Spending, affordable
from playnote.space.hyperparameter import Categorical, Hyperparameter, Value
from playnote.space.showing import shown
from playnote.space.space import Space
from playnote.text import Text

_PLACES = (1 / 6, 1 / 2, 5 / 6)  # middles of the thirds of a range
_FEWEST_VALUES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """A question, the round that would answer it, and what it would leave open.

    reasons  why every hyperparameter has its role, by name
    cannot   what the plan cannot answer
    """

    plan: Plan
    reasons: Mapping[str, Text]
    cannot: tuple[Text, ...]

    def lines(self) -> tuple[Text, ...]:
        """The plan in sentences."""
        roles = (
            _ROLE.fill(name=name, role=_ROLES[self.plan.round.roles[name]], why=why)
            for name, why in self.reasons.items()
        )
        return (*self.plan.lines(), *roles, *self.cannot)


def plan_study(
    state: ProjectState,
    question: str,
    about: Iterable[str] = (),
    trials_per_value: int | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
) -> StudyPlan:
    """Plan the study that answers a question, with roles, values and trials chosen by the playbook's rules.

    about  hyperparameters the question is about; none: those it names; if it names none, nothing is compared

    Raises InputError for unknown names and where the budget holds not one trial a value.
    """
    project = state.project
    named = tuple(about) or named_in(question, project.space)
    refuse(question, unknown_names(project.space, named))
    each_value = trials_per_value or int(project.settings["fewest_trials_per_value"])
    values = proposed_values(project, named, each_value, basis_of(state).spending)
    plan = plan_next(state, question, values, trials_per_value, seed=seed, workers=workers)
    return StudyPlan(
        plan=plan,
        reasons={each.name: _reason(each, plan, project) for each in project.space},
        cannot=tuple(_cannot(plan, project)),
    )


def named_in(question: str, space: Space) -> tuple[str, ...]:
    """The hyperparameters whose names, or the last parts of them, stand in a question as words of their own."""
    words = set(re.findall(r"[a-z0-9_.]+", question.lower())) | set(re.findall(r"[a-z0-9_]+", question.lower()))
    spaced = " ".join(re.findall(r"[a-z0-9]+", question.lower()))

    def asked(name: str) -> bool:
        last = name.lower().split(".")[-1]
        return bool({name.lower(), last} & words) or ("_" in last and last.replace("_", " ") in spaced)

    return tuple(name for name in space.names if asked(name))


def proposed_values(
    project: Project, names: Sequence[str], trials_per_value: int, spending: Spending
) -> dict[str, list[Value]]:
    """Values to compare: every choice; of a range its thirds, the baseline's value and "off".

    Fewer where the budget does not hold `trials_per_value` trials for each; the baseline's value goes last.
    """
    ranked = {name: _ranked(project, project.space[name]) for name in names}
    most = max(affordable(project, spending) // max(trials_per_value, 1), 1)
    kept = {name: len(values) for name, values in ranked.items()}
    while _product(kept.values()) > most and max(kept.values()) > _FEWEST_VALUES:
        longest = max(kept, key=lambda name: kept[name])
        kept[longest] -= 1
    return {name: _in_order(project.space[name], ranked[name][: kept[name]]) for name in names}


def _ranked(project: Project, each: Hyperparameter) -> list[Value]:
    """The values worth comparing, what must stay first."""
    base = [project.baseline[each.name]] if each.name in project.baseline else []
    if isinstance(each, Categorical):
        return list(dict.fromkeys((*base, *each.choices)))
    off = [] if each.off is None else [each.off]
    places = [float(f"{at:.3g}") if isinstance(at := each.from_unit(unit), float) else at for unit in _PLACES]
    inside = [min(max(at, each.low), each.high) for at in (places[1], places[0], places[2])]
    # A third that holds the baseline's value has its value already.
    taken = [unit for value in base if (unit := each.to_unit(value)) == unit]
    new = [at for at in inside if all(abs(each.to_unit(at) - unit) > 1 / 6 for unit in taken)]
    return list(dict.fromkeys((*base, *off, *new)))


def _in_order(each: Hyperparameter, values: Sequence[Value]) -> list[Value]:
    if isinstance(each, Categorical):
        return sorted(values, key=each.choices.index)
    return sorted(values, key=float)


def _product(counts: Iterable[int]) -> int:
    product = 1
    for count in counts:
        product *= count
    return product


def _reason(each: Hyperparameter, plan: Plan, project: Project) -> Text:
    current = plan.round
    role = current.roles[each.name]
    if role == "scientific":
        return _ASKED.fill(values=", ".join(shown(value) for value in current.scientific[each.name]))
    if role == "nuisance":
        return _SETTING if _is_setting(each, project) else _STRENGTH
    if not reachable(project.space, each, current.scientific, current.space.names, current.fixed):
        return _ABSENT
    if isinstance(each, Categorical) or each.group not in ("", "optimizer", "regularization"):
        return _COSTLY
    return _BUDGET.fill(n=plan.per_value)


def _is_setting(each: Hyperparameter, project: Project) -> bool:
    if each.group:
        return each.group == "optimizer"
    family = optimizer_of(project.baseline.values()) or "sgd"
    setting = optimizer_setting(each.name)
    return setting != "weight_decay" and setting in ORDER[family]


def _cannot(plan: Plan, project: Project) -> Iterator[Text]:
    current = plan.round
    if not current.scientific:
        yield _TUNES
    ranges = [name for name in current.scientific if not isinstance(project.space[name], Categorical)]
    if ranges:
        yield _BETWEEN.fill(names=", ".join(ranges))
    held = [
        each.name
        for each in project.space
        if current.roles[each.name] == "fixed"
        and reachable(project.space, each, current.scientific, current.space.names, current.fixed)
    ]
    if held:
        yield _ELSEWHERE.fill(names=", ".join(held))
    if plan.round.studies and plan.smallest is None and len(plan.round.studies) > 1:
        yield _SMALL


_ROLE = Text(en="{name}: {role}. {why}", zh="{name}：{role}。{why}")
_ROLES = {
    "scientific": Text(en="scientific", zh="目标超参"),
    "nuisance": Text(en="nuisance", zh="冗余超参"),
    "fixed": Text(en="fixed", zh="固定超参"),
}
_ASKED = Text(en="The question is about it; values {values}.", zh="问题问的就是它；取值 {values}。")
_SETTING = Text(
    en="An optimizer setting: tuned anew for every value, else the comparison is not fair.",
    zh="优化器的设置：每个取值都要重新调，不然比较不公平。",
)
_STRENGTH = Text(
    en="A strength of regularization: its best value moves with the others, so it is tuned along.",
    zh="正则化强度：最优值会跟着别的超参变，所以一起调。",
)
_ABSENT = Text(en="Does not exist in this round.", zh="这一轮里不存在。")
_COSTLY = Text(
    en="Architecture or a choice: to tune it for every value would cost too much.",
    zh="结构或选项：每个取值都调一遍太贵。",
)
_BUDGET = Text(en="{n} trials a value do not reach it.", zh="每个取值 {n} 个试验，轮不到它。")
_TUNES = Text(
    en="It compares nothing: it finds good values and says of none that it beats another.",
    zh="这个计划不比较任何取值：只能找到好的配置，说不了谁比谁好。",
)
_BETWEEN = Text(
    en="It says nothing of values of {names} between or beyond those compared.",
    zh="{names} 在这些取值之间或之外怎么样，它说不了。",
)
_ELSEWHERE = Text(
    en="Whether the answer is the same with another {names}, it cannot say.",
    zh="{names} 换成别的值，结论还成不成立，它说不了。",
)
_SMALL = Text(
    en="Whether a small difference is one of seeds, it cannot say before something was repeated.",
    zh="没有换种子重复跑过，差一点点是不是种子波动，它说不了。",
)
