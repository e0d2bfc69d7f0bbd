"""Do wrong training labels come in clusters: in some classes, or with some people or scenes?

Wrong labels against a factor (class, group) by chi-square; its p-value comes from shuffling which labels are wrong, so that
it is exact however few there are. A little noise without order is no cause for alarm; a cluster is worth relabelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import jeffreys_interval
from playnote.text import Text

_SHUFFLES = 1999


@dataclass(frozen=True, slots=True)
class Level:
    """One class or group: audited examples, wrong ones among them."""

    name: str
    n: int
    wrong: int

    @property
    def share(self) -> float:
        """Of its labels that are wrong."""
        return self.wrong / self.n


@dataclass(frozen=True, slots=True)
class LabelConcentrationFacts:
    """Wrong labels by one factor.

    levels    worst first
    interval  of the share of wrong labels in all, 90 %
    p         P(counts this uneven | wrong labels fall anywhere); None with one level or nothing wrong
    factors   how many factors are asked of the same audit
    """

    factor: str
    n: int
    wrong: int
    levels: tuple[Level, ...]
    interval: tuple[float, float]
    p: float | None = None
    factors: int = 1


@final
@dataclass(frozen=True, kw_only=True)
class LabelConcentrationFinding(Finding):
    """Yes: wrong labels are clustered; `worst` names where. Estimate: the share of wrong labels there."""

    worst: str | None = None


def measure_label_concentration(
    wrong: Sequence[bool],
    levels: Sequence[str],
    factor: str,
    *,
    factors: int = 1,
    rng: np.random.Generator | None = None,
) -> LabelConcentrationFacts:
    """Measure.

    wrong, levels : n audited examples: whether the label is wrong, and the class or group it stands in
    factors       : how many factors are asked
    """
    rng = rng or np.random.default_rng(0)
    names, codes = np.unique(np.asarray(levels, dtype=str), return_inverse=True)
    flags = np.asarray(wrong, dtype=bool)
    sizes = np.bincount(codes, minlength=len(names))
    counts = np.bincount(codes[flags], minlength=len(names))
    found = [Level(str(name), int(n), int(k)) for name, n, k in zip(names, sizes, counts, strict=True)]
    found.sort(key=lambda level: (-level.share, -level.wrong, level.name))
    total, n = int(flags.sum()), len(flags)
    p = None
    if len(names) > 1 and 0 < total < n:
        expected = sizes * total / n
        # Of the chi-square only this part varies between shuffles: sizes and the number of wrong labels stay.
        own = float(np.sum((counts - expected) ** 2 / (expected * (1 - total / n))))
        draws = rng.multivariate_hypergeometric(sizes, total, size=_SHUFFLES)
        each = np.sum((draws - expected) ** 2 / (expected * (1 - total / n)), axis=1)
        p = float(1 + np.sum(each >= own - 1e-9)) / (_SHUFFLES + 1)
    return LabelConcentrationFacts(factor, n, total, tuple(found), jeffreys_interval(total, n), p, factors)


def answer_label_concentration(
    facts: LabelConcentrationFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> LabelConcentrationFinding:
    """Yes where the shuffles reject; no with enough wrong labels in no order, or surely few of them; else unknown."""
    enough = facts.wrong >= settings["labels.wrong"]
    label: Label = "unknown"
    if facts.p is not None and facts.p <= settings["labels.alpha"] / max(facts.factors, 1):
        label = "yes"
    elif (enough and facts.p is not None) or facts.interval[1] < settings["labels.small"]:
        label = "no"
    worst = facts.levels[0] if facts.levels else None
    return LabelConcentrationFinding(
        label=label,
        estimate=None if worst is None else worst.share,
        interval=None if worst is None else jeffreys_interval(worst.wrong, worst.n),
        n=facts.n,
        thresholds=settings.thresholds("labels.alpha", "labels.wrong", "labels.small"),
        missing=(_FEW.fill(wrong=facts.wrong, needed=int(settings["labels.wrong"])),) if label == "unknown" else (),
        settles=(Settle(_MORE, 0),) if label == "unknown" else (),
        target={"factor": facts.factor, **(target or {})},
        note=_WHERE.fill(name=worst.name, wrong=worst.wrong, n=worst.n) if label == "yes" and worst else None,
        worst=worst.name if label == "yes" and worst else None,
    )


_FEW = Text(
    en="{wrong} wrong labels were found; {needed} are needed to see an order.",
    zh="只发现 {wrong} 个错标，至少要 {needed} 个才看得出有没有成片。",
)
_MORE = Text(en="Check more training labels, drawn at random.", zh="再随机核对一些训练标签。")
_WHERE = Text(en="Most of all in {name}: {wrong} wrong of {n}.", zh="最集中的是 {name}：{n} 个里错 {wrong} 个。")
