"""A rule of the playbook: a value, and a pure function from injected facts to a judgement.

The function names what it needs by the *types* of its parameters; the engine
computes each of them once. `examples` are the rule's tests and its documentation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, get_type_hints

from playnote.playbook.verdict import Judgement, Status
from playnote.text import Text

OnUnknown = Literal["allow", "acknowledge", "bar"]
Phase = Literal[
    "prerequisites",
    "objective",
    "splits",
    "baseline",
    "round-goal",
    "study-design",
    "run",
    "analysis",
    "diagnosis",
    "adoption",
    "stability",
    "steps",
    "infrastructure",
    "tracking",
    "multi-host",
    "transfer",
    "agent",
]


class Level(StrEnum):
    """How strongly the playbook says it: its own tag where it has one."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    CHECK = "CHECK"
    DECIDE = "DECIDE"
    FORBID = "FORBID"
    IF = "IF"
    ACTION = "ACTION"
    STRATEGY = "STRATEGY"
    WARN = "WARN"
    ADVICE = "advice"


class Scope(StrEnum):
    """What the rule is called for, once per target."""

    PROJECT = "project"
    ROUND = "round"
    HYPERPARAMETER = "hyperparameter"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments for the rule's function and the status they must give."""

    status: Status
    arguments: Callable[[], tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One sentence of the playbook, as it is checked.

    sections    where it stands: "body:2.1" or "app:C.1", never a bare letter (the two reuse letters)
    title       a few words to find it by
    phase       when it falls due
    bars        operations that a fail bars
    on_unknown  what an unknown does to those operations
    asks        the question put to a person where records cannot answer it
    yes_or_no   whether that question is answered by yes or no (more words may follow)
    by          the procedure whose measurement answers it ("warmup"), None where records or a person do
    needs       the types of the function's parameters, in order
    """

    id: str
    level: Level
    scope: Scope
    sections: tuple[str, ...]
    phase: Phase
    text: Text
    check: Callable[..., Judgement]
    needs: tuple[type, ...]
    bars: tuple[str, ...] = ()
    on_unknown: OnUnknown = "allow"
    asks: Text | None = None
    by: str | None = None
    yes_or_no: bool = False
    examples: tuple[Example, ...] = field(default=())

    @property
    def chapter(self) -> str:
        """The appendix section the id begins with: "E3"; "X" for what the playbook does not say itself."""
        return self.id.replace("+", "-").split("-", 1)[0]


def rule(
    id: str,
    level: Level,
    scope: Scope,
    *,
    sections: tuple[str, ...],
    phase: Phase,
    text: Text,
    bars: tuple[str, ...] = (),
    on_unknown: OnUnknown = "allow",
    asks: Text | None = None,
    by: str | None = None,
    yes_or_no: bool = False,
    examples: tuple[Example, ...] = (),
) -> Callable[[Callable[..., Judgement]], Rule]:
    """Make a `Rule` of a function; what the function needs is read off its annotations."""

    def decorate(check: Callable[..., Judgement]) -> Rule:
        hints = get_type_hints(check)
        needs = tuple(hints[name] for name in inspect.signature(check).parameters)
        return Rule(
            id=id,
            level=level,
            scope=scope,
            sections=sections,
            phase=phase,
            text=text,
            check=check,
            needs=needs,
            bars=bars,
            on_unknown=on_unknown,
            asks=asks,
            by=by,
            yes_or_no=yes_or_no,
            examples=examples,
        )

    return decorate


def fires(status: Status, arguments: Callable[[], tuple[object, ...]]) -> Example:
    """An example on which the rule speaks: warn, fail or unknown."""
    return Example(status, arguments)


def silent(arguments: Callable[[], tuple[object, ...]], status: Status = "pass") -> Example:
    """An example on which the rule stays silent: pass or not-applicable."""
    return Example(status, arguments)
