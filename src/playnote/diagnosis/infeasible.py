"""Which part of the space cannot be trained at all?

Only trials whose own configuration made them fail (NaN, exploded) count; failures of code or
machines are missing. A trial counts beside those that ended with a score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np

from playnote.diagnosis.study_answers import Bools, placed, scored, too_few_trials
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.noisy_step import fit_step
from playnote.stats.ranks import rank_sum_p
from playnote.text import Text

Side = Literal["low", "high"]
Pattern = Literal["ordered", "suspect-bug", "scattered", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Cliff:
    """One side of one hyperparameter on which trials diverge.

    p         : float          one-sided rank test, Holm over all sides of all ordered hyperparameters
    at        : float          threshold in unit coordinates
    interval  : (float, float) 90 % profile interval in unit coordinates
    value     : object         the threshold as a value of the hyperparameter
    """

    hyperparameter: str
    side: Side
    p: float
    at: float
    interval: tuple[float, float]
    value: object


@dataclass(frozen=True, slots=True)
class InfeasibleFacts:
    """How many trials diverged, and where.

    n        : int              trials that ended by themselves: with a score, against a constraint, or diverged
    diverged : int
    violated : int              trials that ended with a score but violate a constraint
    failed, pruned : int        left out: failures of code or machines, and censored trials
    share    : float, None      diverged / n
    interval : (float, float), None  Jeffreys, 90 %
    cliffs   : tuple[Cliff]     every side tested, smallest p first
    """

    n: int
    diverged: int = 0
    violated: int = 0
    failed: int = 0
    pruned: int = 0
    share: float | None = None
    interval: tuple[float, float] | None = None
    cliffs: tuple[Cliff, ...] = ()


@final
@dataclass(frozen=True, kw_only=True)
class InfeasibleFinding(Finding):
    """Yes: trials diverge on one side of a hyperparameter (ordered). `estimate` is the share that diverged.

    pattern  "ordered" (cliffs say where), "suspect-bug" (most diverge, without an order), "scattered", "none"
    cliffs   the sides that are significant
    """

    pattern: Pattern = "unknown"
    cliffs: tuple[Cliff, ...] = ()


def measure_infeasible(table: TrialTable) -> InfeasibleFacts:
    """Count what diverged and test each side of each ordered hyperparameter."""
    good = scored(table)
    bad = np.asarray(table.diverged, dtype=np.bool_) & ~good
    violated = ~(table.ok | table.diverged | table.pruned | table.failed) & np.isfinite(table.error)
    good = np.asarray(good | violated, dtype=np.bool_)
    n, k = int(good.sum() + bad.sum()), int(bad.sum())
    counts: dict[str, Any] = {
        "violated": int(violated.sum()),
        "failed": int(table.failed.sum()),
        "pruned": int(table.pruned.sum()),
    }
    if n == 0:
        return InfeasibleFacts(0, 0, **counts)
    from scipy.special import betaincinv

    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, 0.05))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 0.95))
    return InfeasibleFacts(n, k, **counts, share=k / n, interval=(low, high), cliffs=_cliffs(table, good, bad))


def _cliffs(table: TrialTable, good: Bools, bad: Bools) -> tuple[Cliff, ...]:
    raw = [
        cliff
        for column, hyperparameter in enumerate(table.space)
        if not isinstance(hyperparameter, Categorical)
        for side in ("low", "high")
        if (cliff := _cliff(table, column, side, good, bad)) is not None
    ]
    raw.sort(key=lambda cliff: cliff.p)
    corrected, worst = [], 0.0
    for place, cliff in enumerate(raw):
        worst = max(worst, min(1.0, cliff.p * (len(raw) - place)))
        corrected.append(Cliff(cliff.hyperparameter, cliff.side, worst, cliff.at, cliff.interval, cliff.value))
    return tuple(corrected)


def _cliff(table: TrialTable, column: int, side: Side, good: Bools, bad: Bools) -> Cliff | None:
    own = placed(table.unit[:, column])
    unit: Floats = own if side == "high" else 1.0 - own
    here = np.isfinite(unit) & (good | bad)
    step = fit_step(unit[here], bad[here])
    if step is None:
        return None
    p = rank_sum_p(unit[bad & here], unit[good & here])
    at, low, high = step.at, step.low, step.high
    if side == "low":
        at, low, high = 1.0 - at, 1.0 - high, 1.0 - low
    hyperparameter = tuple(table.space)[column]
    value = hyperparameter.from_unit(float(np.clip(at, 0.0, 1.0)))
    return Cliff(hyperparameter.name, side, p, at, (low, high), value)


def answer_infeasible(
    facts: InfeasibleFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> InfeasibleFinding:
    """Yes where a side is significant; no where nothing diverged or it is scattered and rare; else unknown."""
    significant = tuple(cliff for cliff in facts.cliffs if cliff.p <= settings["infeasible.alpha"])
    pattern = _pattern(facts, bool(significant), settings)
    label: Label = {"ordered": "yes", "none": "no", "scattered": "no"}.get(pattern, "unknown")  # type: ignore[assignment]
    missing = _missing(facts, settings) if pattern == "unknown" else ()
    return InfeasibleFinding(
        label=label,
        p=_probability(facts, label),
        estimate=facts.share,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds(
            "infeasible.alpha", "infeasible.diverged", "infeasible.complete", "infeasible.bug_share"
        ),
        missing=missing,
        settles=(Settle(_PROBE, 2),) if label == "unknown" else (),
        target=target or {},
        note=_NOTES.get(pattern),
        pattern=pattern,
        cliffs=significant if pattern == "ordered" else (),
    )


def _pattern(facts: InfeasibleFacts, ordered: bool, settings: Settings) -> Pattern:
    complete = facts.n - facts.diverged
    if facts.diverged == 0:
        return "none" if complete >= settings["infeasible.complete"] else "unknown"
    share = facts.share or 0.0
    if share > settings["infeasible.bug_share"] and not ordered and facts.n >= settings["infeasible.complete"]:
        return "suspect-bug"
    if facts.diverged < settings["infeasible.diverged"] or complete < settings["infeasible.complete"]:
        return "unknown"
    return "ordered" if ordered else _unordered(facts, settings)


def _unordered(facts: InfeasibleFacts, settings: Settings) -> Pattern:
    """Scattered needs enough diverged trials that an order would have shown; otherwise it is not known."""
    return "scattered" if facts.diverged >= settings["infeasible.scattered"] else "unknown"


def _probability(facts: InfeasibleFacts, label: Label) -> float | None:
    if label == "no":
        return 0.05
    if label == "yes" and facts.cliffs:
        return 1.0 - facts.cliffs[0].p / 2.0
    return None


def _missing(facts: InfeasibleFacts, settings: Settings) -> tuple[Text, ...]:
    complete = facts.n - facts.diverged
    if complete < settings["infeasible.complete"]:
        return (too_few_trials(complete, settings["infeasible.complete"]),)
    return (
        Text(
            en="Only {n} trials diverged: too few to see on which side.",
            zh="只有 {n} 个试验发散，看不出集中在哪一侧。",
        ).fill(n=facts.diverged),
    )


_PROBE = Text(
    en="Run 2 trials beyond the suspected threshold, logged at every step.",
    zh="在可疑的门槛之外跑 2 个试验，每一步都记录。",
)

_NOTES: dict[Pattern, Text] = {
    "suspect-bug": Text(
        en="Most trials diverge, and on no side in particular: suspect the code or a missing constraint first.",
        zh="大多数试验发散，却不集中在哪一侧：先怀疑代码有错，或少了约束。",
    ),
    "scattered": Text(
        en="Trials diverge here and there, on no side of any hyperparameter.",
        zh="发散的试验散在各处，不集中在哪个超参的哪一侧。",
    ),
}
