"""Appendix E and body E.1-E.2, the loop: four steps a round, most of them to learn."""

from __future__ import annotations

import re

from playnote.playbook.examples import planned_round, state
from playnote.playbook.examples_seen import learned, ready
from playnote.playbook.facts.learned import Explored, Learned
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.space.space import Space
from playnote.text import Text, same


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
            n=len(ended), planned=round.total
        )
    )


@rule(
    "E0-learn-structure",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.1",),
    phase="analysis",
    text=Text(
        en="A round is there to learn how the problem behaves, not to push a number by feel.",
        zh="一轮下来要摸清问题的脾气，而不是凭感觉把数字往上推。",
    ),
    examples=(
        silent(lambda: (planned_round(), learned("unknown")), "not-applicable"),
        silent(lambda: (planned_round(closed="keep"), learned("yes"))),
        silent(lambda: (planned_round(closed="keep: dropout does nothing below 0.4"), learned("unknown"))),
        fires("warn", lambda: (planned_round(closed="best 0.0387"), learned("unknown"))),
    ),
)
def learn_structure(round: Round, learned: Learned) -> Judgement:
    """A closed round leaves a finding about a hyperparameter, or a decision in words; a bare score only warns."""
    if not round.closed:
        return does_not_apply(Text(en="Still open.", zh="还没结束。"))
    if learned.told:
        return passes(Text(en="What matters and what does not is known.", zh="知道了什么要紧、什么没用。"))
    if len(_WORDS.findall(round.closed)) >= _LESSON:
        return passes(Text(en="Learned: {said}", zh="学到的：{said}").fill(said=same(round.closed)))
    return warns(Text(en="Nothing but a result is kept: {said}", zh="只留下结果：{said}").fill(said=same(round.closed)))


# A lesson takes a few words; Chinese characters count one by one.
_WORDS = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
_LESSON = 5


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


@rule(
    "E0-exploration-questions",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.2",),
    phase="analysis",
    text=Text(
        en="Which hyperparameters matter, which do nothing here, and which must be tuned together: a round answers that.",
        zh="一轮调优要能回答：哪些超参最敏感，哪些没用，哪些互相耦合、要一起调。",
    ),
    examples=(
        silent(lambda: (learned("yes"), planned_round())),
        silent(lambda: (Learned(), planned_round(space=Space(()))), "not-applicable"),
        fires("unknown", lambda: (learned("unknown"), planned_round())),
        fires("unknown", lambda: (Learned(), planned_round())),
    ),
)
def exploration_questions(learned: Learned, round: Round) -> Judgement:
    """Every searched hyperparameter gets an answer or a said "cannot tell"; with nothing told at all it is unknown."""
    if not round.space.names:
        return does_not_apply(Text(en="Nothing is searched.", zh="没有搜索任何超参。"))
    if not learned.told:
        return cannot_tell(
            Text(en="Too few trials to say what matters.", zh="试验太少，说不清什么要紧。"),
            *learned.important,
            missing=(Text(en="more finished trials", zh="更多跑完的试验"),),
        )
    said = {
        "important": ", ".join(each.hyperparameter for each in learned.important if each.label == "yes") or "-",
        "inert": ", ".join(str(each.target.get("hyperparameter")) for each in learned.inert if each.label == "yes")
        or "-",
        "coupled": "; ".join(str(each.target.get("hyperparameters")) for each in learned.coupled if each.label == "yes")
        or "-",
    }
    return passes(
        Text(
            en="Sensitive: {important}. Inert: {inert}. Coupled: {coupled}. Of the others nothing can be told.",
            zh="敏感：{important}。没用：{inert}。耦合：{coupled}。其余还说不清。",
        ).fill(**said),
        *learned.important,
        *learned.inert,
        *learned.coupled,
    )


@rule(
    "E0-exploit-gate",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.2", "app:I"),
    phase="study-design",
    text=Text(
        en="Squeezing the last bit out begins when the space is understood, not before.",
        zh="搜索空间摸透了，才进入纯利用、榨干性能。",
    ),
    bars=("round new",),
    on_unknown="acknowledge",
    examples=(
        silent(lambda: (Explored(ready("yes"), 1), planned_round(number=2, sampler="bayes"))),
        silent(lambda: (Explored(None, None), planned_round()), "not-applicable"),
        fires("fail", lambda: (Explored(ready("no"), 1), planned_round(number=2, sampler="bayes"))),
        fires("unknown", lambda: (Explored(ready("unknown"), 1), planned_round(number=2, sampler="bayes"))),
        fires("warn", lambda: (Explored(None, None), planned_round(sampler="bayes"))),
    ),
)
def exploit_gate(explored: Explored, round: Round) -> Judgement:
    """Judged for rounds that search by results: had the round explored before it converged?"""
    if round.sampler != "bayes":
        return does_not_apply(Text(en="This round explores.", zh="这一轮在探索。"))
    if explored.finding is None:
        return warns(Text(en="No round explored this space before.", zh="之前没有探索过这个空间。"))
    open_ = "; ".join(each.en.rstrip(".") for each in explored.finding.open_items)
    open_zh = "；".join(each.zh.rstrip("。") for each in explored.finding.open_items)
    if explored.finding.label == "yes":
        return passes(
            Text(en="Round {n} had converged.", zh="第 {n} 轮已经收敛。").fill(n=explored.round), explored.finding
        )
    said = {"n": explored.round, "open": Text(en=open_ or "?", zh=open_zh or "?")}
    if explored.finding.label == "no":
        return fails(
            Text(en="Round {n} had not converged: {open}.", zh="第 {n} 轮还没收敛：{open}。").fill(**said),
            explored.finding,
            actions=(_EXPLORE,),
        )
    return cannot_tell(
        Text(
            en="Whether round {n} had converged cannot be told: {open}.", zh="第 {n} 轮收没收敛还说不清：{open}。"
        ).fill(**said),
        explored.finding,
        missing=explored.finding.missing or (Text(en="more trials", zh="更多试验"),),
        actions=(_EXPLORE, _ACKNOWLEDGE),
    )


_EXPLORE = Action(
    Text(
        en="Settle what is open with another quasi-random round: more trials, or a wider range.",
        zh="再跑一轮准随机探索，把没解决的问题解决掉：加试验，或放宽范围。",
    ),
    'playnote round new "..." --search quasi-random',
)
_ACKNOWLEDGE = Action(
    Text(en="Or acknowledge that it is not known, with a reason.", zh="或者写明理由，承认这一点还不知道。"),
    'playnote waive E0-exploit-gate --because "..."',
)


RULES: tuple[Rule, ...] = (
    four_steps,
    learn_structure,
    explore_most,
    exploration_questions,
    exploit_gate,
)
