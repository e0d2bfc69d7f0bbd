"""What readings of the test split may have cost: from the journal, and from predictions where two models kept them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from playnote.diagnosis.test_overuse import (
    TestOveruseFinding,
    answer_test_overuse,
    measure_test_overuse,
    paired_spread,
)
from playnote.errors import PlaynoteError
from playnote.ledger.predictions import Predictions, read_predictions
from playnote.records.state import ProjectState

_CHOICES = ("adoption", "baseline", "decision", "round-opened", "round-closed")
_MOST = 4  # models whose predictions are compared in pairs


def use_of_test(state: ProjectState, home: Path) -> TestOveruseFinding:
    """Whether the test split's number is too good by now; a reading counts as a choice where anything was decided after it.

    How differently two models err is taken from dev, where their predictions are kept.
    """
    reads = state.events("test-read")
    split = state.project.splits.get("test")
    sizes = [int(str(each.data["n"])) for each in reads if each.data.get("n")]
    facts = measure_test_overuse(
        sum(int(str(each.data.get("looks", 1))) for each in reads),
        decisions(state),
        sizes[-1] if sizes else (split.n if split is not None else None) or 0,
        paired_sd=spread_of(state, home),
        min_effect=state.project.objective.min_effect,
        settings=state.project.settings,
    )
    return answer_test_overuse(facts, state.project.settings, {"split": "test"})


def decisions(state: ProjectState) -> int:
    """Looks at the test split with something decided between them and the next one. A look at a curve counts each step."""
    reads = state.events("test-read")
    count = 0
    for at, each in enumerate(reads):
        end = reads[at + 1].number if at + 1 < len(reads) else math.inf
        if any(each.number < later.number < end for later in state.events(*_CHOICES)):
            count += int(str(each.data.get("looks", 1)))
    return count


def spread_of(state: ProjectState, home: Path) -> float | None:
    """Median SD over examples of the difference in being right, over pairs of models with predictions on dev."""
    kept: list[Predictions] = []
    seen: list[object] = []
    name = state.project.splits["dev"].logged_as if "dev" in state.project.splits else None
    for each in state.trials:
        if each.facts.get("predictions") and dict(each.configuration) not in seen and len(kept) < _MOST:
            try:
                found = read_predictions(home, each, "dev", name)
            except PlaynoteError:
                continue  # unreadable predictions leave one model fewer to compare
            if found.labels is not None:
                kept.append(found)
                seen.append(dict(each.configuration))
    spreads = [_spread(first, second) for at, first in enumerate(kept) for second in kept[:at]]
    known = [spread for spread in spreads if spread is not None]
    return float(np.median(known)) if known else None


def _spread(first: Predictions, second: Predictions) -> float | None:
    truth, other = first.truths(), second.answers()
    both = [
        (said == truth[name], other[name] == truth[name]) for name, said in first.answers().items() if name in other
    ]
    if len(both) < 2:
        return None
    right = np.array(both, dtype=np.float64)
    found = paired_spread(right[:, 0], right[:, 1])
    return found if math.isfinite(found) else None
