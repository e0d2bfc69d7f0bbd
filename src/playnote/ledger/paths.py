"""Where the ledger keeps what, inside its home (`.playnote`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playnote.recorder.card import attempt_log


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one ledger."""

    home: Path

    @property
    def journal(self) -> Path:
        """The numbered events."""
        return self.home / "journal.jsonl"

    @property
    def cache(self) -> Path:
        """The SQLite cache; may be deleted at any time."""
        return self.home / "ledger.db"

    @property
    def lease(self) -> Path:
        """Who writes."""
        return self.home / "lease"

    @property
    def gitignore(self) -> Path:
        """Keeps the record out of a commit made by accident."""
        return self.home / ".gitignore"

    def trial(self, trial: str) -> Path:
        """The folder of a trial: its card, its attempts' logs, its checkpoints and predictions."""
        return self.home.joinpath("trials", trial)

    def attempt(self, trial: str, attempt: int) -> Path:
        """The log of one attempt."""
        return attempt_log(self.trial(trial), attempt)

    def bundle(self, round_: int) -> Path:
        """The logs of a closed round, compressed."""
        return self.home / "bundles" / f"round-{round_}.zip"

    def aside(self, name: str) -> Path:
        """Where bytes that were cut from a file are kept."""
        return self.home / "damaged" / name
