"""Do wrong dev labels decide which of two models is better?

Only disagreements matter: examples that exactly one of the two gets right. The order can turn only if enough of their
labels are wrong in the bad direction, so they are audited first. Audited labels correct the difference, and the rest is
filled in from what the audit found (Bayes bootstrap within each side; fully audited sides have nothing left to fill).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import jeffreys_interval
from playnote.text import Text

_DRAWS = 4000
_Z = 1.645
Outcome = Literal["first", "second", "neither"]


@dataclass(frozen=True, slots=True)
class Audited:
    """One audited disagreement: whom the recorded label favours, and whom the corrected one does."""

    recorded: Literal["first", "second"]
    corrected: Outcome


@dataclass(frozen=True, slots=True)
class LabelNoiseFacts:
    """The order of two models under recorded and corrected labels; differences as shares of examples, first minus second.

    n                  : examples
    only               : (int, int)   examples only the first, only the second gets right
    audited            : (int, int)   audited ones of each side
    wrong_needed       : int          labels that must be wrong the bad way to turn the order
    raw, raw_interval  : the difference as recorded, 90 %
    corrected, corrected_interval : the same with corrected labels; None before any audit
    p                  : float, None  P(the corrected order is not the recorded one)
    noise, noise_interval : share of wrong labels among randomly audited examples, None where there was no such audit
    """

    n: int
    only: tuple[int, int]
    audited: tuple[int, int]
    wrong_needed: int
    raw: float
    raw_interval: tuple[float, float]
    corrected: float | None = None
    corrected_interval: tuple[float, float] | None = None
    p: float | None = None
    noise: float | None = None
    noise_interval: tuple[float, float] | None = None


@final
@dataclass(frozen=True, kw_only=True)
class LabelNoiseFinding(Finding):
    """Yes: wrong labels may decide the order. Estimate: the corrected difference."""


def measure_label_noise(
    only_first: int,
    only_second: int,
    n: int,
    audited: Sequence[Audited] = (),
    *,
    random_audit: tuple[int, int] | None = None,
    rng: np.random.Generator | None = None,
) -> LabelNoiseFacts:
    """Measure.

    only_first, only_second : examples that only the first, only the second model gets right under recorded labels
    n                       : examples of the split
    audited                 : audited disagreements, drawn at random within each side
    random_audit            : (wrong labels, examples) of a random audit of all examples
    """
    rng = rng or np.random.default_rng(0)
    audit = random_audit if random_audit is not None and random_audit[1] >= 1 else None
    counts = (max(0, only_first), max(0, only_second))
    n = max(n, sum(counts), 1)
    gap, spread = (counts[0] - counts[1]) / n, math.sqrt(sum(counts)) / n
    sides = {side: [each for each in audited if each.recorded == side] for side in ("first", "second")}
    held = (min(len(sides["first"]), counts[0]), min(len(sides["second"]), counts[1]))
    facts = LabelNoiseFacts(
        n,
        counts,
        held,
        abs(counts[0] - counts[1]) // 2 + 1,
        gap,
        (gap - _Z * spread, gap + _Z * spread),
        noise=audit[0] / audit[1] if audit else None,
        noise_interval=jeffreys_interval(*audit) if audit else None,
    )
    if not sum(held):
        return facts
    return _corrected(facts, sides, spread, rng)


def _corrected(
    facts: LabelNoiseFacts, sides: Mapping[str, Sequence[Audited]], spread: float, rng: np.random.Generator
) -> LabelNoiseFacts:
    """Corrected wins of the first minus those of the second, with what was not audited drawn from what was."""
    totals = np.zeros(_DRAWS)
    for side, count in zip(("first", "second"), facts.only, strict=True):
        found = [_worth(each.corrected) for each in sides[side]][:count]
        totals += sum(found) + _rest(found, count - len(found), side, rng)
    shares = totals / facts.n
    own = rng.normal(0.0, spread, _DRAWS)
    low, high = np.quantile(shares + own, [0.05, 0.95])
    sign = np.sign(facts.raw)
    return replace(
        facts,
        corrected=float(np.mean(shares)),
        corrected_interval=(float(low), float(high)),
        p=float(np.mean(np.sign(shares) != sign)) if sign else 0.5,
    )


def _worth(corrected: Outcome) -> int:
    return {"first": 1, "second": -1, "neither": 0}[corrected]


def _rest(found: Sequence[int], left: int, side: str, rng: np.random.Generator) -> np.ndarray:
    """Sum over the unaudited ones, drawn from a Dirichlet posterior; the prior expects nine labels of ten to be right."""
    if left <= 0:
        return np.zeros(_DRAWS)
    prior = {1: 0.9 if side == "first" else 0.05, 0: 0.05, -1: 0.05 if side == "first" else 0.9}
    weight = np.array([prior[worth] + sum(each == worth for each in found) for worth in (1, 0, -1)])
    shares = rng.dirichlet(weight, _DRAWS)
    counts = rng.multinomial(left, shares)
    return np.asarray(counts[:, 0] - counts[:, 2], dtype=np.float64)


def answer_label_noise(
    facts: LabelNoiseFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> LabelNoiseFinding:
    """Yes, no or unknown; unknown until enough disagreements were audited, unless too few exist to turn anything."""
    enough = sum(facts.audited) >= min(settings["label_noise.audit"], sum(facts.only))
    missing = () if enough else (_FEW.fill(n=sum(facts.audited), needed=int(settings["label_noise.audit"])),)
    label: Label = "unknown"
    if not missing and facts.p is not None:
        label = _label(facts, settings)
    todo = int(min(settings["label_noise.audit"], sum(facts.only))) - sum(facts.audited)
    return LabelNoiseFinding(
        label=label,
        p=facts.p,
        estimate=facts.raw if facts.corrected is None else facts.corrected,
        interval=facts.raw_interval if facts.corrected_interval is None else facts.corrected_interval,
        n=sum(facts.audited),
        thresholds=settings.thresholds("label_noise.audit", "label_noise.yes", "label_noise.no"),
        missing=missing,
        settles=(Settle(_AUDIT.fill(n=max(todo, 25)), 0),) if label == "unknown" else (),
        target=target or {},
        note=_NEEDED.fill(n=facts.wrong_needed, all=sum(facts.only)),
    )


def _label(facts: LabelNoiseFacts, settings: Settings) -> Label:
    """Yes where the corrected interval covers 0 and the recorded one does not, or where the order likely turns."""
    chance = facts.p if facts.p is not None else 0.5
    was_clear = not facts.raw_interval[0] <= 0 <= facts.raw_interval[1]
    covers = facts.corrected_interval is not None and facts.corrected_interval[0] <= 0 <= facts.corrected_interval[1]
    if (was_clear and covers and chance >= settings["label_noise.yes"]) or chance >= 0.5:
        return "yes"
    return "no" if chance <= settings["label_noise.no"] and not (was_clear and covers) else "unknown"


def audit_order(disagreements: Sequence[str], agreements: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Examples in the order to audit them: disagreements first, shuffled, then a random part of the others."""
    first = [disagreements[i] for i in rng.permutation(len(disagreements))]
    return first + [agreements[i] for i in rng.permutation(len(agreements))]


_FEW = Text(
    en="{n} disagreements were audited; {needed}, or all of them, are needed.",
    zh="只核对了 {n} 个分歧样本，至少要 {needed} 个，或者全部。",
)
_AUDIT = Text(
    en="Audit {n} more examples that exactly one of the two models gets right.",
    zh="再核对 {n} 个只有一个模型答对的样本的标签。",
)
_NEEDED = Text(
    en="The order turns only if {n} of the {all} disagreements are labelled wrong the bad way.",
    zh="要有 {n} 个分歧样本（共 {all} 个）的标签恰好错向另一边，排名才会翻转。",
)
