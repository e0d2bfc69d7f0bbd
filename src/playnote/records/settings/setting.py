"""One threshold: its name, value, unit, source and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["playbook", "upstream", "ours"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A threshold of the settings table.

    source  "playbook" (the seed text), "upstream" (google-research/tuning_playbook) or "ours"
    reason  why this value: what was measured, or which text says so
    """

    name: str
    value: float
    unit: str
    source: Source
    reason: str
    low: float = float("-inf")
    high: float = float("inf")
