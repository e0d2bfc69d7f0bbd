"""Search: planning, coverage, budgets, readiness, Bayesian search."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
