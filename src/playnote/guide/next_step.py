"""The one next step: what to do, why, the command, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from playnote.diagnosis.isolation import IsolationFacts, IsolationFinding
from playnote.guide.stage import open_round, stage_of, unfinished
from playnote.playbook.catalog import CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.facts import ADAPTIVE, Target
from playnote.playbook.verdict import Verdict
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    because  rule ids that ask for it
    runs     training runs it costs, None where none are needed
    minutes  their wall time on one worker, None where nothing has been timed
    asks     True for a declaration (a person answers), False for something to run
    """

    what: Text
    why: Text
    command: str
    because: tuple[str, ...] = ()
    runs: int | None = None
    minutes: float | None = None
    asks: bool = False
    stage: str = field(default="")


def next_step(state: ProjectState) -> Step:
    """What the playbook would do now; a measurement comes before a second declaration."""
    stage = stage_of(state)
    if stage == "declare":
        return _declare(state)
    if stage == "baseline":
        return Step(
            Text(en="Run the baseline with three seeds.", zh="用三个种子跑 baseline。"),
            Text(en="Everything later is compared with it.", zh="后面的一切都要和它比。"),
            "playnote baseline",
            ("D4-stable", "D4-beats-chance"),
            3,
            _minutes(state, 3),
            stage=stage,
        )
    current = open_round(state)
    if current is None:
        return _plan(state)
    left = unfinished(state, current)
    if left:
        return Step(
            Text(en="Run round {n}: {left} trials are left.", zh="继续第 {n} 轮：还剩 {left} 个试验。").fill(
                n=current.number, left=left
            ),
            Text(en="It answers: {question}", zh="它要回答：{question}").fill(question=current.question),
            "playnote round run",
            ("E0-four-steps",),
            left,
            _minutes(state, left),
            stage=stage,
        )
    return _decide(state, current)


def _declare(state: ProjectState) -> Step:
    return Step(
        Text(
            en="Say from what difference on {score} matters: write `min_effect` into [objective].",
            zh="写明 {score} 差多少才算数：在 [objective] 里写上 `min_effect`。",
        ).fill(score=state.project.objective.formula),
        Text(en="Nearly every verdict is read against it.", zh="几乎所有判断都要拿它来比。"),
        "playnote check",
        ("C1-decide-score",),
        asks=True,
        stage="declare",
    )


def _plan(state: ProjectState) -> Step:
    open_question = _unanswered(state)
    last_asked = bool(state.journal) and state.journal[-1].kind == "answer"
    if open_question is not None and not last_asked:
        return Step(
            Text(en="Answer {rule}.", zh="回答 {rule}。").fill(rule=open_question.rule),
            _asked(open_question.rule),
            f'playnote answer {open_question.rule} "..."',
            (open_question.rule,),
            asks=True,
            stage="plan",
        )
    return Step(
        Text(
            en="Plan a round: one question, its values, equal trials for each.",
            zh="计划一轮：一个问题、几个取值、各取值试验数相同。",
        ),
        Text(
            en="The baseline stands; the next thing learned comes from a question.",
            zh="baseline 已经有了，接下来靠提问题来学。",
        ),
        'playnote round new "..." --scientific NAME=V1,V2,V3',
        ("E1-clear-question",),
        stage="plan",
    )


def _decide(state: ProjectState, current: Round) -> Step:
    """The first action that an analysis verdict names, else the decision itself."""
    target = Target(round=current.number)
    analysis = tuple(rule for rule in CATALOG if rule.phase == "analysis")
    facts = Facts(state)
    judged = judge_rules(analysis, state, facts, rounds=(current.number,))
    verdicts = [v for v in judged if v.target.get("round") == current.number]
    for verdict in verdicts:
        if verdict.status == "fail" and verdict.rule == "E3-boundary" and verdict.actions:
            action = verdict.actions[0]
            return Step(action.text, verdict.message, action.command, (verdict.rule,), stage="decide")
    if current.scientific and current.sampler not in ADAPTIVE:
        finding = facts.give(IsolationFinding, target)
        if finding.label != "no" and finding.value is not None and finding.value != finding.baseline:
            return Step(
                Text(
                    en="Settle it with fresh seeds of the best trial with {value} and of the baseline.",
                    zh="换新种子复核：取值 {value} 的最优试验和 baseline 各跑几次。",
                ).fill(value=finding.value),
                Text(
                    en="One lucky trial cannot be told from a real gain; its own run does not count.",
                    zh="一次走运和真提升分不开；搜索里的那次不算数。",
                ),
                f"playnote adopt {_best_of(facts, target, finding.value)}",
                ("E4-repeat-seeds", "E3-isolation"),
                8,
                _minutes(state, 8),
                stage="decide",
            )
    return Step(
        Text(en="Close round {n} with what was learned.", zh="给第 {n} 轮下结论并记下学到的。").fill(n=current.number),
        Text(en="No value beat the baseline by what matters.", zh="没有取值明显好过 baseline。"),
        f'playnote round close --decision "keep the baseline" --round {current.number}',
        ("E0-four-steps", "E4-log-negative"),
        stage="decide",
    )


def _best_of(facts: Facts, target: Target, value: object) -> str:
    """The best trial with a scientific value: what fresh seeds are to confirm."""
    levels = facts.give(IsolationFacts, target).levels
    return next((level.best_id for level in levels if level.value == value and level.best_id), "")


def _unanswered(state: ProjectState) -> Verdict | None:
    asking = tuple(rule for rule in CATALOG if rule.asks is not None and rule.phase in ("prerequisites", "objective"))
    return next((v for v in judge_rules(asking, state) if v.status == "unknown" and not v.waived), None)


def _asked(rule: str) -> Text:
    found = next(each for each in CATALOG if each.id == rule)
    return found.asks or found.text


def _minutes(state: ProjectState, runs: int) -> float | None:
    seconds = [trial.seconds for trial in state.trials if trial.seconds is not None and trial.outcome == "ok"]
    return float(np.median(seconds)) * runs / 60 if seconds else None
