"""A study of trials: boundary, infeasible region, density, importance, isolation, readiness."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
