"""Where does the error come from: bias, variance, data mismatch, or a dev set that was tuned on?

The ladder human - train - train-dev - dev - test has one gap a rung. All are reported, sorted, with the probability that
each is the largest, rather than one name. A training-mode train error, a missing rung, or a train-dev split that is
absent while distributions differ makes the gaps next to it unknown: they cannot be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, label_of, usable_effect
from playnote.diagnosis.gap_sentences import absent_split, more_examples, not_declared, same_source, train_mode
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.text import Text

Gap = Literal["high_bias", "high_variance", "data_mismatch", "dev_overfit"]
GAPS: tuple[Gap, ...] = ("high_bias", "high_variance", "data_mismatch", "dev_overfit")
SPLITS = ("human", "train", "train_dev", "dev", "test")
_RUNGS: dict[Gap, tuple[str, str]] = {
    "high_bias": ("human", "train"),
    "high_variance": ("train", "train_dev"),
    "data_mismatch": ("train_dev", "dev"),
    "dev_overfit": ("dev", "test"),
}
_DRAWS = 8192
_SEED = 20_251_107
_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Count:
    """Errors among n examples of one split; 0 <= errors <= n, n >= 1."""

    errors: float
    n: float

    @property
    def usable(self) -> bool:
        """Whether the two numbers can be a count."""
        return math.isfinite(self.errors) and math.isfinite(self.n) and 0 <= self.errors <= self.n and self.n >= 1


@dataclass(frozen=True, slots=True)
class GapFacts:
    """One rung of the ladder.

    between  : (str, str)           the two splits, easier first
    n        : (int, int)           their examples
    gap      : float, None          second error minus first, as a share of examples; posterior mean
    interval : (float, float), None 90 % of the posterior
    p        : float, None          P(gap >= min_effect), with a prior under which many gaps are next to nothing
    largest  : float, None          P(this is the largest of the gaps that can be measured)
    missing  : what makes it undecidable
    """

    gap_name: Gap
    between: tuple[str, str]
    n: tuple[int, int] = (0, 0)
    gap: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    largest: float | None = None
    missing: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class GapsFacts:
    """The ladder: gaps that can be measured by posterior mean, largest first, then the others."""

    gaps: tuple[GapFacts, ...]
    min_effect: float | None = None

    def of(self, name: Gap) -> GapFacts:
        """One rung."""
        return next(gap for gap in self.gaps if gap.gap_name == name)


@final
@dataclass(frozen=True, kw_only=True)
class GapFinding(Finding):
    """Yes: this gap is at least `min_effect` in truth. `largest` is the probability that it is the largest."""

    largest: float | None = None


def measure_gaps(
    splits: Mapping[str, Count],
    *,
    same_distribution: bool | None = None,
    train_eval_mode: bool | None = None,
    min_effect: float | None = None,
    design_effect: float = 1.0,
    settings: Settings = DEFAULTS,
) -> GapsFacts:
    """Measure the ladder.

    splits            : errors and examples of "human", "train", "train_dev", "dev", "test", as far as there are any
    same_distribution : whether dev comes from the distribution of train; None where not declared
    train_eval_mode   : whether the train error was measured in evaluation mode on fixed examples; None: not recorded
    min_effect        : smallest gap that matters, as a share of examples
    design_effect     : examples per independent example, where they come in clusters (one user, one video)
    """
    usable = {name: _thinned(count, design_effect) for name, count in splits.items() if count.usable and name in SPLITS}
    effect = usable_effect(min_effect)
    rungs = [_rung(name, usable, same_distribution, train_eval_mode) for name in GAPS]
    measured = [_measured(rung, usable, effect, settings) for rung in rungs]
    known = [rung for rung in measured if rung.gap is not None and not rung.missing]
    sized = _largest(known, usable)
    known = sorted(sized, key=lambda rung: -(rung.gap or 0.0))
    unknown = [rung for rung in measured if rung.gap is None or rung.missing]
    return GapsFacts(tuple(_counted(rung, splits) for rung in (*known, *unknown)), effect)


def _counted(rung: GapFacts, splits: Mapping[str, Count]) -> GapFacts:
    """With the examples of both splits as they were given."""
    first, second = (int(splits[name].n) if name in splits and splits[name].usable else 0 for name in rung.between)
    return replace(rung, n=(first, second))


def _thinned(count: Count, design_effect: float) -> Count:
    factor = max(design_effect, 1.0) if math.isfinite(design_effect) else 1.0
    return Count(count.errors / factor, count.n / factor)


def _rung(
    name: Gap, splits: Mapping[str, Count], same_distribution: bool | None, train_eval_mode: bool | None
) -> GapFacts:
    """The two splits of a gap, and why it may not be measurable."""
    first, second = _RUNGS[name]
    missing: list[Text] = []
    if name == "high_variance" and "train_dev" not in splits and same_distribution:
        second = "dev"
    if name == "high_variance" and "train_dev" not in splits and same_distribution is None:
        missing.append(not_declared())
    if name == "data_mismatch" and "train_dev" not in splits and same_distribution:
        missing.append(same_source())
    missing += [absent_split(split) for split in (first, second) if split not in splits]
    if "train" in (first, second) and train_eval_mode is not True:
        missing.append(train_mode(train_eval_mode is None))
    return GapFacts(name, (first, second), missing=tuple(missing))


def _measured(rung: GapFacts, splits: Mapping[str, Count], effect: float | None, settings: Settings) -> GapFacts:
    """Gap and interval from the counts alone; the probability weighs them with what gaps usually are."""
    if any(split not in splits for split in rung.between):
        return rung
    first, second = (_draws(split, splits[split]) for split in rung.between)
    gap = second - first
    low, high = (float(value) for value in np.quantile(gap, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]))
    p = None if effect is None else _at_least(gap, effect, settings)
    return replace(rung, gap=float(np.mean(gap)), interval=(low, high), p=p)


def _at_least(gap: np.ndarray, effect: float, settings: Settings) -> float:
    """P(gap >= effect): posterior draws under a flat prior, weighted with a spike and a slab.

    A share of all gaps is next to nothing (normal, a part of `effect` wide); the others are of any size (Student t with
    3 degrees of freedom, some `effect`s wide). With a flat prior a gap just below `effect` and one far above it would be
    equally likely beforehand, and small samples would call far too many gaps real.
    """
    none, width, usual = settings["gaps.none"], settings["gaps.small"] * effect, settings["gaps.usual"] * effect
    spike = none * np.exp(-0.5 * (gap / width) ** 2) / width / math.sqrt(2.0 * math.pi)
    slab = (1.0 - none) * _T3 / usual * (1.0 + (gap / usual) ** 2 / 3.0) ** -2.0
    weight = spike + slab
    return float(np.sum(weight[gap >= effect]) / np.sum(weight))


_T3 = 2.0 / (math.pi * math.sqrt(3.0))


def _draws(split: str, count: Count) -> np.ndarray:
    """Draws of the error rate (Jeffreys posterior); a split has the same draws wherever it is used."""
    rng = np.random.default_rng([_SEED, SPLITS.index(split)])
    return rng.beta(count.errors + 0.5, count.n - count.errors + 0.5, _DRAWS)


def _largest(rungs: Sequence[GapFacts], splits: Mapping[str, Count]) -> list[GapFacts]:
    """P(largest) of each, from joint draws: neighbours share a split."""
    if not rungs:
        return []
    draws = {split: _draws(split, count) for split, count in splits.items()}
    gaps = np.array([draws[rung.between[1]] - draws[rung.between[0]] for rung in rungs])
    first = np.bincount(np.argmax(gaps, axis=0), minlength=len(rungs)) / gaps.shape[1]
    return [replace(rung, largest=float(share)) for rung, share in zip(rungs, first, strict=True)]


def answer_gaps(
    facts: GapsFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> tuple[GapFinding, ...]:
    """One finding a rung, in the order of the facts: largest first, then those that cannot be measured."""
    return tuple(answer_gap(facts, gap.gap_name, settings, target) for gap in facts.gaps)


def answer_gap(
    facts: GapsFacts, name: Gap, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> GapFinding:
    """Yes, no or unknown; unknown where a rung is missing or not comparable, and without `min_effect`."""
    gap = facts.of(name)
    missing = gap.missing if facts.min_effect is not None else (*gap.missing, effect_missing())
    label = label_of(gap.p, settings["gaps.yes"], settings["gaps.no"], bool(missing))
    return GapFinding(
        label=label,
        p=None if missing else gap.p,
        estimate=gap.gap,
        interval=gap.interval,
        level=_LEVEL,
        n=gap.n,
        thresholds=settings.thresholds("gaps.yes", "gaps.no"),
        missing=missing,
        settles=_settles(gap, facts.min_effect) if label == "unknown" else (),
        target=target or {"gap": name},
        largest=gap.largest,
    )


def _settles(gap: GapFacts, effect: float | None) -> tuple[Settle, ...]:
    if effect is None:
        return (Settle(SET_MIN_EFFECT, 0),)
    if gap.missing:
        return tuple(Settle(each, 0) for each in gap.missing)
    return (Settle(more_examples(gap.between, examples_needed(gap, effect)), 0),)


def examples_needed(gap: GapFacts, effect: float, power: float = 0.8) -> int:
    """Examples a split needs to see a gap of `effect` (one-sided 5 %): 2 pq (z_a + z_b)^2 / effect^2."""
    from scipy.special import ndtri

    middle = min(max(abs(gap.gap or 0.0), 0.02), 0.5)
    z = float(ndtri(0.95) + ndtri(power))
    return math.ceil(2 * middle * (1 - middle) * (z / max(effect, 1e-6)) ** 2)
