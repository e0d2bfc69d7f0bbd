"""The training side: batch size, steps, warmup, input pipeline, hosts."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
