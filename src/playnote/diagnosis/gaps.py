"""Which gap of the ladder human - train - train-dev - dev - test is large: bias, variance, mismatch, dev overfitting.

Each split's error has a Jeffreys posterior from its counts; a gap is the difference of two of them. A gap whose rungs are
missing or not comparable is unknown, never small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, matters_from, usable_effect
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.share_differences import Share, difference_interval, probability_exceeds
from playnote.text import Text

Gap = Literal["high_bias", "high_variance", "data_mismatch", "dev_overfit"]
GAPS: tuple[Gap, ...] = ("high_bias", "high_variance", "data_mismatch", "dev_overfit")
Lack = Literal["lower", "upper", "train-mode", "train-mode-unsaid", "train_dev"]

_DRAWS = 4000
_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Counts:
    """Errors among n examples of one split; 0 <= errors <= n, n > 0."""

    errors: float
    n: float

    @property
    def usable(self) -> bool:
        """Whether these are counts at all."""
        return math.isfinite(self.errors) and math.isfinite(self.n) and self.n >= 1 and 0 <= self.errors <= self.n


@dataclass(frozen=True, slots=True)
class GapFacts:
    """One gap: how much more often the upper rung errs than the lower one.

    rungs    : (str, str)            lower and upper split
    lacks    : (Lack, ...)           why it cannot be judged; empty where it can
    size     : float, None           posterior mean of upper error - lower error, as a share
    interval : (float, float), None  90 %
    n        : (int, int)            examples of both
    p        : float, None           P(gap >= min_effect); None without min_effect
    p_near   : float, None           P(gap >= the judged part of min_effect)
    largest  : float, None           P(this is the largest of the gaps that could be judged)
    """

    gap: Gap
    rungs: tuple[str, str]
    lacks: tuple[Lack, ...] = ()
    size: float | None = None
    interval: tuple[float, float] | None = None
    n: tuple[int, int] = (0, 0)
    p: float | None = None
    p_near: float | None = None
    largest: float | None = None
    min_effect: float | None = None


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """All four gaps, in the ladder's order, and the errors they stand on."""

    gaps: Mapping[Gap, GapFacts]
    splits: Mapping[str, Counts] = field(default_factory=dict)

    def by_size(self) -> list[GapFacts]:
        """Gaps that could be judged, largest posterior mean first."""
        known = [gap for gap in self.gaps.values() if gap.size is not None]
        return sorted(known, key=lambda gap: -(gap.size or 0.0))


@final
@dataclass(frozen=True, kw_only=True)
class GapFinding(Finding):
    """Yes: the gap is at least `min_effect`. `estimate` is the gap as a share, `largest` P(it is the largest)."""

    gap: Gap
    largest: float | None = None


def measure_gaps(
    splits: Mapping[str, Counts],
    *,
    min_effect: float | None = None,
    same_distribution: bool | None = None,
    train_eval_mode: bool | None = None,
    settings: Settings = DEFAULTS,
) -> LadderFacts:
    """Measure the four gaps.

    splits            : errors of any of human, train, train_dev, dev, test
    min_effect        : smallest gap that matters, as a share (0.02 is two points)
    same_distribution : whether dev is drawn as train is; None: not known
    train_eval_mode   : False: the train error was logged with dropout or augmentation on, or as a running average;
                        None: not said, which counts as not known
    """
    effect = usable_effect(min_effect)
    usable = {name: counts for name, counts in splits.items() if counts.usable}
    part = settings["gaps.share"]
    found = {
        gap: _gap(gap, usable, _rungs(gap, usable, same_distribution), same_distribution, train_eval_mode, effect, part)
        for gap in GAPS
    }
    return LadderFacts(_ranked(found, usable), usable)


def _rungs(gap: Gap, splits: Mapping[str, Counts], same: bool | None) -> tuple[str, str]:
    if gap == "high_bias":
        return "human", "train"
    if gap == "dev_overfit":
        return "dev", "test"
    if gap == "data_mismatch":
        return "train_dev", "dev"
    return ("train", "dev") if same and "train_dev" not in splits else ("train", "train_dev")


def _gap(
    gap: Gap,
    splits: Mapping[str, Counts],
    rungs: tuple[str, str],
    same: bool | None,
    eval_mode: bool | None,
    effect: float | None,
    part: float,
) -> GapFacts:
    lacks = _lacks(splits, rungs, eval_mode)
    if lacks:
        return GapFacts(gap, rungs, lacks, min_effect=effect)
    lower, upper = (splits[name] for name in rungs)
    low, high = Share.of(lower.errors, lower.n), Share.of(upper.errors, upper.n)
    return GapFacts(
        gap=gap,
        rungs=rungs,
        size=high.mean - low.mean,
        interval=difference_interval(high, low, _LEVEL),
        n=(int(lower.n), int(upper.n)),
        p=None if effect is None else probability_exceeds(high, low, effect),
        p_near=None if effect is None else probability_exceeds(high, low, part * effect),
        min_effect=effect,
    )


def _lacks(splits: Mapping[str, Counts], rungs: tuple[str, str], eval_mode: bool | None) -> tuple[Lack, ...]:
    lacks: list[Lack] = []
    if "train" in rungs and "train" in splits and eval_mode is not True:
        lacks.append("train-mode" if eval_mode is False else "train-mode-unsaid")
    if "train_dev" in rungs and "train_dev" not in splits:
        lacks.append("train_dev")
    elif rungs[1] not in splits:
        lacks.append("upper")
    if rungs[0] not in splits and "train_dev" not in lacks:
        lacks.append("lower")
    return tuple(lacks)


