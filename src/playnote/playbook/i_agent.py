"""Appendix I, the first checks an agent runs before it acts: goal, splits, setup, baseline, and their order."""

from __future__ import annotations

from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples import event, state, trial
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import not_measured
from playnote.playbook.rollup import earlier as earlier_of
from playnote.playbook.rollup import rolled
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes
from playnote.records.state import ProjectState
from playnote.text import Text

_GOAL = ("A-single-goal", "C1-")
_SPLITS = ("C2-",)
_SETUP = ("D1-", "D2-", "D3-")
_BASELINE = ("D4-", "H3-command")


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
        silent(lambda: (earlier_of(A_single_goal="pass"), state(journal=(event("round-opened", actor="agent:x"),)))),
        silent(lambda: (earlier_of(), state()), "not-applicable"),
        fires("fail", lambda: (earlier_of(C2_split="fail"), state(journal=(event("round-opened", actor="agent:x"),)))),
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
        silent(lambda: (earlier_of(A_single_goal="pass", C1_single_metric="pass"),)),
        fires("fail", lambda: (earlier_of(A_single_goal="pass", C1_single_metric="fail"),)),
        fires("unknown", lambda: (earlier_of(A_single_goal="unknown"),)),
    ),
)
def goal(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up the goal and the metric's rules."""
    return rolled(earlier, _GOAL)


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
        silent(lambda: (earlier_of(C2_split="pass"),)),
        fires("fail", lambda: (earlier_of(C2_split="fail"),)),
        fires("unknown", lambda: (earlier_of(),)),
    ),
)
def splits(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up the rules of the splits."""
    return rolled(earlier, _SPLITS)


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
        silent(lambda: (earlier_of(D1_mature="pass", D3_choose="warn"),)),
        fires("fail", lambda: (earlier_of(D2_mature_optimizer="fail"),)),
        fires("unknown", lambda: (earlier_of(D1_mature="pass", D3_choose="unknown"),)),
    ),
)
def setup(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up architecture, optimizer and batch size."""
    return rolled(earlier, _SETUP)


@rule(
    "I-4-baseline",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:I",),
    phase="agent",
    text=Text(en="4. There is a stable baseline that can be run again.", zh="4. 有稳定、可重跑的 baseline 吗？"),
    by="rerun",
    examples=(
        silent(lambda: (earlier_of(D4_stable="pass"), measured(rerun={"agrees": True}), state(trials=_seeds(1)))),
        silent(lambda: (earlier_of(D4_stable="pass"), measured(), state(trials=_seeds(2)))),
        fires("fail", lambda: (earlier_of(D4_stable="fail"), measured(), state())),
        fires("fail", lambda: (earlier_of(D4_stable="pass"), measured(rerun={"agrees": False}), state())),
        fires("unknown", lambda: (earlier_of(D4_stable="pass"), measured(), state())),
    ),
)
def baseline(earlier: EarlierVerdicts, measured: Measured, state: ProjectState) -> Judgement:
    """The baseline's rules, and a second run (a repeat, or another seed of the same configuration)."""
    rules, last = rolled(earlier, _BASELINE), measured.last("rerun")
    if last is not None and last.flag("agrees") is False:
        return fails(Text(en="Run again, it disagrees.", zh="重跑结果对不上。"))
    if rules.status != "pass":
        return rules
    runs = [each for each in state.of_purpose("baseline", "repeat") if each.outcome == "ok"]
    if len(runs) < 2 and (last is None or not last.flag("agrees")):
        return cannot_tell(
            Text(en="Never run again.", zh="还没重跑过。"),
            missing=(not_measured("rerun"),),
            actions=(Action(Text(en="Run the baseline again.", zh="重跑 baseline。"), "playnote baseline", 1),),
        )
    return rules


def _seeds(n: int) -> tuple[object, ...]:
    return tuple(trial(f"b{at}", purpose="baseline", seed=at) for at in range(n))


RULES: tuple[Rule, ...] = (order, goal, splits, setup, baseline)
