"""Running trials: what ends one, workers, leases, retries."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
