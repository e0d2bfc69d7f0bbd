"""Which of many open verdicts comes first: what is broken, then what bars, then what the playbook insists on."""

from __future__ import annotations

from collections.abc import Iterable

from playnote.playbook.catalog import BY_ID
from playnote.playbook.rule import Level, Phase, Rule
from playnote.playbook.verdict import Verdict

_STATUS = {"fail": 0, "warn": 2, "unknown": 3, "pass": 4, "not-applicable": 5}
_MUST_KNOW = 1
_LEVEL = {
    Level.FORBID: 0,
    Level.MUST: 1,
    Level.CHECK: 2,
    Level.DECIDE: 3,
    Level.IF: 4,
    Level.SHOULD: 5,
    Level.ACTION: 6,
    Level.STRATEGY: 7,
    Level.WARN: 8,
    Level.ADVICE: 9,
}
# The order of the playbook: goal and metric, data, baseline, the round, what came of it, the rest.
_PHASE: tuple[Phase, ...] = (
    "objective",
    "splits",
    "prerequisites",
    "baseline",
    "round-goal",
    "study-design",
    "run",
    "analysis",
    "adoption",
    "diagnosis",
    "stability",
    "steps",
    "tracking",
    "infrastructure",
    "transfer",
    "multi-host",
    "agent",
)


def weight(rule: Rule) -> tuple[int, int, int, int]:
    """Sort key of a rule, most important first: it bars, its level, its phase; roll-ups after what they roll up."""
    rolls_up = rule.id.endswith("-gate")
    return (0 if rule.bars and not rolls_up else 1, _LEVEL[rule.level], _PHASE.index(rule.phase), int(rolls_up))


def ordered(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Broken first, then unknowns that bar, what wants a look, other unknowns; of the same kind the most important first.

    A waived fail counts as something to look at.
    """
    return tuple(sorted(verdicts, key=lambda verdict: (_status(verdict), weight(BY_ID[verdict.rule]))))


def _status(verdict: Verdict) -> int:
    status = "warn" if verdict.status == "fail" and verdict.waived else verdict.status
    if status == "unknown" and BY_ID[verdict.rule].on_unknown != "allow":
        return _MUST_KNOW
    return _STATUS[status]
