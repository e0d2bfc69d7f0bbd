"""Every error Playnote raises, and what each one carries.

    PlaynoteError
    ├── InputError             what the user gave cannot be used            exit 2
    │   ├── ProjectFileError   playnote.toml or a split file, all faults at once
    │   ├── FormulaError       a score formula
    │   ├── SourceError        another tool's files
    │   └── NotFoundError      a name that nothing answers to
    ├── BarredError            a rule bars the operation                    exit 3
    │   └── RefusedError       an agent asks for what is not an agent's
    ├── MissingExtraError      an optional package is not installed         exit 2
    ├── WorkflowError          the user's training code failed              exit 2
    ├── LedgerError            the record cannot be read or written         exit 2
    │   ├── LeaseError         another writer holds the ledger
    │   └── CacheError         the cache is damaged; the ledger reads around it and never lets this out
    └── InternalError          our fault                                    exit 1

A message shows the wrong value, where it came from, and one fix to make.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from playnote.text import Text


class Detail(NamedTuple):
    """One fault: where it stands, what was found there, what is allowed, and one fix."""

    path: str
    found: str
    allowed: Text
    fix: Text

    def as_json(self) -> dict[str, object]:
        """The detail as the error envelope shows it."""
        return {
            "path": self.path,
            "found": self.found,
            "allowed": self.allowed.as_json(),
            "fix": self.fix.as_json(),
        }


class PlaynoteError(Exception):
    """The root: a problem and a fix are required, details are one per fault."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, problem: Text, *, fix: Text, details: Iterable[Detail] = ()) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.fix = fix
        self.details = tuple(details)

    def __str__(self) -> str:
        return f"{self.problem.en} {self.fix.en}"

    def as_json(self) -> dict[str, object]:
        """The `error` member of the envelope."""
        return {
            "code": self.code,
            "problem": self.problem.as_json(),
            "fix": self.fix.as_json(),
            "details": [detail.as_json() for detail in self.details],
        }


class InputError(PlaynoteError):
    """What the user gave cannot be used."""

    code = "input"


class ProjectFileError(InputError):
    """The project file or a split file is wrong; one detail per fault, all of them."""

    code = "project-file"


class FormulaError(InputError):
    """A score formula cannot be parsed, or asks for more than arithmetic."""

    code = "formula"


class SourceError(InputError):
    """Another tool's files cannot be read."""

    code = "source"


class NotFoundError(InputError):
    """A name that nothing answers to."""

    code = "not-found"


class Bar(NamedTuple):
    """The rule that bars an operation, the evidence for it, and the way out."""

    rule: str
    level: str
    sections: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    do_instead: str = ""
    waiver: str = ""
    probability: float | None = None
    n: int | None = None
    allowed_meanwhile: tuple[str, ...] = ()


class BarredError(PlaynoteError):
    """A rule of the playbook bars the operation; `bar` names it and the way out."""

    code = "barred"
    exit_code = 3

    def __init__(self, problem: Text, *, fix: Text, bar: Bar, details: Iterable[Detail] = ()) -> None:
        super().__init__(problem, fix=fix, details=details)
        self.bar = bar

    def as_json(self) -> dict[str, object]:
        """The envelope's `error`, with the rule and the way out."""
        bar = self.bar
        return {
            **super().as_json(),
            "rule": bar.rule,
            "level": bar.level,
            "sections": list(bar.sections),
            "evidence": list(bar.evidence),
            "do_instead": bar.do_instead,
            "waiver": bar.waiver,
            "probability": bar.probability,
            "n": bar.n,
            "allowed_meanwhile": list(bar.allowed_meanwhile),
            "retry_same_call": False,
        }


class RefusedError(BarredError):
    """The agent's door refuses; `kind` says why: "stale", "person-only", "outside" or "barred"."""

    def __init__(self, kind: str, problem: Text, *, fix: Text, bar: Bar) -> None:
        super().__init__(problem, fix=fix, bar=bar)
        self.kind = kind


class MissingExtraError(PlaynoteError):
    """An optional package is not installed; the fix is the pip command that brings it."""

    code = "missing-extra"


class WorkflowError(PlaynoteError):
    """The user's training code failed or could not be started."""

    code = "workflow"


class LedgerError(PlaynoteError):
    """The record cannot be read or written."""

    code = "ledger"


class LeaseError(LedgerError):
    """Another writer holds the ledger."""

    code = "lease"


class CacheError(LedgerError):
    """The ledger's cache cannot be used: caught inside the ledger, which reads the truth instead."""

    code = "cache"


class InternalError(PlaynoteError):
    """Our own fault: please report it."""

    code = "internal"
    exit_code = 1
