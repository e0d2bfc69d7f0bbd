"""The one next step as an agent reads it: where in the nine-step loop, what it costs, what is barred, who is waited for."""

from __future__ import annotations

from dataclasses import replace

from playnote.errors import BarredError
from playnote.guide.gate import gate
from playnote.guide.next_step import next_step
from playnote.guide.stage import due, open_round, unfinished
from playnote.guide.step import Step
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.records.state import JournalEvent, ProjectState
from playnote.service.decides import decides
from playnote.service.door import AGENT
from playnote.service.proposals import pending_of
from playnote.service.session import Session
from playnote.service.views import Json, finite
from playnote.text import Text

STEPS: tuple[Text, ...] = (
    Text(en="goal, metric, constraints", zh="目标、指标、约束"),
    Text(en="splits", zh="数据划分"),
    Text(en="architecture, optimizer, batch size", zh="架构、优化器、batch"),
    Text(en="baseline", zh="baseline"),
    Text(en="the question of the round", zh="这一轮的问题"),
    Text(en="plan and run the round", zh="计划并跑这一轮"),
    Text(en="analyse", zh="分析"),
    Text(en="decide on adoption", zh="决定上不上线"),
    Text(en="close the round and go on", zh="收尾，进入下一轮"),
)
_OF_CHAPTER = {"A": 1, "B": 1, "C1": 1, "C2": 2, "D1": 3, "D2": 3, "D3": 3, "D4": 4}
_OF_STAGE = {"declare": 1, "baseline": 4, "plan": 5, "run": 6, "decide": 7}
_WAIT = Text(en="a person to confirm", zh="等人确认")


def agent_step(session: Session) -> Json:
    """State, do, why, cost, what is not allowed now, and what waits for a person."""
    state = session.state()
    facts = Facts(state)
    step = _step(state, facts)
    number = _number(step)
    current = open_round(state)
    verdicts = judge_rules(due(CATALOG, state), state, facts, rounds=[each.number for each in state.rounds[-1:]])
    return {
        "step": number,
        "of": len(STEPS),
        "name": STEPS[number - 1].as_json(),
        "round": current.number if current else None,
        "state": _state(state).as_json(),
        "headline": step.what.as_json(),
        "command": step.command,
        "why": [_why(rule, step, verdicts) for rule in step.because],
        "cost": {
            "runs": step.runs,
            "minutes": None if step.minutes is None else round(step.minutes, 1),
            "budget_left": budget_left(state),
        },
        "decides": decides(state, step, facts),
        "done_when": _done_when(step).as_json(),
        "not_allowed_now": _not_allowed(state),
        "ask_person": pending_of(state),
        "open_unknowns": sum(v.status == "unknown" for v in verdicts),
        "violated": [v.rule for v in verdicts if v.status == "fail" and not v.waived][:10],
        "asks": step.asks,
        "stage": step.stage,
    }


def _step(state: ProjectState, facts: Facts) -> Step:
    """The next step; while a person is waited for about what it asks, the one that can be done meanwhile."""
    from playnote.service.operations import OPERATIONS  # it lists what is built on this file

    verbs = {operation.cli for operation in OPERATIONS}
    step = next_step(state, verbs, facts)
    waiting = {each.get("rule") for each in pending_of(state)}
    if not (step.asks and waiting & set(step.because)):
        return step
    asked = JournalEvent(len(state.journal) + 1, "proposal-settled", "", AGENT, {"proposal": 0, "how": "waiting"})
    return next_step(replace(state, journal=(*state.journal, asked)), verbs)


def budget_left(state: ProjectState) -> Json:
    """What the project may still spend; None where it declares no budget."""
    budget = state.project.budget
    used = sum(trial.attempts > 0 for trial in state.trials)
    minutes = sum(trial.seconds or 0.0 for trial in state.trials) / 60
    return {
        "trials": None if budget.trials is None else budget.trials - used,
        "minutes": None if budget.hours is None else finite(round(60 * budget.hours - minutes, 1)),
    }


def _number(step: Step) -> int:
    if step.stage == "decide":
        return 8 if " adopt " in step.command else 9 if " close " in step.command else 7
    if step.asks and step.because:
        return _OF_CHAPTER.get(BY_ID[step.because[0]].chapter, _OF_STAGE[step.stage])
    return _OF_STAGE[step.stage]


def _state(state: ProjectState) -> Text:
    seeds = sum(trial.outcome is not None for trial in state.of_purpose("baseline"))
    base = Text(en="baseline: {n} runs", zh="baseline：{n} 次").fill(n=seeds)
    current = open_round(state)
    if current is None:
        closed = sum(bool(each.closed) for each in state.rounds)
        return Text(en="{base}; no round is open, {n} closed", zh="{base}；没有进行中的一轮，已结束 {n} 轮").fill(
            base=base, n=closed
        )
    left = unfinished(state, current)
    return Text(
        en="{base}; round {n} is open, {left} of {total} trials left",
        zh="{base}；第 {n} 轮进行中，{total} 个试验还剩 {left} 个",
    ).fill(base=base, n=current.number, left=left, total=current.total)


def _why(rule: str, step: Step, verdicts: tuple[object, ...]) -> Json:
    judged = next((v for v in verdicts if getattr(v, "rule", "") == rule), None)
    because = getattr(judged, "message", None) if getattr(judged, "status", "pass") != "pass" else None
    return {
        "rule": rule,
        "level": BY_ID[rule].level.value,
        "because": (because or step.why).as_json(),
        "evidence": f"ev:{judged.id}" if judged is not None else None,  # type: ignore[attr-defined]  # a Verdict
    }


def _done_when(step: Step) -> Text:
    if step.asks:
        return _WAIT
    if " adopt " in step.command:
        return Text(en="status is adopted, rejected or candidate", zh="结论是 adopted、rejected 或 candidate")
    return Text(en="next_step names another step", zh="next_step 给出另一步")


def _not_allowed(state: ProjectState) -> list[Json]:
    """Operations that a rule bars in the present state, before anything is planned."""
    found = []
    current = open_round(state)
    for operation, tool in (("round new", "open_round"), ("round run", "run_round")):
        try:
            gate(operation, state, current.number if current and tool == "run_round" else None)
        except BarredError as error:
            evidence = [f"ev:{each}" for each in error.bar.evidence]
            found.append({"tool": tool, "rule": error.bar.rule, "because": error.fix.as_json(), "evidence": evidence})
    if current is None:
        because = Text(en="no round is open", zh="没有进行中的一轮")
        found.append({"tool": "run_round", "rule": "E0-four-steps", "because": because.as_json(), "evidence": []})
    return found
