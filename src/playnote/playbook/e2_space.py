"""Appendix E.2, the searched space: ranges, scales, conditions, how many trials and what they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from playnote.playbook.examples import LR, planned_round, project, round_trials
from playnote.playbook.facts import RoundTrials
from playnote.playbook.facts.design import Coverage
from playnote.playbook.facts.recipe import ADAM, MOMENTUM, OPTIMIZERS, RATES, SCHEDULES, Recipe, among, plain
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Budget, Project
from playnote.records.round import Round
from playnote.space.hyperparameter import Categorical, Float, Value
from playnote.space.space import Space
from playnote.text import Text


@rule(
    "E2-bounds",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(en="Every searched hyperparameter has bounds or a list of values.", zh="目标和冗余超参都有上下界。"),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(space=Space((Float(name="lr", low=0.1, high=0.1),))),)),
    ),
)
def bounds(round: Round) -> Judgement:
    """Fail on an empty range: nothing is searched there."""
    empty = [each.name for each in round.space if not isinstance(each, Categorical) and not each.low < each.high]
    if empty:
        return fails(Text(en="{names} has no range.", zh="{names} 没有范围。").fill(names=", ".join(empty)))
    return passes(Text(en="All {d} have a range.", zh="{d} 个都有范围。").fill(d=len(round.space)))


@rule(
    "E2-log-scale",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="Learning rate and regularization strength are searched on a log scale.",
        zh="学习率、正则强度按对数刻度来搜。",
    ),
    examples=(
        silent(lambda: (planned_round(), project())),
        fires("warn", lambda: (planned_round(space=Space((_linear_lr(),))), project())),
    ),
)
def log_scale(round: Round, project: Project) -> Judgement:
    """Warn on a linear scale over a wide positive range."""
    wide = [
        each.name
        for each in round.space
        if isinstance(each, Float)
        and each.scale == "linear"
        and each.low > 0
        and each.high / each.low > project.settings["rule_log_ratio"]
    ]
    if wide:
        return warns(
            Text(en="{names}: linear over more than a factor of ten.", zh="{names}：跨度超过 10 倍却用线性刻度。").fill(
                names=", ".join(wide)
            )
        )
    return passes(Text(en="Wide ranges are on a log scale.", zh="跨度大的都用了对数刻度。"))


@rule(
    "E2-conditional",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="What belongs to one choice is declared for that choice alone: each optimizer has its own settings.",
        zh="条件超参分开定义：每个优化器的参数各归各的，不要共用一个名字。",
    ),
    examples=(
        silent(lambda: (project(),), "not-applicable"),
        silent(lambda: (_optimizers(when={"optimizer": "adamw"}),)),
        fires("warn", lambda: (_optimizers(),)),
    ),
)
def conditional(project: Project) -> Judgement:
    """A choice of optimizer, and settings of optimizers that all of its branches share."""
    switches = [
        each for each in project.space if isinstance(each, Categorical) and plain(each.name) in OPTIMIZERS | SCHEDULES
    ]
    open_ = [each for each in switches if len(each.choices) > 1]
    if not open_:
        return does_not_apply(Text(en="No choice brings settings of its own.", zh="没有会带出自己参数的选项。"))
    shared = [
        each.name
        for each in project.space
        if not each.when and plain(each.name) in RATES | MOMENTUM | frozenset().union(*ADAM.values())
    ]
    if shared:
        return warns(
            Text(
                en="{names} shared by all choices of {switch}: what is good for one is not for another.",
                zh="{switch} 的所有选项共用 {names}：对一个合适，对另一个未必。",
            ).fill(names=", ".join(shared), switch=open_[0].name)
        )
    return passes(Text(en="Settings stand under their choice.", zh="参数都挂在各自的选项下。"))


@rule(
    "E2-trials-max",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(en="The number of trials is decided: as many as the compute allows.", zh="试验数定下来，算力内尽量大。"),
    examples=(
        silent(lambda: (planned_round(), project(budget=Budget(trials=20)))),
        fires("warn", lambda: (planned_round(), project(budget=Budget(trials=500)))),
        fires("unknown", lambda: (planned_round(), project(budget=Budget()))),
    ),
)
def trials_max(round: Round, project: Project) -> Judgement:
    """Planned trials against the declared budget."""
    if project.budget.trials is None:
        return cannot_tell(
            Text(en="No budget of trials is declared.", zh="没声明试验预算。"),
            missing=(Text(en="`trials` in [budget]", zh="[budget] 里的 `trials`"),),
        )
    share = round.total / project.budget.trials
    said = Text(en="{n} planned of a budget of {all}.", zh="计划 {n} 个，预算 {all} 个。").fill(
        n=round.total, all=project.budget.trials
    )
    return warns(said) if share < project.settings["rule_budget_used"] else passes(said)


@rule(
    "E2-multi-nuisance",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="Every scientific value is tried with several nuisance settings.", zh="每个目标值下有多个不同的冗余配置。"
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (_eight(), project())),
        fires("warn", lambda: (planned_round(), project())),
        silent(lambda: (planned_round(scientific={}), project()), "not-applicable"),
    ),
)
def multi_nuisance(round: Round, project: Project) -> Judgement:
    """Warn under the setting's number; a single one fails."""
    if not round.studies:
        return does_not_apply(Text(en="No studies.", zh="没有研究。"))
    fewest = round.fewest
    said = Text(en="At least {n} nuisance settings a value.", zh="每个目标值至少 {n} 组冗余配置。").fill(n=fewest)
    if fewest < 2:
        return fails(said)
    return warns(said) if fewest < project.settings["rule_settings_per_value"] else passes(said)


