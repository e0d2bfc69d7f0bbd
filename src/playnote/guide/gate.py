"""The gate: what the playbook bars now, and the way out.

Every face asks here before an operation that changes something; there is no way round
but a recorded waiver, which names its actor and reason and shows in every report.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from playnote.errors import Bar, BarredError
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import EarlierVerdicts, judge_rules
from playnote.playbook.rule import Rule
from playnote.playbook.verdict import Verdict
from playnote.records.state import ProjectState
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Passage:
    """What let an operation through: the verdicts at the gate, the waivers used, the unknowns acknowledged in writing."""

    operation: str
    verdicts: tuple[Verdict, ...]
    waived: tuple[str, ...]
    acknowledged: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The data of the journal's `gate` event."""
        return {
            "operation": self.operation,
            "verdicts": {verdict.id: verdict.status for verdict in self.verdicts},
            "waived": list(self.waived),
            **({"acknowledged": list(self.acknowledged)} if self.acknowledged else {}),
        }


def gate(operation: str, state_with_plan: ProjectState, target_round: int | None = None) -> Passage:
    """Let the operation through, or raise BarredError with the rule, its evidence and the way out.

    state_with_plan  the state as it would be with the planned round in it
    target_round     the round the operation is about: verdicts on other rounds do not bar it
    """
    rounds = None if target_round is None else (target_round,)
    verdicts = tuple(
        verdict
        for verdict in judge_rules(_needed(operation), state_with_plan, rounds=rounds)
        if operation in BY_ID[verdict.rule].bars and verdict.target.get("round") in (None, target_round)
    )
    said = {str(event.data["rule"]) for event in state_with_plan.events("answer")}
    for verdict in verdicts:
        if verdict.waived is None and _bars(BY_ID[verdict.rule], verdict, said):
            raise _barred(operation, BY_ID[verdict.rule], verdict)
    waived = tuple(v.rule for v in verdicts if v.waived is not None)
    known = tuple(v.rule for v in verdicts if v.waived is None and _acknowledged(BY_ID[v.rule], v, said))
    return Passage(operation, verdicts, waived, known)


def _needed(operation: str) -> tuple[Rule, ...]:
    """Rules that bar the operation, and for roll-ups among them the rest of their chapter."""
    barring = [rule for rule in CATALOG if operation in rule.bars]
    chapters = {rule.chapter for rule in barring if EarlierVerdicts in rule.needs}
    return tuple(rule for rule in CATALOG if operation in rule.bars or rule.chapter in chapters)


def _bars(rule: Rule, verdict: Verdict, said: Collection[str]) -> bool:
    """A fail bars; an unknown lets through ("allow"), once somebody wrote that it is known ("acknowledge"), or bars."""
    if verdict.status == "unknown":
        return rule.on_unknown == "bar" or (rule.on_unknown == "acknowledge" and rule.id not in said)
    return verdict.status == "fail"


def _acknowledged(rule: Rule, verdict: Verdict, said: Collection[str]) -> bool:
    return verdict.status == "unknown" and rule.on_unknown == "acknowledge" and rule.id in said


def _barred(operation: str, rule: Rule, verdict: Verdict) -> BarredError:
    waive = f'playnote waive {rule.id} --because "..."'
    action = verdict.actions[0] if verdict.actions else None
    fix = (
        action.text if action else Text(en="See `playnote rule {id}`.", zh="看 `playnote rule {id}`。").fill(id=rule.id)
    )
    if verdict.status == "unknown" and rule.on_unknown == "acknowledge":
        fix = _ACKNOWLEDGE.fill(first=fix, id=rule.id)
    finding = verdict.findings[0] if verdict.findings else None
    return BarredError(
        Text(en="`{operation}` is barred by {id}: {message}", zh="{id} 不允许现在 `{operation}`：{message}").fill(
            operation=operation, id=rule.id, message=verdict.message
        ),
        fix=fix,
        bar=Bar(
            rule=rule.id,
            level=rule.level.value,
            sections=rule.sections,
            evidence=(verdict.id,),
            do_instead=action.command if action else "",
            waiver=waive,
            probability=finding.p if finding else None,
            n=finding.n if finding and isinstance(finding.n, int) else None,
            allowed_meanwhile=("check", "next", "round show", "report", "answer", "baseline"),
        ),
    )


_ACKNOWLEDGE = Text(
    en='{first} Or write down that it is not known and why that is all right: playnote answer {id} "..."',
    zh='{first} 或者写明暂时不清楚、为什么可以继续：playnote answer {id} "……"',
)
