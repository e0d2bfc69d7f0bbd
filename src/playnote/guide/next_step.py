"""The one next step: what to do, why, the command, and what it costs.

A baseline comes before questions, a measurement between two declarations, a diagnosis before the next question, a
decision after every round. Only commands that exist are named: whoever asks may hand over the verbs that do.
"""

from __future__ import annotations

from collections.abc import Container

from playnote.guide.asking import ask_step, declare_step, just_declared, undeclared
from playnote.guide.deciding import decide_step
from playnote.guide.importance import ordered
from playnote.guide.lengths import length_step
from playnote.guide.measuring import measure_step
from playnote.guide.question import question_of
from playnote.guide.remedy import looking, remedy_of
from playnote.guide.stage import baseline_left, open_round, stage_of, unfinished
from playnote.guide.step import Step, minutes_of
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import EarlierVerdicts, Facts, judge_rules
from playnote.playbook.rule import Scope
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text

__all__ = ["Step", "next_step"]


def next_step(state: ProjectState, verbs: Container[str] | None = None, facts: Facts | None = None) -> Step:
    """What the playbook would do now; a measurement comes before a second declaration.

    verbs  the commands that exist ("data audit", "measure lr"), None where every one that the guide knows does
    """
    facts = facts or Facts(state)
    missing = undeclared(state)
    if missing.blocks_baseline:
        return declare_step(state, missing)
    current = open_round(state)
    left = baseline_left(state)
    if left and (current is None or stage_of(state) == "baseline"):
        return _baseline(state, left)
    if current is None and missing:
        return declare_step(state, missing)
    if current is not None:
        planned = unfinished(state, current)
        return _run(state, current, planned) if planned else decide_step(state, current, facts)
    return _between(state, facts, verbs)


def _between(state: ProjectState, facts: Facts, verbs: Container[str] | None) -> Step:
    """No round is open: a question to a person, a measurement, or the next round; never two questions in a row."""
    repair = _repair(state, facts)
    if repair is not None:
        return repair
    asked = None if just_declared(state) else ask_step(state, facts)
    if asked is not None:
        return asked
    return length_step(state, facts) or measure_step(state, facts, verbs) or _plan(state, facts, verbs)


def _repair(state: ProjectState, facts: Facts) -> Step | None:
    """What has to be repaired before any round: the most important failed rule that bars one."""
    barring = tuple(rule for rule in CATALOG if "round new" in rule.bars and rule.scope is Scope.PROJECT)
    chapters = {rule.chapter for rule in barring if EarlierVerdicts in rule.needs}
    needed = tuple(rule for rule in CATALOG if rule in barring or rule.chapter in chapters)
    judged = judge_rules(needed, state, facts, rounds=())
    failed = ordered(v for v in judged if v.status == "fail" and not v.waived and BY_ID[v.rule] in barring)
    if not failed:
        return None
    first = failed[0]
    action = first.actions[0] if first.actions else None
    return Step(
        action.text if action else BY_ID[first.rule].text,
        first.message,
        (action.command if action else "") or f"playnote rule {first.rule}",
        (first.rule,),
        action.runs if action else None,
        stage="plan",
    )


def _baseline(state: ProjectState, left: int) -> Step:
    return Step(
        Text(en="Run the baseline: {n} more seeds.", zh="跑 baseline：再跑 {n} 个种子。").fill(n=left),
        Text(en="Everything later is compared with it.", zh="后面的一切都要和它比。"),
        "playnote baseline",
        ("D4-stable", "D4-beats-chance"),
        left,
        minutes_of(state, left),
        stage=stage_of(state),
    )


def _run(state: ProjectState, current: Round, left: int) -> Step:
    return Step(
        Text(en="Run round {n}: {left} trials are left.", zh="继续第 {n} 轮：还剩 {left} 个试验。").fill(
            n=current.number, left=left
        ),
        Text(en="It answers: {question}", zh="它要回答：{question}").fill(question=current.question),
        "playnote round run",
        ("E0-four-steps",),
        left,
        minutes_of(state, left),
        stage="run",
    )


def _plan(state: ProjectState, facts: Facts, verbs: Container[str] | None) -> Step:
    """A round about what the diagnosis asks for; without a diagnosis, about what nobody has asked yet."""
    found = remedy_of(state, facts)
    if found is not None:
        message, remedy = found
        closer = looking(remedy, state, verbs)
        if closer is not None:
            return Step(remedy.words, message, closer, remedy.rules, stage="plan")
    question = question_of(state, facts, found[1].groups if found else ())
    because = (*(found[1].rules if found else ()), "E1-clear-question")
    if question is None:
        return _no_question(state, found[1].words if found else None, because)
    return Step(
        _PLAN if question.name is None else _PLAN_ABOUT.fill(name=question.name),
        Text(en="{found} {do}", zh="{found}{do}").fill(found=found[0], do=found[1].words) if found else _STANDS,
        question.command(),
        because,
        stage="plan",
    )


def _no_question(state: ProjectState, words: Text | None, because: tuple[str, ...]) -> Step:
    """Every declared hyperparameter was compared: something new is declared, or the project reports."""
    test = state.project.splits.get("test")
    if words is None and test is not None and not state.events("test-read") and state.rounds:
        return Step(
            _REPORT,
            _ASKED_ALL,
            'playnote milestone final --because "tuning is done"',
            ("C2-test-role",),
            1,
            stage="plan",
        )
    if just_declared(state) or (words is None and state.rounds):
        return Step(_LOOK, _ASKED_ALL, "playnote knowledge", ("E0-exploration-questions",), stage="plan")
    return Step(_NEW, words or _ASKED_ALL, "playnote check", because, asks=True, stage="plan")


_PLAN = Text(en="Plan a round that explores: where do the ranges lie?", zh="计划一轮探索：看看各个范围该在哪。")
_PLAN_ABOUT = Text(
    en="Plan a round about {name}: one question, its values, equal trials for each.",
    zh="计划一轮，只问 {name}：一个问题、几个取值、各取值试验数相同。",
)
_STANDS = Text(
    en="The baseline stands; the next thing learned comes from a question.",
    zh="baseline 已经有了，接下来靠提问题来学。",
)
_ASKED_ALL = Text(en="Every hyperparameter of the project file was asked about.", zh="项目文件里的超参都问过了。")
_REPORT = Text(en="Read Test once, at a declared milestone, and report.", zh="在声明的里程碑读一次 Test，并写进报告。")
_LOOK = Text(
    en="Look at what is known; a new hyperparameter in [hyperparameters] opens the next question.",
    zh="看看已经知道了什么；在 [hyperparameters] 里加一个新超参，就有下一个问题。",
)
_NEW = Text(
    en="Declare what the next question varies: a new entry in [hyperparameters], its value of today in [baseline].",
    zh="声明下一个问题要变什么：在 [hyperparameters] 里加一项，现用取值写进 [baseline]。",
)
