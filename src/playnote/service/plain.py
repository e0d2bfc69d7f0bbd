"""Numbers, findings and trials as plain data: what JSON can hold, and nothing of the playbook."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from playnote.records.finding import Finding
from playnote.records.state import Reading
from playnote.records.trial import TrialRecord

Json = dict[str, Any]


def finite(value: object) -> Any:
    """A number as JSON holds it: NaN and infinities become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return value.item() if hasattr(value, "item") and not isinstance(value, str) else value


def trial_view(trial: TrialRecord, reading: Reading | None) -> Json:
    """One trial, as `round show --json` lists it."""
    return {
        "id": trial.id,
        "study": trial.study,
        "purpose": trial.purpose,
        "configuration": finite(dict(trial.configuration)),
        "seed": trial.seed,
        "outcome": trial.outcome,
        "feasible": None if reading is None else reading.feasible,
        "score": None if reading is None else finite(reading.score),
        "step": None if reading is None else finite(reading.step),
        "attempts": trial.attempts,
        "seconds": finite(trial.seconds),
    }


def finding_view(finding: Finding) -> Json:
    """A finding's numbers and the thresholds it was decided by."""
    return {
        "label": finding.label,
        "probability": finite(finding.p),
        "estimate": finite(finding.estimate),
        "interval": finite(finding.interval),
        "level": finding.level,
        "n": finite(finding.n),
        "thresholds": [
            {"name": each.name, "value": each.value, "unit": each.unit, "source": each.source}
            for each in finding.thresholds
        ],
        "target": finite(dict(finding.target)),
        "missing": [text.as_json() for text in finding.missing],
        "settles": [{"text": each.text.as_json(), "runs": each.runs} for each in finding.settles],
        "note": finding.note.as_json() if finding.note else None,
    }
