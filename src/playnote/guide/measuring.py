"""What a machine can settle between two rounds: splits never audited, and procedures that a due rule waits for."""

from __future__ import annotations

from collections.abc import Container

from playnote.guide.importance import weight
from playnote.guide.stage import due
from playnote.guide.step import Step, minutes_of
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.measured import PROCEDURES
from playnote.playbook.rule import Level
from playnote.records.state import ProjectState
from playnote.text import Text

# Procedures that run trials of their own; the others ask people.
_RUNS = {
    "lr": 8,
    "seeds": 3,
    "stability": 4,
    "warmup": 6,
    "clipping": 4,
    "steps": 6,
    "batch-size": 6,
    "remedy": 4,
    "input": 6,
    "weights": 51,
}
_STRONG = (Level.FORBID, Level.MUST, Level.CHECK, Level.DECIDE)


def measure_step(state: ProjectState, facts: Facts, verbs: Container[str] | None) -> Step | None:
    """The most important measurement that is due; at most one procedure before each round, none where none is needed."""
    return _audit(state, verbs) or _procedure(state, facts, verbs)


def _audit(state: ProjectState, verbs: Container[str] | None) -> Step | None:
    """Splits whose data are known to the record are audited once."""
    made = state.events("splits-made", "splits-audited")
    if verbs is not None and "data audit" not in verbs:
        return None
    if not made or made[-1].kind == "splits-audited":
        return None
    return Step(
        Text(en="Audit the splits.", zh="审计划分。"),
        Text(
            en="Copies across the splits, or a Dev unlike Test, would spoil every comparison.",
            zh="划分之间有重复，或 Dev 和 Test 不同分布，后面的比较就都不作数。",
        ),
        "playnote data audit",
        ("C2-dev-test-same", "C2-deploy-dist"),
        stage="plan",
    )


def _procedure(state: ProjectState, facts: Facts, verbs: Container[str] | None) -> Step | None:
    since = state.events("measurement", "round-opened")
    if since and since[-1].kind == "measurement":
        return None
    known = {str(event.data["name"]) for event in state.events("measurement")}
    waiting = tuple(
        rule
        for rule in due(CATALOG, state)
        if rule.by is not None and rule.by not in known and rule.level in _STRONG and _exists(rule.by, verbs)
    )
    open_ = [v for v in judge_rules(waiting, state, facts, rounds=()) if v.status == "unknown" and not v.waived]
    if not open_:
        return None
    verdict = min(open_, key=lambda each: weight(BY_ID[each.rule]))
    name = BY_ID[verdict.rule].by or ""
    runs = _RUNS.get(name)
    return Step(
        Text(en="Measure it: {what}.", zh="测一次：{what}。").fill(what=PROCEDURES[name].text),
        verdict.message,
        f"playnote {PROCEDURES[name].verb}",
        (verdict.rule,),
        runs,
        minutes_of(state, runs) if runs else None,
        stage="plan",
    )


def _exists(procedure: str, verbs: Container[str] | None) -> bool:
    """A procedure of the machine's that has a command; those that wait for people come from a diagnosis."""
    verb = PROCEDURES[procedure].verb
    return verb is not None and verb.startswith("measure ") and (verbs is None or verb in verbs)
