"""Keeping records: journal, trial logs, the SQLite cache; one writer, many readers."""

from __future__ import annotations

from playnote.ledger.events import KINDS, EventKind
from playnote.ledger.ledger import Fault, Ledger, freshen
from playnote.ledger.paths import Paths

__all__ = ["KINDS", "EventKind", "Fault", "Ledger", "Paths", "freshen"]
