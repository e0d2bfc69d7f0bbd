"""Adoption: seeds, error rates, peeking, complexity."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
