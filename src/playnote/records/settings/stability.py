"""Stability: loss excursions, gradient norms, clipping, the divergence edge, warmup."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