@rule(
    "E2-cover-range",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:E.2",),
    phase="study-design",
    text=Text(
        en="Together the trials cover a fair part of the sensible range.", zh="整体上，试验要覆盖到合理范围的一部分。"
    ),
    examples=(
        silent(lambda: (Coverage(16, {"lr": 0.1}, 0.4), project())),
        silent(lambda: (Coverage(), project()), "not-applicable"),
        fires("warn", lambda: (Coverage(16, {"lr": 0.5}, 0.6), project())),
        fires("warn", lambda: (Coverage(16, {"lr": 0.2}, 1.6), project())),
        fires("unknown", lambda: (Coverage(1, {"lr": 0.5}), project())),
    ),
)
def cover_range(coverage: Coverage, project: Project) -> Judgement:
    """The largest empty stretch of a range, and evenness against as many random points."""
    if not coverage.points:
        return does_not_apply(Text(en="No range is searched.", zh="没有搜索任何范围。"))
    if coverage.unevenness is None:
        return cannot_tell(
            Text(en="One point covers nothing.", zh="一个点谈不上覆盖。"),
            missing=(Text(en="more points", zh="更多点"),),
        )
    wide = [name for name, gap in coverage.gaps.items() if gap > project.settings["rule_gap"]]
    said = {"n": coverage.points, "names": ", ".join(wide)}
    if wide:
        return warns(
            Text(
                en="{n} points leave more than a third of {names} empty.", zh="{n} 个点，{names} 有三分之一以上是空的。"
            ).fill(**said)
        )
    if coverage.unevenness > project.settings["rule_unevenness"]:
        return warns(Text(en="{n} points, less even than random ones.", zh="{n} 个点，还不如随机均匀。").fill(**said))
    return passes(Text(en="{n} points spread over every range.", zh="{n} 个点铺满了每个范围。").fill(**said))


@rule(
    "E2-adam-budget",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1", "body:13"),
    phase="study-design",
    text=Text(
        en="Trials per value say how much of Adam to tune: the rate alone below 10, beta1 from 10, epsilon from 25, "
        "beta2 only with many more.",
        zh="预算定 Adam 调几个：不到 10 次只调学习率，10 次起加 β1，25 次起加 ε，再充足很多才动 β2。",
    ),
    examples=(
        silent(lambda: (planned_round(points=4), Recipe(optimizer="adam"), round_trials(12), project())),
        silent(lambda: (planned_round(), Recipe(optimizer="sgd"), round_trials(12), project()), "not-applicable"),
        fires("warn", lambda: (_beta1_round(), Recipe(optimizer="adam"), round_trials(12), project())),
        fires("warn", lambda: (_many_points(), Recipe(optimizer="adam"), round_trials(12), project())),
        fires("unknown", lambda: (planned_round(), Recipe(), round_trials(12), project())),
    ),
)
def adam_budget(round: Round, recipe: Recipe, trials: RoundTrials, project: Project) -> Judgement:
    """The searched settings against the bucket of the planned trials per value; lost trials may move it to a lower one."""
    searched = {part for part, known in ADAM.items() if among(round.space.names, known)}
    if recipe.optimizer is None and not searched:
        return cannot_tell(
            Text(en="The optimizer is not declared.", zh="没有声明优化器。"),
            missing=(Text(en="`optimizer`", zh="`optimizer`"),),
        )
    if not recipe.adaptive and not searched:
        return does_not_apply(Text(en="{name} is not Adam.", zh="{name} 不是 Adam。").fill(name=recipe.optimizer))
    planned = round.fewest
    lost = sum(each.outcome not in (None, "ok") for each in trials.trials)
    left = planned - lost // max(len(round.studies), 1)
    allowed, kept = _bucket(planned, project), _bucket(left, project)
    said = {
        "n": planned,
        "searched": ", ".join(sorted(searched)) or "-",
        "allowed": ", ".join(sorted(allowed)) or "-",
    }
    text = Text(
        en="{n} trials a value: searched besides the rate {searched}, affordable {allowed}.",
        zh="每个取值 {n} 个试验：除学习率外搜了 {searched}，预算够调 {allowed}。",
    ).fill(**said)
    if searched != allowed:
        return warns(text)
    if kept != allowed:
        return warns(Text(en="{text} Too many of them were lost.", zh="{text}但丢了太多。").fill(text=text))
    return passes(text)


def _bucket(n: int, project: Project) -> set[str]:
    steps = (("beta1", "rule_adam_beta1"), ("epsilon", "rule_adam_epsilon"), ("beta2", "rule_adam_beta2"))
    return {part for part, name in steps if n >= project.settings[name]}


def _linear_lr() -> Float:
    return Float(name="lr", low=1e-4, high=1.0, group="optimizer")


def _eight() -> Round:
    made = planned_round()
    return replace(made, studies=tuple(replace(study, planned=study.planned * 2) for study in made.studies))


def _optimizers(when: Mapping[str, Value] | None = None) -> Project:
    choice = Categorical(name="optimizer", choices=("sgd", "adamw"), group="optimizer")
    rate = Float(name="lr", low=1e-4, high=1.0, scale="log", when=when or {})
    return project(space=Space((choice, rate)), baseline={"optimizer": "adamw", "lr": 0.001})


def _beta1_round() -> Round:
    return planned_round(space=Space((LR, Float(name="beta1", low=0.8, high=0.99))))


def _many_points() -> Round:
    made = planned_round()
    return replace(made, studies=tuple(replace(study, planned=study.planned * 4) for study in made.studies))


RULES: tuple[Rule, ...] = (
    bounds,
    log_scale,
    conditional,
    trials_max,
    multi_nuisance,
    cover_range,
    adam_budget,
)
