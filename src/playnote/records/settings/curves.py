"""Curves: overfitting, still improving, saturated, step variance, checkpoint bias."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
