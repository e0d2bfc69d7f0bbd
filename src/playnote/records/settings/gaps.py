"""The ladder human - train - train-dev - dev - test, labels, errors and split audits."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = ()
