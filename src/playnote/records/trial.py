"""A trial as it is remembered: one configuration, one seed, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playnote.space.hyperparameter import Value

Purpose = Literal["search", "confirm", "repeat", "baseline", "probe"]
# How a trial ended, known from the trial alone. "pruned" is censored: stopped early by another tool's
# pruner, neither complete nor infeasible. "failed" (cause not recorded) is never the configuration's fault.
Outcome = Literal["ok", "pruned", "nan", "exploded", "oom", "failed", "failed:infra", "failed:preempted", "failed:code"]
DIVERGED: frozenset[str] = frozenset({"nan", "exploded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One configuration, one seed, and everything small that is known of it; curves are read through a `CurveSource`.

    study    the space and scientific value it belongs to, e.g. "r1/dropout=0.2"
    outcome  None while it runs or waits
    summary  last value of each logged metric ("dev/error"), or the only value where the source keeps no curve
    seconds  wall time of its successful attempt
    """

    id: str
    study: str = ""
    round: int = 0
    purpose: Purpose = "search"
    configuration: Mapping[str, Value] = field(default_factory=dict)
    seed: int | None = None
    outcome: Outcome | None = None
    attempts: int = 0
    summary: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None
    started: str | None = None
    ended: str | None = None
    total_steps: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    index: int | None = None
