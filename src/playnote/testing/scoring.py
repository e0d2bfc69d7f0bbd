"""Scores of any judge against known truth: recall, false alarms, false reassurance, calibration, cost.

A judge is a callable that takes one case and returns a list of verdicts in the exchange format. A
crash counts as "unknown" for every verdict of the case and is counted, as is an answer that owns to a `fault`;
a missing verdict is "unknown".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from playnote.testing.known import Case, Floats, KnownCase, Truth, as_target

Judge = Callable[[Case], list[dict[str, Any]]]
BINS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One answer beside its truth: what the tables are counted from."""

    task: str
    kind: str
    verdict: str
    truth: bool | None
    label: str
    p: float | None
    naive: str
    oracle: float | None
    cpu: float
    crashed: bool
    seeds: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row as one JSON object."""
        return asdict(self) | {"facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with the exact (Clopper-Pearson) two-sided 95 % interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share; not a number where n = 0."""
        return self.hits / self.n if self.n else float("nan")

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Clopper & Pearson 1934: both ends from the beta distribution."""
        from scipy.special import betaincinv

        tail = (1 - level) / 2
        low = 0.0 if self.hits == 0 else float(betaincinv(self.hits, self.n - self.hits + 1, tail))
        high = 1.0 if self.hits == self.n else float(betaincinv(self.hits + 1, self.n - self.hits, 1 - tail))
        return low, high

    def lower_bound(self, level: float = 0.95) -> float:
        """One-sided lower bound."""
        return self.interval(2 * level - 1)[0]


@dataclass(frozen=True, slots=True)
class Score:
    """What a table row shows; every share knows its n."""

    recall: Share
    false_alarm: Share
    false_reassurance: Share
    unknown: Share
    must_unknown: Share
    naive_recall: Share
    naive_false_alarm: Share
    brier: float
    ece: float
    auc: float
    oracle_brier: float
    oracle_recall: float
    contradictions: int
    crashes: int
    cpu_mean: float
    cpu_worst: float
    seeds_mean: float


def ask(judge: Judge, known: KnownCase, naive: Judge) -> list[Row]:
    """Every truth of one case beside the judge's and the naive rule's answers."""
    labels, seconds, crashed, seeds = _replay(judge, known.case)
    plain = _replay(naive, known.case)[0]
    rows = []
    for truth in known.truths:
        key = (truth.verdict, truth.target)
        label, p = labels.get(key, ("unknown", None))
        rows.append(_row(known, truth, label, p, plain.get(key, ("unknown", None))[0], seconds, crashed, seeds))
    return rows


def score(rows: Iterable[Row]) -> Score:
    """The figures of a group of rows (usually one verdict, one kind)."""
    kept = list(rows)
    graded = [row for row in kept if row.truth is not None]
    true = [row for row in graded if row.truth]
    false = [row for row in graded if not row.truth]
    open_ = [row for row in kept if row.truth is None]
    stated = [(row.p, bool(row.truth)) for row in graded if row.p is not None]
    known = [(row.oracle, bool(row.truth)) for row in graded if row.oracle is not None]
    return Score(
        recall=_count(true, "yes"),
        false_alarm=_count(false, "yes"),
        false_reassurance=_count(true, "no"),
        unknown=_count(graded, "unknown"),
        must_unknown=_count(open_, "unknown"),
        naive_recall=Share(sum(row.naive == "yes" for row in true), len(true)),
        naive_false_alarm=Share(sum(row.naive == "yes" for row in false), len(false)),
        brier=brier(*_pair(stated)),
        ece=expected_calibration_error(*_pair(stated)),
        auc=area_under_curve(*_pair(stated)),
        oracle_brier=brier(*_pair(known)),
        oracle_recall=recall_at(*_pair(known), false_alarm=0.05),
        contradictions=sum(_contradicts(row) for row in kept),
        crashes=sum(row.crashed for row in kept),
        cpu_mean=_mean([row.cpu for row in kept]),
        cpu_worst=max((row.cpu for row in kept), default=float("nan")),
        seeds_mean=_mean([row.seeds for row in kept if row.seeds is not None]),
    )


def brier(p: Floats, event: Floats) -> float:
    """Mean squared distance of stated probability and event; arrays of shape (n,)."""
    return float(np.mean((p - event) ** 2)) if len(p) else float("nan")


def expected_calibration_error(p: Floats, event: Floats) -> float:
    """Mean |share of events - mean p| over 10 equal bins of p, weighted by their counts."""
    if not len(p):
        return float("nan")
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [
        np.sum(bins == index) * abs(event[bins == index].mean() - p[bins == index].mean()) for index in np.unique(bins)
    ]
    return float(np.sum(gaps) / len(p))


def area_under_curve(p: Floats, event: Floats) -> float:
    """Chance that a true case is given a higher p than a false one; ties count half."""
    high, low = p[event == 1], p[event == 0]
    if not len(high) or not len(low):
        return float("nan")
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    return float(np.mean(below) / (2 * len(low)))


def recall_at(p: Floats, event: Floats, *, false_alarm: float) -> float:
    """Share of true cases above the lowest cut whose false alarms stay within `false_alarm`."""
    high, low = p[event == 1], np.sort(p[event == 0])[::-1]
    if not len(high) or not len(low):
        return float("nan")
    return float(np.mean(high > low[int(false_alarm * len(low))]))


def at_look(case: Case, seeds: int) -> Case:
    """An adoption case as it stood after `seeds` fresh runs of each arm."""
    seen: dict[str, int] = {}
    kept = []
    for trial in sorted(case["study"]["trials"], key=lambda trial: trial["seed"]):
        if trial["role"] == "confirm":
            seen[trial["arm"]] = seen.get(trial["arm"], 0) + 1
            if seen[trial["arm"]] > seeds:
                continue
        kept.append(trial)
    return {**case, "study": {**case["study"], "trials": kept}}


def _replay(
    judge: Judge, case: Case
) -> tuple[dict[tuple[str, Any], tuple[str, float | None]], float, bool, int | None]:
    """Labels and probabilities, CPU seconds of one call, whether it crashed, seeds used where looks are given."""
    looks = case.get("looks")
    if not looks:
        return *_call(judge, case), None
    worst = 0.0
    for look in looks:
        answers, seconds, crashed = _call(judge, at_look(case, look))
        worst = max(worst, seconds)
        if crashed or any(label == "yes" for label, _ in answers.values()):
            break
    return answers, worst, crashed, look


def _call(judge: Judge, case: Case) -> tuple[dict[tuple[str, Any], tuple[str, float | None]], float, bool]:
    begun = time.process_time()
    try:
        found = judge(case)
        seconds = time.process_time() - begun
        answers = {(v["verdict"], as_target(v["target"])): (v["label"], v.get("p")) for v in found}
        return answers, seconds, any("fault" in v for v in found)
    except Exception:  # a judge under test may fail in any way; the failure is what is counted
        return {}, time.process_time() - begun, True


def _row(
    known: KnownCase,
    truth: Truth,
    label: str,
    p: float | None,
    naive: str,
    seconds: float,
    crashed: bool,
    seeds: int | None,
) -> Row:
    return Row(
        known.case["task"], known.kind, truth.verdict, truth.value, label, p, naive, truth.oracle, seconds, crashed,
        seeds, known.facts,
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _count(rows: Sequence[Row], label: str) -> Share:
    return Share(sum(row.label == label for row in rows), len(rows))


def _pair(stated: Sequence[tuple[float, bool]]) -> tuple[Floats, Floats]:
    return np.array([p for p, _ in stated], dtype=float), np.array([event for _, event in stated], dtype=float)


def _contradicts(row: Row) -> bool:
    return row.p is not None and ((row.label == "yes" and row.p < 0.5) or (row.label == "no" and row.p > 0.5))
