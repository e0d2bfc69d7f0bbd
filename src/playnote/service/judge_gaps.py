"""The gaps task: error counts on the splits of one study."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from playnote.diagnosis.gaps import GAPS, SPLITS, Count, GapsFacts, answer_gap, measure_gaps
from playnote.service.exchange_case import Raw, mapping, metric_of, number
from playnote.service.judge_questions import Question


def questions(study: Raw) -> Iterator[Question]:
    """One question a gap."""
    facts = _facts(study)
    for name in GAPS:
        yield Question(name, {}, partial(answer_gap, facts, name))


def _facts(study: Raw) -> GapsFacts:
    splits = mapping(study.get("splits"))
    counts = {name: _count(mapping(splits.get(name))) for name in SPLITS}
    same = study.get("dev_same_distribution_as_train")
    mode = study.get("train_eval_mode", True)
    return measure_gaps(
        {name: count for name, count in counts.items() if count is not None},
        same_distribution=same if isinstance(same, bool) else None,
        train_eval_mode=mode if isinstance(mode, bool) else None,
        min_effect=metric_of(study).min_effect,
    )


def _count(split: Raw) -> Count | None:
    errors, n = number(split.get("errors")), number(split.get("n"))
    if errors is None or n is None:
        return None
    count = Count(errors, n)
    return count if count.usable else None
