"""Appendix E.2 and body E.5, the search: which points, chosen how, and what they allow later."""

from __future__ import annotations

from playnote.playbook.examples import DECAY, LR, planned_round, project, round_trials, trial
from playnote.playbook.facts import ADAPTIVE, RoundTrials
from playnote.playbook.facts.design import Parallel
from playnote.playbook.facts.learned import Explored
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.space.hyperparameter import Categorical, Float, Hyperparameter
from playnote.space.space import Space
from playnote.text import Text


@rule(
    "E2-explore-quasirandom",
    Level.DECIDE,
    Scope.ROUND,
    sections=("body:E.5", "app:E.2"),
    phase="study-design",
    text=Text(en="While exploring, points are quasi-random (or plain random).", zh="探索阶段优先准随机搜索。"),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("warn", lambda: (planned_round(sampler="bayes"),)),
    ),
)
def explore_quasirandom(round: Round) -> Judgement:
    """Warn where the points looked at results: density and isolation cannot be read from them."""
    said = Text(en="Sampler: {name}.", zh="采样方式：{name}。").fill(name=round.sampler)
    if round.sampler in ("quasi-random", "grid"):
        return passes(said)
    return warns(said)


@rule(
    "E2-exploit-bo",
    Level.DECIDE,
    Scope.ROUND,
    sections=("body:E.2", "body:E.5", "app:E.2", "app:I"),
    phase="study-design",
    text=Text(
        en="In a small, good region Bayesian optimization may take over and get the rest out.",
        zh="找到好区间之后，可以换贝叶斯优化，在小范围里榨干性能。",
    ),
    examples=(
        silent(lambda: (planned_round(number=2, sampler="bayes"), Explored(None, 1, Space((LR, DECAY))))),
        silent(lambda: (planned_round(), Explored(None, None)), "not-applicable"),
        fires("warn", lambda: (planned_round(number=2, sampler="bayes"), Explored(None, 1, Space((LR,))))),
        fires("warn", lambda: (_wider(), Explored(None, 1, Space((LR, DECAY))))),
        fires("warn", lambda: (planned_round(sampler="bayes"), Explored(None, None))),
    ),
)
def exploit_bo(round: Round, explored: Explored) -> Judgement:
    """Warn where its space reaches beyond what an earlier round explored; diverged trials are told to it as such."""
    if round.sampler != "bayes":
        return does_not_apply(Text(en="This round explores.", zh="这一轮在探索。"))
    if explored.space is None:
        return warns(Text(en="Nothing was explored before.", zh="之前没有探索过。"))
    beyond = [each.name for each in round.space if not _inside(each, explored.space)]
    if beyond:
        return warns(
            Text(en="Reaches beyond round {n} in {names}.", zh="{names} 超出了第 {n} 轮探索过的范围。").fill(
                n=explored.round, names=", ".join(beyond)
            )
        )
    return passes(Text(en="Inside what round {n} explored.", zh="在第 {n} 轮探索过的范围里。").fill(n=explored.round))


def _inside(each: Hyperparameter, space: Space) -> bool:
    if each.name not in space.names:
        return False
    other = space[each.name]
    if isinstance(each, Categorical) or isinstance(other, Categorical):
        return (
            isinstance(each, Categorical) and isinstance(other, Categorical) and set(each.choices) <= set(other.choices)
        )
    return other.low <= each.low and each.high <= other.high


@rule(
    "E2-grid-high-dim",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="study-design",
    text=Text(
        en="A grid is for one or two dimensions; beyond, quasi-random covers far better.",
        zh="网格最多两维；再高准随机有效得多。",
    ),
    examples=(
        silent(lambda: (planned_round(), project())),
        fires("warn", lambda: (_grid_of_three(), project())),
    ),
)
def grid_dimensions(round: Round, project: Project) -> Judgement:
    """Warn on a grid over more dimensions than the setting allows."""
    if round.sampler == "grid" and len(round.space) > project.settings["grid_dimensions"]:
        return warns(Text(en="A grid over {d} dimensions.", zh="{d} 维网格。").fill(d=len(round.space)))
    return passes(Text(en="{d} searched dimensions.", zh="搜索 {d} 维。").fill(d=len(round.space)))


