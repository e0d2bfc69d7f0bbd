"""A verdict: what the playbook says of findings and records, about one target.

Unknown is never pass. A verdict that is unknown names the missing fact; one that
warns or fails names the actions that the playbook puts first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playnote.records.finding import Finding
from playnote.text import Text

Status = Literal["pass", "warn", "fail", "unknown", "not-applicable"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do next: the sentence, the command that does it, and its price in training runs."""

    text: Text
    command: str = ""
    runs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a rule's function returns: a verdict that does not know yet which rule and target it belongs to."""

    status: Status
    message: Text
    findings: tuple[Finding, ...] = ()
    missing: tuple[Text, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A rule's judgement about one target.

    id      stable within one state: rule and target
    waived  the reason a person gave for setting the rule aside, with the actor; the status stays what it is
    """

    id: str
    rule: str
    status: Status
    target: Mapping[str, object] = field(default_factory=dict)
    message: Text
    findings: tuple[Finding, ...] = ()
    missing: tuple[Text, ...] = ()
    actions: tuple[Action, ...] = ()
    waived: str | None = None


def passes(message: Text, *findings: Finding) -> Judgement:
    """The rule holds."""
    return Judgement(status="pass", message=message, findings=findings)


def warns(message: Text, *findings: Finding, actions: tuple[Action, ...] = ()) -> Judgement:
    """The rule holds in part, or something wants a look."""
    return Judgement(status="warn", message=message, findings=findings, actions=actions)


def fails(message: Text, *findings: Finding, actions: tuple[Action, ...] = ()) -> Judgement:
    """The rule is broken."""
    return Judgement(status="fail", message=message, findings=findings, actions=actions)


def cannot_tell(
    message: Text, *findings: Finding, missing: tuple[Text, ...] = (), actions: tuple[Action, ...] = ()
) -> Judgement:
    """Nothing can be said; `missing` names the facts that would settle it (taken from the findings if not given)."""
    named = missing or tuple(text for finding in findings for text in finding.missing)
    named = named or tuple(each.text for finding in findings for each in finding.settles)
    return Judgement(status="unknown", message=message, findings=findings, missing=named, actions=actions)


def does_not_apply(message: Text) -> Judgement:
    """There is nothing here for the rule to judge."""
    return Judgement(status="not-applicable", message=message)
