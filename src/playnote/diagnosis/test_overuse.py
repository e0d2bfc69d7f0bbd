"""Has a split been looked at so often that its number is too good?

Every decision taken on a split's number picks a little of its luck. Three sizes of it are shown: the bound for k fixed
candidates, the worst case of an adaptive analyst, and what is usual: the expected maximum of k paired differences. The
usual one decides; the bounds are far above what was seen on real benchmarks (Mania et al. 2019; Roelofs et al. 2019).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, usable_effect
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.normal import normal_cdf
from playnote.stats.plateau import expected_best
from playnote.text import Text

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class TestOveruseFacts:
    """What repeated looks may have cost.

    readings, decisions : how often the split was evaluated, and how often a decision followed
    n         : int          its examples
    union     : float, None  sqrt(ln(2k / delta) / 2n), for k fixed candidates; a share of examples
    adaptive  : float, None  sqrt(k / n), worst case
    optimism  : float, None  s_pair * E[max of k]: what is usual
    p         : float, None  P(the luckiest of k looks at least the judged part of `min_effect` too good)
    drop      : (float, float, float), None  dev -> test drop and its 90 % interval, where both were read
    """

    readings: int
    decisions: int
    n: int
    union: float | None = None
    adaptive: float | None = None
    optimism: float | None = None
    p: float | None = None
    drop: tuple[float, float, float] | None = None
    min_effect: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class TestOveruseFinding(Finding):
    """Yes: the number of the split is likely too good by a part of `min_effect` that can turn a decision."""


def measure_test_overuse(
    readings: int,
    decisions: int,
    n: int,
    *,
    paired_sd: float | None = None,
    min_effect: float | None = None,
    drop: tuple[float, float] | None = None,
    settings: Settings = DEFAULTS,
) -> TestOveruseFacts:
    """Measure from the ledger of readings.

    readings, decisions : evaluations of the split, and those a decision followed
    n                   : examples of the split
    paired_sd           : SD over examples of the difference between two candidates' scores (`paired_spread`)
    drop                : (dev -> test drop, its standard error) of the final model, positive where test is worse
    """
    k, effect = max(decisions, 0), usable_effect(min_effect)
    if n < 1:
        return TestOveruseFacts(readings, decisions, 0, min_effect=effect)
    union = math.sqrt(math.log(2 * k / settings["test_overuse.delta"]) / (2 * n)) if k else 0.0
    luck = None if paired_sd is None or not math.isfinite(paired_sd) else abs(paired_sd) / math.sqrt(n)
    optimism = None if luck is None else luck * (expected_best(min(k, _MOST), 0.0) if k > 1 else 0.0)
    p = None
    if luck is not None and effect is not None:
        p = _too_good(k, luck, settings["test_overuse.share"] * effect)
    ends = None if drop is None else (drop[0], drop[0] - 1.645 * drop[1], drop[0] + 1.645 * drop[1])
    return TestOveruseFacts(readings, decisions, n, union, math.sqrt(k / n), optimism, p, ends, effect)


def _too_good(k: int, luck: float, bar: float) -> float:
    """P(max of k independent lucks is over the bar); 0 with fewer than two choices."""
    if k < 2:
        return 0.0
    return float(bar <= 0) if luck == 0 else 1.0 - normal_cdf(bar / luck) ** k


def paired_spread(first: ArrayLike, second: ArrayLike) -> float:
    """SD over examples of the difference between two models' per-example scores, shape (n,) each."""
    gap = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    return float(np.std(gap, ddof=1)) if len(gap) > 1 else math.nan


def ladder_reveals(best: ArrayLike, new: ArrayLike) -> bool:
    """Whether a guarded test shows the new score: only if it beats the best shown so far by one paired standard error.

    best, new : arrays, shape (n,)  per-example errors, lower is better (Blum and Hardt 2015, without parameters)
    """
    gap = np.asarray(best, dtype=np.float64) - np.asarray(new, dtype=np.float64)
    if len(gap) < 2:
        return False
    return bool(np.mean(gap) > np.std(gap, ddof=1) / math.sqrt(len(gap)))


def answer_test_overuse(
    facts: TestOveruseFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> TestOveruseFinding:
    """Yes, no or unknown; without per-example predictions only a bound can say no."""
    missing = _missing(facts)
    label: Label = "unknown"
    if _dropped(facts):
        label, missing = "yes", ()
    elif not missing and facts.p is not None:
        label = "yes" if facts.p >= 0.5 else ("no" if facts.p <= settings["test_overuse.no"] else "unknown")
    elif _bounded(facts, settings):
        label, missing = "no", ()
    return TestOveruseFinding(
        label=label,
        p=facts.p,
        estimate=facts.optimism if facts.drop is None else facts.drop[0],
        interval=None if facts.drop is None else (facts.drop[1], facts.drop[2]),
        n=facts.n,
        thresholds=settings.thresholds("test_overuse.share", "test_overuse.delta", "test_overuse.no"),
        missing=missing,
        settles=_settles(facts) if label == "unknown" else (),
        target=target or {},
        note=_FRESH if label == "yes" else None,
    )


def _dropped(facts: TestOveruseFacts) -> bool:
    return facts.drop is not None and facts.min_effect is not None and facts.drop[1] > 0


def _bounded(facts: TestOveruseFacts, settings: Settings) -> bool:
    """Even k fixed candidates cannot have gained half of what matters, or nothing was chosen at all."""
    if facts.n < 1 or facts.min_effect is None:
        return False
    return facts.decisions < 2 or (facts.union or 0.0) < settings["test_overuse.share"] * facts.min_effect


def _missing(facts: TestOveruseFacts) -> tuple[Text, ...]:
    missing = []
    if facts.n < 1:
        missing.append(_NO_COUNT)
    if facts.min_effect is None:
        missing.append(effect_missing())
    if facts.optimism is None:
        missing.append(_NO_PAIRS)
    return tuple(missing)


def _settles(facts: TestOveruseFacts) -> tuple[Settle, ...]:
    if facts.min_effect is None:
        return (Settle(SET_MIN_EFFECT, 0),)
    if facts.optimism is None:
        return (Settle(_LOG_PAIRS, 0),)
    return (Settle(_FRESH, 0),)


_NO_COUNT = Text(en="The number of examples of the split is not recorded.", zh="没有记录这个划分有多少样本。")
_NO_PAIRS = Text(
    en="No per-example predictions tell how differently two candidates err.",
    zh="没有逐样本预测，不知道两个候选错得有多不一样。",
)
_LOG_PAIRS = Text(
    en="Log per-example predictions (`trial.predictions`) of two candidates.",
    zh="给两个候选记录逐样本预测（`trial.predictions`）。",
)
_FRESH = Text(en="Read the final model once on a fresh split.", zh="用一份没看过的新划分，把最终模型测一次。")
