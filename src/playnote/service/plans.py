"""What the Python interface asks of the service for a project that is declared in Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from playnote.ledger import Ledger
from playnote.records.project import Project
from playnote.search.basis import plan_next
from playnote.search.price import Plan
from playnote.space.hyperparameter import Value

__all__ = ["Plan", "home_of", "plan_round"]


def home_of(project: Project) -> Path:
    """Where the project's record is kept: `PLAYNOTE_HOME`, or `.playnote` in the project's folder."""
    return Path(os.environ.get("PLAYNOTE_HOME") or Path(project.folder) / ".playnote")


def plan_round(
    project: Project,
    question: str,
    scientific: Mapping[str, Sequence[Value]],
    trials_per_value: int | None = None,
    *,
    nuisance: Iterable[str] | None = None,
    fixed: Mapping[str, Value] | None = None,
    seed: int = 0,
    workers: int = 1,
) -> Plan:
    """The next round, its cost and what it can show, from what the record holds; nothing is written.

    A round that is open and asks the same question of the same points is that round again.
    """
    state = Ledger.open(home_of(project)).state(project)
    return plan_next(
        state,
        question,
        scientific,
        trials_per_value,
        nuisance=nuisance,
        fixed=fixed,
        seed=seed,
        workers=workers,
        resume=True,
    )
