"""Where compute limits training: a short round first, then few candidates at nearly the final length."""

from __future__ import annotations

from playnote.guide.question import question_of
from playnote.guide.step import Step, minutes_of
from playnote.playbook.engine import Facts
from playnote.playbook.facts import Target
from playnote.playbook.facts.lengths import Lengths
from playnote.records.state import ProjectState
from playnote.text import Text


def length_step(state: ProjectState, facts: Facts) -> Step | None:
    """The short round where none was, the confirming round where only short ones were; None without a compute limit."""
    lengths = facts.give(Lengths, Target())
    if lengths.bound is not True:
        return None
    if not lengths.rounds:
        return _short(state, facts)
    near = state.project.settings["rule_round2_near"]
    shares = [lengths.share(at) for at in range(len(lengths.rounds))]
    known = [share for share in shares if share is not None]
    if not known or max(known) >= near:
        return None
    most = int(state.project.settings["rule_round2_candidates"])
    runs = min(most, sum(each.configurations for each in lengths.rounds))
    return Step(
        Text(
            en="Confirm the best candidates, and the baseline, at the final length.",
            zh="把最好的几个候选和 baseline 用最终步数长跑确认。",
        ),
        _CARRIES,
        "playnote round new --confirm",
        ("G1-round2-confirm", "G1-transferability"),
        runs,
        minutes_of(state, runs),
        stage="plan",
    )


def _short(state: ProjectState, facts: Facts) -> Step | None:
    question = question_of(state, facts)
    if question is None:
        return None
    return Step(
        Text(
            en="Plan a short round: about a tenth of the final steps, and try widely.",
            zh="计划一轮短跑：约最终步数的十分之一，广泛地试。",
        ),
        Text(
            en="Compute limits training: the final length is for the few that are left.",
            zh="受算力限制：最终步数留给剩下的少数候选。",
        ),
        question.command("--short"),
        ("G1-round1-short", "G1-no-full-budget-first"),
        stage="plan",
    )


_CARRIES = Text(
    en="From short to long, warmup and initialization carry over best, clear wins of an architecture often do; details "
    "of the schedule carry over least and are tuned again.",
    zh="从短跑到长跑：预热和初始化最可迁移，架构的明显胜负常能迁移；调度细节最不可迁移，要重新调。",
)
