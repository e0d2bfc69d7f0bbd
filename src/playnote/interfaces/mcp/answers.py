"""What each tool gives: the output schemas. Every answer is `{"ok": true, "data": ...}` or `{"ok": false, "error": ...}`."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Free = dict[str, Any]


class Part(BaseModel):
    """The root of every part: nothing is in an answer that its schema does not name."""

    model_config = ConfigDict(extra="forbid")


class Do(Part):
    """A call: the tool and its arguments, the address to read, or what a person types where no tool does it."""

    tool: str | None = None
    arguments: Free = {}
    cli: str = ""
    read: str = ""


class Answer(Part):
    """What every answer carries.

    rows_in      the field whose rows are cut where an answer would grow too long
    truncated    rows were left off; ask again with next_offset
    tokens       estimated size of the answer
    """

    rows_in: ClassVar[str] = ""

    state_id: str = ""
    truncated: bool = False
    next_offset: int | None = None
    tokens: int = 0


class Why(Part):
    """A rule that asks for the step."""

    rule: str
    level: str
    because: str
    evidence: str | None = None


class NotAllowed(Part):
    """A tool that a rule bars now."""

    tool: str
    rule: str
    because: str
    evidence: list[str] = []


class Proposal(Part):
    """What waits for a person, or was settled by one."""

    proposal: int
    kind: str
    by: str
    confirm: str
    rule: str | None = None
    answer: str | None = None
    because: str | None = None
    question: str | None = None
    how: str | None = None
    say: str | None = None


class NextStep(Answer):
    """The one next step."""

    rows_in = "why"

    step: int
    of: int
    name: str
    round: int | None
    state: str
    headline: str
    stage: str
    do: Do
    why: list[Why]
    cost: Free
    runs_as: str | None = None
    poll: Do | None = None
    decides: Free | None = None
    done_when: str
    not_allowed_now: list[NotAllowed]
    ask_person: list[Proposal]
    open_unknowns: int
    violated: list[str]


class Plan(Answer):
    """A planned round: its cost and what it can show."""

    rows_in = "lines"

    round: int
    question: str
    stored: bool
    trials: int
    per_value: int
    hours: float | None
    coverage: Free
    smallest_effect: Free | None
    min_effect: float | None
    roles: dict[str, str]
    fixed: Free
    lines: list[str]
    do: Do


class Job(Part):
    """Work that outlives the call."""

    job: str
    kind: str | None
    state: str
    actor: str | None
    total: int | None
    done: int | None
    failed: int | None
    running: int | None
    seconds: float | None
    eta: float | None
    result: Free | None
    error: Free | None
    log_tail: str
    poll_every_s: int | None


class Started(Answer):
    """A job handle."""

    job: Job
    poll: Do


class StatusOf(Answer):
    """Jobs, and what waits for a person."""

    rows_in = "jobs"

    jobs: list[Job]
    waiting: list[Proposal]
    replies: list[Proposal]


class VerdictRow(Part):
    """One verdict; its numbers are left out where nothing was measured."""

    rule: str
    status: str
    target: Free
    estimate: float | None = None
    interval: list[float | None] | None = None
    level: float | None = None
    n: int | float | list[int | float] | None = None
    probability: float | None = None
    message: str
    missing: list[str]
    waived: str | None = None
    actions: list[Free]
    evidence: str


class VerdictsOf(Answer):
    """Verdicts that are not passes."""

    rows_in = "verdicts"

    round: int | None
    question: str | None
    answer: Free
    metric: Free
    counts: dict[str, int]
    verdicts: list[VerdictRow]
    caveats: Free
    thresholds: str
    trials: str | None


class EvidenceOf(Answer):
    """What stands behind a handle."""

    rows_in = "rows"

    handle: str
    facts: Free
    rows: list[Free]
    n_rows: int


class Chart(Part):
    """A picture by its name, and what it shows in words."""

    chart: str
    shows: str


class ChartsOf(Answer):
    """A round's pictures; one of them, where it was asked for, stands beside this answer as an image."""

    rows_in = "charts"

    round: int
    image: str | None = None
    charts: list[Chart]


class Widened(Answer):
    """A wider range."""

    round: int
    trials: int
    do: Do


class Compared(Answer):
    """Two sets of numbers."""

    decision: str
    gain: float | None
    interval: list[float] | None
    level: float
    probability: float | None
    more_runs: int | None
    message: str


class ReviewOf(Answer):
    """Trials made elsewhere."""

    rows_in = "findings"

    study: str | None
    trials: int
    counts: dict[str, int]
    direction: str | None
    metric: str | None
    min_effect: float | None
    sampler: str | None
    hyperparameters: list[str]
    findings: list[Free]
    next: Any


class Proposed(Answer):
    """A proposal that waits for a person."""

    waits: Proposal
    poll: Do


class Refusal(Part):
    """Why a call was refused, and the way out."""

    code: str
    rule: str | None = None
    level: str | None = None
    sections: list[str] = []
    problem: str
    evidence: list[str] = []
    n: int | None = None
    probability: float | None = None
    found_at: str | None = None
    fix: str
    do_instead: Do | None = None
    allowed_meanwhile: list[str] = []
    waiver: Free | None = None
    details: list[Free] = []
    retry_same_call: bool = False
    state_id: str = ""


T = TypeVar("T", bound=Answer)


class Envelope(BaseModel, Generic[T]):
    """The frame of every answer."""

    ok: bool
    data: T | None = None
    error: Refusal | None = None
