"""Appendix E.1 and body E.1-E.3: one clear question a round, and a decision at its end."""

from __future__ import annotations

from playnote.playbook.examples import event, planned_round, state, trial
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
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


@rule(
    "E1-clear-question",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.1", "body:E.3", "app:E.1"),
    phase="round-goal",
    text=Text(en="A round asks one specific question that its trials can answer.", zh="每轮有一个具体、能回答的问题。"),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(question=""),)),
        fires("warn", lambda: (planned_round(scientific={}),)),
    ),
)
def clear_question(round: Round) -> Judgement:
    """Fail without a question; warn where no value is compared."""
    if not round.question.strip():
        return fails(Text(en="The round has no question.", zh="这一轮没有问题。"))
    if not round.scientific:
        return warns(
            Text(
                en="The question names no scientific hyperparameter: the round can explore, not compare.",
                zh="问题里没有目标超参：这一轮只能探索，不能比较。",
            )
        )
    lone = [name for name, values in round.scientific.items() if len(values) < 2]
    if lone:
        return fails(
            Text(en="{names} has one value: nothing is compared.", zh="{names} 只有一个取值，没法比较。").fill(
                names=", ".join(lone)
            )
        )
    return passes(Text(en="{question}", zh="{question}").fill(question=round.question))


@rule(
    "E1-one-question",
    Level.FORBID,
    Scope.ROUND,
    sections=("body:E.3", "app:E.1"),
    phase="round-goal",
    text=Text(
        en="A round does not tackle several big questions at once.",
        zh="一轮内不要同时解决多个大问题（例如架构、数据分布和优化器一起改）。",
    ),
    bars=("round new",),
    examples=(
        silent(lambda: (planned_round(), state())),
        fires("fail", lambda: (planned_round(scientific={"lr": (0.1, 0.2), "dropout": (0.0, 0.2)}), state())),
    ),
)
def one_question(round: Round, state: ProjectState) -> Judgement:
    """Fail where the scientific hyperparameters belong to different groups; warn on two of one group."""
    declared = state.project.space
    groups = {declared[name].group or name for name in round.scientific if name in declared.names}
    if len(groups) > 1:
        return fails(
            Text(en="The round compares {groups} at once.", zh="这一轮同时比较 {groups}。").fill(
                groups=", ".join(sorted(groups))
            )
        )
    if len(round.scientific) > 1:
        return warns(Text(en="Two scientific hyperparameters of one group.", zh="同一组里有两个目标超参。"))
    return passes(Text(en="One question.", zh="只有一个问题。"))


@rule(
    "E4-log-negative",
    Level.ACTION,
    Scope.PROJECT,
    sections=("app:E.4",),
    phase="tracking",
    text=Text(
        en="What was not adopted is kept with its result and lesson.", zh="不上线也要记录结果和经验，列入无效尝试。"
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(lambda: (state(journal=(event("adoption", configuration={}, verdict="rejected", because="0.1"),)),)),
        fires("fail", lambda: (state(journal=(event("adoption", configuration={}, verdict="rejected"),)),)),
    ),
)
def log_negative(state: ProjectState) -> Judgement:
    """Fail where a rejected configuration has no reason on record."""
    refused = [each for each in state.events("adoption") if each.data.get("verdict") in ("rejected", "candidate")]
    if not refused:
        return does_not_apply(Text(en="Nothing has been turned down yet.", zh="还没有未上线的尝试。"))
    bare = [each for each in refused if not each.data.get("because")]
    if bare:
        return fails(
            Text(
                en="{n} attempt(s) turned down without a reason on record.", zh="有 {n} 次未上线的尝试没记原因。"
            ).fill(n=len(bare))
        )
    return passes(
        Text(en="{n} attempt(s) kept with their reason.", zh="{n} 次未上线的尝试都记了原因。").fill(n=len(refused))
    )


@rule(
    "E4-repeat-seeds",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:H", "app:E.4"),
    phase="adoption",
    text=Text(
        en="The best new and the old configuration are trained again with fresh seeds.",
        zh="新旧最优配置都用新种子重复训练。",
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(
            lambda: (
                state(
                    trials=tuple(trial(f"c{at}", purpose="confirm") for at in range(3)),
                    journal=(event("adoption", configuration={}, verdict="adopted", trials=["c0", "c1", "c2"]),),
                ),
            )
        ),
        fires(
            "fail",
            lambda: (state(journal=(event("adoption", configuration={}, verdict="adopted", trials=["t0001"]),)),),
        ),
    ),
)
def repeat_seeds(state: ProjectState) -> Judgement:
    """Fail where an adoption rests on no confirming run: the search's own trial never counts."""
    adopted = [each for each in state.events("adoption") if each.data.get("verdict") == "adopted"]
    if not adopted:
        return does_not_apply(Text(en="Nothing has been adopted yet.", zh="还没有上线过配置。"))
    confirm = {trial.id for trial in state.of_purpose("confirm")}
    for each in adopted:
        named = each.data.get("trials")
        fresh = len(confirm & {str(name) for name in named}) if isinstance(named, list | tuple) else 0
        if not fresh:
            return fails(Text(en="Adopted without a fresh run.", zh="没有新种子的重复训练就上线了。"))
        if fresh < state.project.settings["rule_fresh_seeds"]:
            return warns(Text(en="Adopted on {n} fresh runs.", zh="只凭 {n} 次新种子就上线了。").fill(n=fresh))
    return passes(Text(en="Adoptions rest on fresh runs.", zh="上线都有新种子的重复训练。"))


@rule(
    "E4-three-variances",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:H",),
    phase="adoption",
    text=Text(
        en="Three spreads can fake a gain: between seeds, between searches, and of the finite dev set.",
        zh="三种方差都可能造出假提升：试验方差、搜索方差、数据抽样方差。",
    ),
    examples=(
        silent(lambda: (state(rounds=()),), "not-applicable"),
        fires("unknown", lambda: (state(),)),
        silent(lambda: (state(trials=tuple(trial(f"b{i}", purpose="baseline", seed=i) for i in range(3))),)),
    ),
)
def three_variances(state: ProjectState) -> Judgement:
    """Known once something was repeated (seeds), a round has trials (search) and dev has a size (sampling)."""
    if not state.rounds:
        return does_not_apply(Text(en="Nothing to compare yet.", zh="还没有可比较的东西。"))
    repeats = len({trial.seed for trial in state.of_purpose("baseline", "repeat", "confirm") if trial.outcome == "ok"})
    dev = state.project.splits.get("dev")
    missing = []
    if repeats < 2:
        missing.append(Text(en="repeats of one configuration (seed noise)", zh="同一配置的重复训练（试验方差）"))
    if dev is None or not dev.n:
        missing.append(Text(en="the size of Dev (sampling)", zh="Dev 的大小（数据抽样方差）"))
    if missing:
        return cannot_tell(
            Text(en="Not all three spreads are known.", zh="三种方差还没都量出来。"), missing=tuple(missing)
        )
    return passes(Text(en="Seeds, search and dev sampling can all be told.", zh="试验、搜索、抽样三种方差都能给出。"))


RULES: tuple[Rule, ...] = (
    four_steps,
    explore_most,
    clear_question,
    one_question,
    three_variances,
    repeat_seeds,
    log_negative,
)