def _ranked(found: Mapping[Gap, GapFacts], splits: Mapping[str, Counts]) -> dict[Gap, GapFacts]:
    """P(largest) by draws from the splits' posteriors, which gaps that share a rung share; the generator is fixed."""
    known = [gap for gap, facts in found.items() if facts.size is not None]
    if len(known) < 2:
        return dict(found)
    rng = np.random.default_rng(0)
    draws = {
        name: rng.beta(counts.errors + 0.5, counts.n - counts.errors + 0.5, _DRAWS)
        for name, counts in sorted(splits.items())
    }
    sizes = np.stack([draws[found[gap].rungs[1]] - draws[found[gap].rungs[0]] for gap in known])
    shares = np.bincount(np.argmax(sizes, axis=0), minlength=len(known)) / _DRAWS
    largest = dict(zip(known, shares, strict=True))
    return {
        gap: replace(facts, largest=float(largest[gap])) if gap in largest else facts for gap, facts in found.items()
    }


def answer_gap(
    facts: GapFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> GapFinding:
    """Yes, no or unknown for one gap; unknown where a rung is missing or not comparable, or without `min_effect`."""
    missing = [_LACKS[lack].fill(lower=_split(facts.rungs[0]), upper=_split(facts.rungs[1])) for lack in facts.lacks]
    if facts.min_effect is None:
        missing.append(effect_missing())
    label = "unknown" if missing else _label(facts, settings)
    return GapFinding(
        gap=facts.gap,
        label=label,
        p=None if missing else facts.p,
        estimate=facts.size,
        interval=facts.interval,
        level=_LEVEL,
        n=facts.n,
        thresholds=settings.thresholds("gaps.share", "gaps.yes", "gaps.no", "gaps.largest"),
        missing=tuple(missing),
        settles=_settles(facts, label),
        target=target or {},
        note=matters_from(facts.size) if facts.min_effect is None else None,
        largest=facts.largest,
    )


def _label(facts: GapFacts, settings: Settings) -> Label:
    if facts.p is None or facts.p_near is None:
        return "unknown"
    if facts.p_near >= settings["gaps.yes"] and facts.p >= 0.5:
        return "yes"
    return "no" if facts.p_near <= settings["gaps.no"] else "unknown"


def _settles(facts: GapFacts, label: Label) -> tuple[Settle, ...]:
    if label != "unknown":
        return ()
    if facts.lacks:
        return tuple(
            Settle(_HOW[lack].fill(lower=_split(facts.rungs[0]), upper=_split(facts.rungs[1])), 0)
            for lack in facts.lacks
        )
    if facts.min_effect is None:
        return (Settle(SET_MIN_EFFECT, 0),)
    smaller = facts.rungs[int(np.argmin(facts.n))]
    return (Settle(_MORE_EXAMPLES.fill(split=_split(smaller)), 0),)


def _split(name: str) -> Text:
    return _NAMES.get(name, Text(en=name, zh=name))


_NAMES = {
    "human": Text(en="human-level", zh="人类水平"),
    "train": Text(en="train", zh="Train"),
    "train_dev": Text(en="train-dev", zh="Train-Dev"),
    "dev": Text(en="dev", zh="Dev"),
    "test": Text(en="test", zh="Test"),
}
_LACKS: dict[Lack, Text] = {
    "lower": Text(en="No {lower} error with its number of examples.", zh="缺 {lower} 误差和样本数。"),
    "upper": Text(en="No {upper} error with its number of examples.", zh="缺 {upper} 误差和样本数。"),
    "train_dev": Text(
        en="No train-dev split: variance and data mismatch cannot be told apart.",
        zh="没有 Train-Dev 集：分不清是高方差还是数据不匹配。",
    ),
    "train-mode": Text(
        en="The train error was logged with dropout or augmentation on, or as a running average.",
        zh="训练误差是开着 dropout 或数据增强记录的，或者是滑动平均。",
    ),
    "train-mode-unsaid": Text(
        en="Nothing says that the train error was measured in evaluation mode.",
        zh="没有说明训练误差是不是在评估模式下测的。",
    ),
}
_HOW: dict[Lack, Text] = {
    "lower": Text(
        en="Measure the {lower} error on at least a few hundred examples.", zh="用几百个以上的样本测 {lower} 误差。"
    ),
    "upper": Text(
        en="Measure the {upper} error on at least a few hundred examples.", zh="用几百个以上的样本测 {upper} 误差。"
    ),
    "train_dev": Text(
        en="Set part of the training data aside as train-dev and measure its error.",
        zh="从训练数据里留出一份作 Train-Dev，测它的误差。",
    ),
    "train-mode": Text(en="Evaluate on training examples in evaluation mode.", zh="在评估模式下测训练样本上的误差。"),
    "train-mode-unsaid": Text(
        en="Evaluate on training examples in evaluation mode.", zh="在评估模式下测训练样本上的误差。"
    ),
}
_MORE_EXAMPLES = Text(en="Measure the {split} error on more examples.", zh="用更多样本测 {split} 误差。")
