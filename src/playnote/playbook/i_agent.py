"""Appendix I, the nine checks an agent runs before it acts: each rolls up rules that stand elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples import event, planned_round, state, trial
from playnote.playbook.examples_seen import measured, said
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, Status, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

_GOAL = ("A-single-goal", "C1-")
_SPLITS = ("C2-",)
_SETUP = ("D1-", "D2-", "D3-")
_BASELINE = ("D4-", "H3-command")
_PLAN = ("E2-",)
_BOUNDS = ("E3-boundary", "E3-infeasible")
_CURVES = ("E3-overfit", "E3-curves")
_GAPS = ("E3-bvm", "F1-high-bias", "F1-high-variance", "F1-mismatch")
_ERRORS = ("E3-error",)
_OPEN = Text(en="not decided yet: {rules}", zh="还没定：{rules}")


def _earlier(**verdicts: Status) -> EarlierVerdicts:
    return EarlierVerdicts(tuple(said(name.replace("_", "-"), status) for name, status in verdicts.items()))


@rule(
    "I-order",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="An agent asked to improve a project checks itself in this order of nine steps.",
        zh="智能体优化项目时，按这九步顺序自检。",
    ),
    examples=(
        silent(lambda: (_earlier(A_single_goal="pass"), state(journal=(event("round-opened", actor="agent:x"),)))),
        silent(lambda: (_earlier(), state()), "not-applicable"),
        fires("fail", lambda: (_earlier(C2_split="fail"), state(journal=(event("round-opened", actor="agent:x"),)))),
    ),
)
def order(earlier: EarlierVerdicts, state: ProjectState) -> Judgement:
    """Fail where an agent opened a round or adopted while one of the first four checks fails."""
    acted = [e for e in state.journal if e.actor.startswith("agent")]
    if not acted:
        return does_not_apply(Text(en="No agent has acted.", zh="没有智能体操作过。"))
    bold = [e for e in acted if e.kind in ("round-opened", "adoption", "run-started")]
    broken = [
        step for step, of in enumerate((_GOAL, _SPLITS, _SETUP, _BASELINE), start=1) if earlier.worst(*of) == "fail"
    ]
    if bold and broken:
        return fails(
            Text(
                en="Went on (journal {n}) while check {step} fails.", zh="第 {step} 步没过就往下走了（日志 {n}）。"
            ).fill(n=bold[-1].number, step=broken[0]),
            actions=(
                Action(
                    Text(en="Go back to check {step}.", zh="回到第 {step} 步。").fill(step=broken[0]), "playnote next"
                ),
            ),
        )
    return passes(Text(en="{n} acts of an agent, in order.", zh="智能体 {n} 次操作，顺序没乱。").fill(n=len(acted)))


@rule(
    "I-1-goal",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="1. One business goal, one scalar metric, a list of constraints.",
        zh="1. 单一业务目标、单一标量指标、约束列表，齐了吗？",
    ),
    examples=(
        silent(lambda: (_earlier(A_single_goal="pass", C1_single_metric="pass"),)),
        fires("fail", lambda: (_earlier(A_single_goal="pass", C1_single_metric="fail"),)),
        fires("unknown", lambda: (_earlier(A_single_goal="unknown"),)),
    ),
)
def goal(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up the goal and the metric's rules."""
    return _rolled(earlier, _GOAL)


