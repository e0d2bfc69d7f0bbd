"""Appendix I, the checks of a round: its goal, its plan, the analysis, the decision, and the next round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples import event, planned_round, state
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import measure
from playnote.playbook.rollup import OPEN, rolled
from playnote.playbook.rollup import earlier as earlier_of
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

_PLAN = ("E2-",)
_BOUNDS = ("E3-boundary", "E3-infeasible")
_CURVES = ("E3-overfit", "E3-curves-top")
_GAPS = ("E3-bvm", "F1-high-bias", "F1-high-variance", "F1-mismatch")
_LOOKED_AT = ((_BOUNDS, "bounds"), (_CURVES, "curves"), (_GAPS, "gaps"))


@rule(
    "I-5-goal-of-round",
    Level.DECIDE,
    Scope.ROUND,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="5. The round has one goal: architecture, regularization, learning rate, data, transfer ...",
        zh="5. 本轮唯一目标是什么？（架构 / 正则 / lr / 数据 / 迁移学习……）",
    ),
    examples=(
        silent(lambda: (planned_round(),)),
        fires("fail", lambda: (planned_round(question=" "),)),
        fires("fail", lambda: (planned_round(group="architecture, data, optimizer"),)),
    ),
)
def goal_of_round(round: Round) -> Judgement:
    """Fail on a round without a question, or about several groups at once."""
    if not round.question.strip():
        return fails(Text(en="The round asks nothing.", zh="这一轮没有问题。"))
    groups = [name.strip() for name in round.group.split(",") if name.strip()]
    if len(groups) > 1:
        return fails(
            Text(en="Several goals at once: {what}.", zh="一轮几个目标：{what}。").fill(what=same(", ".join(groups)))
        )
    return passes(same(round.question))


@rule(
    "I-6-plan",
    Level.ACTION,
    Scope.ROUND,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="6. Every hyperparameter has a role; study, search space and number of trials are planned.",
        zh="6. 超参分好类（目标 / 冗余 / 固定），研究、搜索空间、trial 数都设计好。",
    ),
    examples=(
        silent(lambda: (planned_round(), earlier_of(E2_roles="pass"))),
        fires("fail", lambda: (planned_round(studies=()), earlier_of(E2_roles="pass"))),
        fires("fail", lambda: (planned_round(), earlier_of(E2_roles="fail"))),
        fires("unknown", lambda: (planned_round(), earlier_of(E2_roles="unknown"))),
    ),
)
def plan(round: Round, earlier: EarlierVerdicts) -> Judgement:
    """A plan on record that passes the rules of study design, this round's and the project's."""
    if not round.planned:
        return fails(Text(en="No trial is planned.", zh="没有计划试验。"))
    return rolled(_about(earlier, round), _PLAN)


@rule(
    "I-7-analyze",
    Level.ACTION,
    Scope.ROUND,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="7. After the runs: bounds, curves, bias/variance/mismatch, and the wrong examples are looked at.",
        zh="7. 实验后：看搜索空间边界、训练曲线、bias/variance/mismatch，做误差分析。",
    ),
    by="errors",
    examples=(
        silent(lambda: (planned_round(closed="kept"), _analysed(), measured(errors={"n": 100}))),
        silent(lambda: (planned_round(), _analysed(), measured()), "not-applicable"),
        fires("warn", lambda: (planned_round(closed="kept"), _analysed(), measured())),
        fires("fail", lambda: (planned_round(closed="kept"), earlier_of(E3_boundary="unknown"), measured())),
        fires("unknown", lambda: (planned_round(closed="kept"), earlier_of(E3_boundary="pass"), measured())),
    ),
)
def analyze(round: Round, earlier: EarlierVerdicts, measured: Measured) -> Judgement:
    """Fail where a round was closed and none of the first three can be told; errors sorted by people may still wait."""
    if not round.closed:
        return does_not_apply(Text(en="The round is still open.", zh="这一轮还没结束。"))
    seen = _about(earlier, round)
    undone = [name for of, name in _LOOKED_AT if _undone(seen, of)]
    what = same(", ".join(undone))
    if len(undone) == len(_LOOKED_AT):
        return fails(
            Text(en="Closed without looking at {what}.", zh="没看就下了结论：{what}。").fill(what=what),
            actions=(Action(Text(en="Look at the report.", zh="看报告。"), "playnote report"),),
        )
    if undone:
        return cannot_tell(
            Text(en="Could not be told: {what}.", zh="还看不出：{what}。").fill(what=what),
            missing=(OPEN.fill(rules=what),),
        )
    if measured.last("errors") is None:
        return warns(
            Text(en="Wrong examples wait for people to sort them.", zh="错例还等人归类。"), actions=(measure("errors"),)
        )
    return passes(Text(en="All four are done.", zh="四样都做了。"))


@rule(
    "I-8-adopt",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(en="8. It is decided whether the new configuration is adopted.", zh="8. 要不要上线新配置？"),
    examples=(
        silent(lambda: (state(journal=(event("adoption", configuration={}, verdict="adopted", trials=["t1"]),)),)),
        silent(lambda: (state(rounds=()),), "not-applicable"),
        silent(lambda: (state(rounds=(planned_round(closed="keep the baseline"),)),)),
        fires("fail", lambda: (state(journal=(event("baseline", configuration={}),)),)),
        fires("unknown", lambda: (state(),)),
    ),
)
def adopt(state: ProjectState) -> Judgement:
    """A decision with its evidence; fail where the baseline changed with none."""
    if not state.rounds:
        return does_not_apply(Text(en="No round yet.", zh="还没有开始任何一轮。"))
    judged = [each.number for each in state.events("adoption", "decision")]
    bare = [
        each.number
        for each in state.events("baseline")
        if not each.data.get("because") and not any(number < each.number for number in judged)
    ]
    if bare:
        return fails(
            Text(
                en="The baseline changed (journal {n}) without evidence.", zh="没有依据就换了 baseline（日志 {n}）。"
            ).fill(n=bare[0])
        )
    if judged or state.rounds[-1].closed:
        return passes(Text(en="Decided.", zh="已有决定。"))
    return cannot_tell(
        Text(en="The decision is pending.", zh="还没决定。"),
        missing=(Text(en="the round's decision", zh="这一轮的决定"),),
        actions=(Action(Text(en="See what is next.", zh="看下一步。"), "playnote next"),),
    )


@rule(
    "I-9-loop",
    Level.ACTION,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="9. The baseline is updated and the next round starts from it; a mature space goes to Bayesian optimization.",
        zh="9. 更新 baseline，进入下一轮；搜索空间成熟了就切到贝叶斯优化。",
    ),
    examples=(
        silent(lambda: (state(), earlier_of())),
        silent(lambda: (state(rounds=()), earlier_of()), "not-applicable"),
        fires("fail", lambda: (state(rounds=(planned_round(base={"lr": 0.5}),)), earlier_of())),
        fires("warn", lambda: (state(), earlier_of(E0_exploit_gate="warn"))),
    ),
)
def loop(state: ProjectState, earlier: EarlierVerdicts) -> Judgement:
    """Fail where the open round starts from a baseline that is not the present one."""
    current = next((each for each in reversed(state.rounds) if not each.closed), None)
    if current is None:
        return does_not_apply(Text(en="No round is open.", zh="没有进行中的一轮。"))
    present = {} if _adopted_since(state, current) else dict(state.project.baseline)
    stale = [name for name, value in present.items() if name in current.base and current.base[name] != value]
    if stale:
        return fails(
            Text(
                en="Round {n} starts from an old baseline ({names}).", zh="第 {n} 轮用的还是旧 baseline（{names}）。"
            ).fill(n=current.number, names=same(", ".join(stale)))
        )
    if earlier.worst("E0-exploit-gate") in ("fail", "warn"):
        return warns(
            Text(en="The kind of search does not fit the space's readiness.", zh="搜索方式和空间成熟度不匹配。")
        )
    return passes(Text(en="The round starts from the present baseline.", zh="这一轮从当前 baseline 出发。"))


def _adopted_since(state: ProjectState, current: Round) -> bool:
    """Whether the baseline changed after the round was opened: then the round could not start from it."""
    opened = [e.number for e in state.events("round-opened") if _number(e.data.get("round")) == current.number]
    return bool(opened) and any(e.number > opened[-1] for e in state.events("baseline"))


def _number(form: object) -> object:
    return form.get("number") if isinstance(form, Mapping) else form


def _undone(seen: EarlierVerdicts, of: Sequence[str]) -> bool:
    """Whether nothing of it was decided, although it applies."""
    statuses = {each.status for each in seen.of(*of)}
    return not statuses & {"pass", "warn", "fail"} and statuses != {"not-applicable"}


def _about(earlier: EarlierVerdicts, round: Round) -> EarlierVerdicts:
    """Verdicts about this round and about the project as a whole."""
    return EarlierVerdicts(tuple(v for v in earlier.verdicts if v.target.get("round") in (None, round.number)))


def _analysed() -> EarlierVerdicts:
    return earlier_of(E3_boundary="pass", E3_overfit="pass", F1_high_bias="pass", F1_mismatch="not-applicable")


RULES: tuple[Rule, ...] = (goal_of_round, plan, analyze, adopt, loop)