@rule(
    "E2-rescore",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="analysis",
    text=Text(
        en="Points that never looked at results stay good when the metric changes: nothing has to run again.",
        zh="采样不看结果，所以事后换了指标，也不用重新跑实验。",
    ),
    examples=(
        silent(lambda: (planned_round(), round_trials(12, "ok", "ok"))),
        silent(lambda: (planned_round(), round_trials(12, None)), "not-applicable"),
        fires("warn", lambda: (planned_round(sampler="bayes"), round_trials(12, "ok"))),
        fires("unknown", lambda: (planned_round(), RoundTrials(12, (trial(summary={}),)))),
    ),
)
def rescore(round: Round, trials: RoundTrials) -> Judgement:
    """Every finished trial keeps its raw metrics; after a search by results the ranking leans to the old metric."""
    finished = [each for each in trials.trials if each.outcome == "ok"]
    if not finished:
        return does_not_apply(Text(en="No trial has finished yet.", zh="还没有跑完的试验。"))
    bare = [each.id for each in finished if not each.summary]
    if bare:
        return cannot_tell(
            Text(en="{n} trials kept no raw metric.", zh="{n} 个试验没留下原始指标。").fill(n=len(bare)),
            missing=(Text(en="the raw metrics of every trial", zh="每个试验的原始指标"),),
        )
    if round.sampler in ADAPTIVE:
        return warns(
            Text(
                en="The points followed the present metric: under another one the ranking leans towards it.",
                zh="采样是跟着现在的指标走的：换指标重算，排名会偏向旧指标。",
            )
        )
    names = sorted({name for each in finished for name in each.summary})
    return passes(Text(en="Can be scored again from {names}.", zh="可以用 {names} 重新算分。").fill(names=_few(names)))


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")


@rule(
    "E2-reproducible-search",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="tracking",
    text=Text(en="The points are on record, so the search can be repeated exactly.", zh="采样点都有记录，搜索可复现。"),
    examples=(
        silent(lambda: (planned_round(), round_trials(12, "ok"))),
        fires("fail", lambda: (planned_round(), round_trials(12, *["ok"] * 13))),
    ),
)
def reproducible_search(round: Round, trials: RoundTrials) -> Judgement:
    """Fail where more search trials are on record than were planned: their points were not."""
    planned = {each.id for each in round.planned}
    searched = [trial for trial in trials.trials if trial.purpose == "search"]
    stray = [trial.id for trial in searched if trial.id not in planned and round.sampler != "imported"]
    if len(searched) > len(planned) and stray:
        return fails(
            Text(en="{n} trials ran without a stored point.", zh="有 {n} 个试验没有存下采样点。").fill(n=len(stray))
        )
    return passes(Text(en="All {n} points are stored.", zh="{n} 个采样点都存了。").fill(n=len(planned)))


@rule(
    "E2-2x-budget",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.5.1",),
    phase="study-design",
    text=Text(
        en="With many trials side by side, a clever searcher seldom beats random points at twice the budget (an experience).",
        zh="并行度高的时候，再复杂的方法也很难赢过两倍预算的随机搜索（经验之谈，不是定理）。",
    ),
    examples=(
        silent(lambda: (planned_round(), Parallel(8, 12), project())),
        silent(lambda: (planned_round(sampler="bayes"), Parallel(1, 12), project()), "not-applicable"),
        silent(lambda: (planned_round(), Parallel(None, 12), project()), "not-applicable"),
        fires("warn", lambda: (planned_round(sampler="bayes"), Parallel(8, 12), project())),
    ),
)
def twice_the_budget(round: Round, parallel: Parallel, project: Project) -> Judgement:
    """Warn where results could hardly steer the points, because most of them ran at once."""
    share = parallel.share
    if share is None or share < project.settings["rule_parallel_share"]:
        return does_not_apply(Text(en="Trials run one after another.", zh="试验是一个接一个跑的。"))
    text = Text(en="{n} of {all} trials at a time.", zh="{all} 个试验里同时跑 {n} 个。").fill(
        n=parallel.workers, all=parallel.planned
    )
    return warns(text) if round.sampler in ADAPTIVE else passes(text)


def _grid_of_three() -> Round:
    return planned_round(sampler="grid", space=Space((LR, DECAY, Float(name="momentum", low=0.0, high=0.9))))


def _wider() -> Round:
    return planned_round(number=2, sampler="bayes", space=Space((Float(name="lr", low=1e-4, high=10.0, scale="log"),)))


RULES: tuple[Rule, ...] = (
    explore_quasirandom,
    exploit_bo,
    grid_dimensions,
    rescore,
    reproducible_search,
    twice_the_budget,
)
