"""Appendix E and body E.1-E.2, the loop: four steps a round, most of them to learn."""

from __future__ import annotations

from playnote.playbook.examples import planned_round, state
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "E0-four-steps",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.1", "app:E"),
    phase="round-goal",
    text=Text(
        en="A round has four steps: question, study, run and analysis, decision.",
        zh="每轮四步：定目标、设计研究、跑实验并分析、决定是否上线。",
    ),
    examples=(
        silent(lambda: (planned_round(), state())),
        fires("fail", lambda: (planned_round(closed="adopted"), state(trials=()))),
    ),
)
def four_steps(round: Round, state: ProjectState) -> Judgement:
    """Fail where a round was closed with a decision before any of its trials ended."""
    ended = [trial for trial in state.of_round(round.number) if trial.outcome is not None]
    if round.closed and not ended:
        return fails(Text(en="Decided before any trial had ended.", zh="一个试验都没跑完就下了结论。"))
    if round.closed:
        return passes(Text(en="Planned, run, judged and decided.", zh="计划、运行、分析、决定都有。"))
    return passes(
        Text(en="Open: {n} of {planned} trials ended.", zh="进行中：{planned} 个试验跑完 {n} 个。").fill(
            n=len(ended), planned=len(round.planned)
        )
    )


@rule(
    "E0-explore-most",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:E.2",),
    phase="round-goal",
    text=Text(
        en="Most of the effort goes into understanding the problem.", zh="大部分时间用来探索问题，而不是刷指标。"
    ),
    examples=(
        silent(lambda: (state(trials=()),), "not-applicable"),
        silent(lambda: (state(),)),
        fires("warn", lambda: (state(rounds=(planned_round(sampler="bayes"),)),)),
    ),
)
def explore_most(state: ProjectState) -> Judgement:
    """Share of search trials in rounds whose sampler does not look at results."""
    adaptive = {each.number for each in state.rounds if each.sampler in ("bayes", "imported")}
    trials = state.of_purpose("search")
    if not trials:
        return does_not_apply(Text(en="No search yet.", zh="还没有搜索。"))
    share = sum(trial.round not in adaptive for trial in trials) / len(trials)
    message = Text(en="{share} of {n} search trials explore.", zh="{n} 个搜索试验里 {share} 在探索。").fill(
        share=f"{share:.0%}", n=len(trials)
    )
    return passes(message) if share > state.project.settings["rule_explore_share"] else warns(message)


RULES: tuple[Rule, ...] = (
    four_steps,
    explore_most,
)
