"""What is doubtful about a plan: said before anything is spent, and nothing of it forbids the round."""

from __future__ import annotations

from collections.abc import Iterator

from playnote.records.project import Project
from playnote.records.round import Round
from playnote.search.budget import budget_advice, optimizer_of, optimizer_setting
from playnote.space.hyperparameter import Categorical
from playnote.text import Text


def plan_warnings(planned: Round, project: Project, per_value: int) -> Iterator[Text]:
    """What is doubtful about a plan; none of it forbids the round."""
    yield from _question_warnings(planned, project)
    yield from _budget_warnings(planned, project, per_value)
    yield from _learning_rate_warnings(planned, project)
    repeats = _repeats(planned)
    if repeats:
        yield Text(
            en="{n} points repeat another one of their study (whole numbers and choices leave few different points).",
            zh="有 {n} 个点和同一研究里的别的点重复（整数和选项能取的不同点太少）。",
        ).fill(n=repeats)


def _question_warnings(planned: Round, project: Project) -> Iterator[Text]:
    if len(planned.scientific) > project.settings["scientific_dimensions"]:
        yield Text(
            en="{n} scientific hyperparameters in one round: ask one big question, leave the others to later rounds.",
            zh="一轮里有 {n} 个目标超参：一轮只问一个大问题，其余留到以后。",
        ).fill(n=len(planned.scientific))
    groups = list(dict.fromkeys(project.space[name].group for name in planned.scientific))
    if len(groups) > 1:
        yield Text(
            en="The scientific hyperparameters belong to different groups ({names}): that is two questions in one.",
            zh="目标超参属于不同的组（{names}）：这是把两个问题放进了一轮。",
        ).fill(names=", ".join(group or "-" for group in groups))


def _budget_warnings(planned: Round, project: Project, per_value: int) -> Iterator[Text]:
    settings, dimensions = project.settings, len(planned.space)
    if planned.space.names and per_value < settings["fewest_trials_per_value"]:
        yield Text(
            en="{n} trials a value hardly tune anything: drop scientific values or nuisance hyperparameters.",
            zh="每个取值只有 {n} 个试验，等于没调：减少目标取值，或减少冗余超参。",
        ).fill(n=per_value)
    elif len(planned.studies) > 1 and per_value < settings["trials_for_isolation"]:
        yield Text(
            en="With {n} trials a value the isolation plot will answer unknown; it takes {least}.",
            zh="每个取值 {n} 个试验，隔离图只能答“不清楚”；至少要 {least} 个。",
        ).fill(n=per_value, least=int(settings["trials_for_isolation"]))
    if dimensions > settings["halton_dimensions"] and planned.sampler == "quasi-random":
        yield Text(
            en="{n} nuisance dimensions: above {most}, quasi-random points are correlated; "
            "fix the least important ones.",
            zh="有 {n} 个冗余超参：超过 {most} 维，准随机点之间会相关；把最不重要的先固定。",
        ).fill(n=dimensions, most=int(settings["halton_dimensions"]))
    advice = budget_advice(per_value, planned.space.names, optimizer_of(planned.fixed.values()) or "sgd", settings)
    if advice.hold:
        yield Text(
            en="With {n} trials a value, {names} would better stay fixed: the budget reaches {search}.",
            zh="每个取值 {n} 个试验，{names} 最好先固定：这点预算够调 {search}。",
        ).fill(n=per_value, names=", ".join(advice.hold), search=", ".join(advice.search) or "-")


def _learning_rate_warnings(planned: Round, project: Project) -> Iterator[Text]:
    rates = [each for each in project.space if optimizer_setting(each.name) == "lr"]
    held = [each.name for each in rates if planned.roles.get(each.name) == "fixed"]
    if held and planned.scientific and len(held) == len(rates):
        yield Text(
            en="{name} is fixed: a value that wants another learning rate will look worse than it is.",
            zh="{name} 固定了：需要别的学习率的取值会显得比实际差。",
        ).fill(name=", ".join(held))
    for each in project.space:
        varied = isinstance(each, Categorical) and planned.roles.get(each.name) != "fixed"
        if varied and optimizer_of(getattr(each, "choices", ())) and any(not rate.when for rate in rates):
            yield Text(
                en="The choices of {name} share one learning rate range: give each its own ({rate} under a condition).",
                zh="{name} 的各个选项共用一个学习率范围：给每个优化器各自的学习率（给 {rate} 加条件）。",
            ).fill(name=each.name, rate=rates[0].name)


def _repeats(planned: Round) -> int:
    repeats = 0
    for study in planned.studies:
        points = [tuple(sorted(trial.configuration.items())) for trial in study.planned]
        repeats += len(points) - len(set(points))
    return repeats