@rule(
    "I-2-splits",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="2. Train, Dev (Train-Dev) and Test are sound.", zh="2. Train / Dev（/ Train-Dev）/ Test 划分合理吗？"
    ),
    examples=(
        silent(lambda: (_earlier(C2_split="pass"),)),
        fires("fail", lambda: (_earlier(C2_split="fail"),)),
        fires("unknown", lambda: (_earlier(),)),
    ),
)
def splits(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up the rules of the splits."""
    return _rolled(earlier, _SPLITS)


@rule(
    "I-3-setup",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(
        en="3. A mature architecture, a sensible optimizer and a fixed batch size are chosen.",
        zh="3. 成熟架构、合理优化器、固定 batch，都定了吗？",
    ),
    examples=(
        silent(lambda: (_earlier(D1_mature="pass", D3_choose="warn"),)),
        fires("fail", lambda: (_earlier(D2_mature_optimizer="fail"),)),
        fires("unknown", lambda: (_earlier(D1_mature="pass", D3_choose="unknown"),)),
    ),
)
def setup(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up architecture, optimizer and batch size."""
    return _rolled(earlier, _SETUP)


@rule(
    "I-4-baseline",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(en="4. There is a stable baseline that can be run again.", zh="4. 有稳定、可重跑的 baseline 吗？"),
    by="rerun",
    examples=(
        silent(lambda: (_earlier(D4_stable="pass"), measured(rerun={"agrees": True}), state(trials=_seeds(1)))),
        silent(lambda: (_earlier(D4_stable="pass"), measured(), state(trials=_seeds(2)))),
        fires("fail", lambda: (_earlier(D4_stable="fail"), measured(), state())),
        fires("fail", lambda: (_earlier(D4_stable="pass"), measured(rerun={"agrees": False}), state())),
        fires("unknown", lambda: (_earlier(D4_stable="pass"), measured(), state())),
    ),
)
def baseline(earlier: EarlierVerdicts, measured: Measured, state: ProjectState) -> Judgement:
    """The baseline's rules, and a second run (a repeat, or another seed of the same configuration)."""
    rolled, last = _rolled(earlier, _BASELINE), measured.last("rerun")
    if last is not None and last.flag("agrees") is False:
        return fails(Text(en="Run again, it disagrees.", zh="重跑结果对不上。"))
    if rolled.status != "pass":
        return rolled
    runs = [each for each in state.of_purpose("baseline", "repeat") if each.outcome == "ok"]
    if len(runs) < 2 and (last is None or not last.flag("agrees")):
        return cannot_tell(
            Text(en="Never run again.", zh="还没重跑过。"),
            missing=(not_measured("rerun"),),
            actions=(Action(Text(en="Run the baseline again.", zh="重跑 baseline。"), "playnote baseline", 1),),
        )
    return rolled


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
        silent(lambda: (planned_round(), _earlier(E2_roles="pass"))),
        fires("fail", lambda: (planned_round(studies=()), _earlier(E2_roles="pass"))),
        fires("fail", lambda: (planned_round(), _earlier(E2_roles="fail"))),
        fires("unknown", lambda: (planned_round(), _earlier(E2_roles="unknown"))),
    ),
)
def plan(round: Round, earlier: EarlierVerdicts) -> Judgement:
    """A plan on record that passes the rules of study design, this round's and the project's."""
    if not round.planned:
        return fails(Text(en="No trial is planned.", zh="没有计划试验。"))
    return _rolled(_about(earlier, round), _PLAN)


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
        fires("fail", lambda: (planned_round(closed="kept"), _earlier(E3_boundary="pass"), measured())),
    ),
)
def analyze(round: Round, earlier: EarlierVerdicts, measured: Measured) -> Judgement:
    """A closed round needs the first three, as verdicts on record; errors sorted by people may still wait."""
    if not round.closed:
        return does_not_apply(Text(en="The round is still open.", zh="这一轮还没结束。"))
    seen = _about(earlier, round)
    parts = ((_BOUNDS, "bounds"), (_CURVES, "curves"), (_GAPS, "gaps"))
    undone = [name for of, name in parts if seen.worst(*of) in ("unknown", "not-applicable")]
    if undone:
        return fails(
            Text(en="Closed without: {what}.", zh="没看就下了结论：{what}。").fill(what=same(", ".join(undone))),
            actions=(Action(Text(en="Look at the report.", zh="看报告。"), "playnote report"),),
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
        silent(lambda: (state(), _earlier())),
        silent(lambda: (state(rounds=()), _earlier()), "not-applicable"),
        fires("fail", lambda: (state(rounds=(planned_round(base={"lr": 0.5}),)), _earlier())),
        fires("warn", lambda: (state(), _earlier(E0_exploit_gate="warn"))),
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


def _about(earlier: EarlierVerdicts, round: Round) -> EarlierVerdicts:
    """Verdicts about this round and about the project as a whole."""
    return EarlierVerdicts(tuple(v for v in earlier.verdicts if v.target.get("round") in (None, round.number)))


def _rolled(earlier: EarlierVerdicts, of: Sequence[str]) -> Judgement:
    """Fail where any fails, unknown where any is or nothing was judged, else pass; a waived fail does not count."""
    verdicts = [each for each in earlier.of(*of) if not each.waived]
    failed = [each.rule for each in verdicts if each.status == "fail"]
    if failed:
        return fails(
            Text(en="Fails: {rules}.", zh="没过：{rules}。").fill(rules=same(_named(failed))),
            actions=(Action(Text(en="Look at the rule.", zh="看这条规则。"), f"playnote rule {failed[0]}"),),
        )
    unknown = [each.rule for each in verdicts if each.status == "unknown"]
    if unknown or not any(each.status in ("pass", "warn") for each in verdicts):
        rules = same(_named(unknown) or ", ".join(of))
        return cannot_tell(
            Text(en="Not decided yet: {rules}.", zh="还没定：{rules}。").fill(rules=rules),
            missing=(_OPEN.fill(rules=rules),),
        )
    return passes(Text(en="{n} rules hold.", zh="{n} 条规则都过了。").fill(n=len(verdicts)))


def _named(rules: list[str]) -> str:
    once = list(dict.fromkeys(rules))
    return ", ".join(once[:3]) + (f" +{len(once) - 3}" if len(once) > 3 else "")


def _analysed() -> EarlierVerdicts:
    return _earlier(E3_boundary="pass", E3_overfit="pass", F1_high_bias="pass", F1_mismatch="not-applicable")


def _seeds(n: int) -> tuple[object, ...]:
    return tuple(trial(f"b{at}", purpose="baseline", seed=at) for at in range(n))


RULES: tuple[Rule, ...] = (
    order,
    goal,
    splits,
    setup,
    baseline,
    goal_of_round,
    plan,
    analyze,
    adopt,
    loop,
)
