"""Auditing splits: copies, groups and times across them, and whether the sets that should be alike are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from playnote.diagnosis.overlap import OverlapFacts, OverlapFinding, Pair, answer_overlap, measure_overlap
from playnote.diagnosis.shift import ShiftFacts, ShiftFinding, answer_shift, measure_shift
from playnote.records.examples import Examples
from playnote.records.settings import DEFAULTS, Settings

# Which sets are compared. The first two pairs should be alike; of the others, a difference asks for a Train-Dev.
PAIRS: tuple[Pair, ...] = (
    ("dev", "test"),
    ("train", "train_dev"),
    ("dev", "deployment"),
    ("test", "deployment"),
    ("train", "deployment"),
    ("train", "dev"),
)


@dataclass(frozen=True, slots=True)
class SplitAudit:
    """What an audit found.

    shifts     by pair of sets, facts and finding
    groups     by pair of splits, groups that stand in both; empty where no groups are recorded
    late       examples of Train that are younger than the oldest of Dev or Test; None without times
    """

    overlap: OverlapFacts
    overlap_finding: OverlapFinding
    shifts: Mapping[Pair, tuple[ShiftFacts, ShiftFinding]]
    groups: Mapping[Pair, tuple[str, ...]]
    late: int | None = None


def audit_splits(
    splits: Mapping[str, Examples],
    deployment: Examples | None = None,
    *,
    seed: int = 0,
    settings: Settings = DEFAULTS,
) -> SplitAudit:
    """Audit.

    splits      examples by split
    deployment  a sample of what the model will meet, labelled or not; without it Dev stands for it
    """
    overlap = measure_overlap(splits, settings)
    sets = dict(splits) if deployment is None else {**splits, "deployment": deployment}
    groups = {
        (a, b): tuple(sorted(set(splits[a].group or ()) & set(splits[b].group or ()) - {""}))
        for a, b in combinations(splits, 2)
        if splits[a].group is not None and splits[b].group is not None
    }
    shifts = {}
    for at, pair in enumerate(PAIRS):
        if pair[0] in sets and pair[1] in sets and not (pair == ("train", "dev") and "deployment" in sets):
            facts = measure_shift(
                sets[pair[0]],
                sets[pair[1]],
                rng=np.random.default_rng([seed, at]),
                most=int(settings["shift.most"]),
            )
            shifts[pair] = facts, answer_shift(facts, settings, {"first": pair[0], "second": pair[1]})
    return SplitAudit(overlap, answer_overlap(overlap, settings), shifts, groups, _late(splits))


def _late(splits: Mapping[str, Examples]) -> int | None:
    held = [splits[name].time for name in ("dev", "test") if name in splits]
    train = splits["train"].time if "train" in splits else None
    times = [time for each in held for time in each or () if time]
    if train is None or not times:
        return None
    return sum(time > min(times) for time in train)
