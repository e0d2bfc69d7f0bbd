"""How long must training be, and is the length in use too long or too short?

A first length comes from constant-lr trials without regularisation: the earliest step at which a smoothed train error
reaches its target, over trials. It is revised by where the best steps of the top trials lie, read only at a constant
learning rate: under a decay to zero a late best is normal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import share_above
from playnote.stats.readings import in_order
from playnote.stats.t_mixture import Floats
from playnote.text import Text

_WINDOW = 5
_BLOCK = 5
_DRAWS = 200
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class TrainCurve:
    """Train error of one constant-lr trial, lower is better; steps and errors of shape (n,)."""

    trial: str
    lr: float
    steps: ArrayLike
    errors: ArrayLike


@dataclass(frozen=True, slots=True)
class FirstLengthFacts:
    """The first estimate of max_train_steps.

    rates    : int                   learning rates tried
    reached  : int                   trials whose smoothed error reached the target
    steps    : float, None           earliest such step, of trial `fastest`
    interval : (float, float), None  90 %, block bootstrap of that trial's noise around its running median
    at_edge  : bool                  the fastest trial has the highest or lowest rate tried: it could be much shorter
    """

    rates: int
    reached: int
    target: float
    steps: float | None = None
    interval: tuple[float, float] | None = None
    fastest: str | None = None
    at_edge: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class FirstLengthFinding(Finding):
    """Yes: a length that reaches the target is known (the estimate). Unknown where it could be much shorter."""


def measure_first_length(curves: Sequence[TrainCurve], target: float, rng: np.random.Generator) -> FirstLengthFacts:
    """Measure when a train error first reaches `target`; `rng` draws the bootstrap."""
    rates = sorted({curve.lr for curve in curves if math.isfinite(curve.lr)})
    passed: list[tuple[float, TrainCurve, Floats, Floats]] = []
    for curve in curves:
        steps, errors = _finite(curve.steps, curve.errors)
        at = first_passage(steps, running_median(errors), target)
        if at is not None:
            passed.append((at, curve, steps, errors))
    if not passed:
        return FirstLengthFacts(len(rates), 0, target)
    at, curve, steps, errors = min(passed, key=lambda each: each[0])
    return FirstLengthFacts(
        len(rates),
        len(passed),
        target,
        at,
        _interval(steps, errors, target, rng),
        curve.trial,
        len(rates) < 3 or curve.lr in (rates[0], rates[-1]),
    )


def running_median(errors: Floats, window: int = _WINDOW) -> Floats:
    """Median of the last `window` readings, shape (n,); shorter at the start."""
    start = [float(np.median(errors[: i + 1])) for i in range(min(window - 1, len(errors)))]
    if len(errors) < window:
        return np.array(start, dtype=np.float64)
    return np.concatenate([start, np.median(np.lib.stride_tricks.sliding_window_view(errors, window), axis=1)])


def first_passage(steps: Floats, smooth: Floats, target: float) -> float | None:
    """First step at which two readings in a row are at or below the target; the last one may stand alone."""
    below = smooth <= target
    for index in np.flatnonzero(below):
        if index + 1 == len(below) or below[index + 1]:
            return float(steps[index])
    return None


def _finite(steps: ArrayLike, errors: ArrayLike) -> tuple[Floats, Floats]:
    at, values = in_order(steps, errors)
    keep = np.isfinite(at) & np.isfinite(values)
    return at[keep], values[keep]


def _interval(steps: Floats, errors: Floats, target: float, rng: np.random.Generator) -> tuple[float, float] | None:
    """Passage times of resampled noise in blocks around the running median; one that never passes counts as the end."""
    n = len(errors)
    if n < 2 * _BLOCK:
        return None
    smooth = running_median(errors)
    rest, found = errors - smooth, []
    for _ in range(_DRAWS):
        starts = rng.integers(0, n - _BLOCK + 1, size=-(-n // _BLOCK))
        noise = np.concatenate([rest[start : start + _BLOCK] for start in starts])[:n]
        at = first_passage(steps, running_median(smooth + noise), target)
        found.append(float(steps[-1]) if at is None else at)
    low, high = np.quantile(found, [0.05, 0.95])
    return float(low), float(high)


def answer_first_length(
    facts: FirstLengthFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> FirstLengthFinding:
    """Yes with the length; no where no trial fits the target; unknown with too few rates, or the best at an end."""
    missing = []
    if facts.rates < settings["steps.rates"]:
        missing.append(_FEW_RATES.fill(n=facts.rates, needed=int(settings["steps.rates"])))
    if 0 < facts.reached < settings["steps.reached"]:
        missing.append(_FEW_REACHED.fill(needed=int(settings["steps.reached"])))
    if facts.reached and facts.at_edge:
        missing.append(_AT_EDGE)
    label: Label = "unknown" if missing else ("yes" if facts.reached else "no")
    return FirstLengthFinding(
        label=label,
        estimate=facts.steps,
        interval=facts.interval,
        n=facts.reached,
        thresholds=settings.thresholds("steps.rates", "steps.reached"),
        missing=tuple(missing),
        settles=(Settle(_WIDER, max(2, int(settings["steps.rates"]) - facts.rates)),) if label == "unknown" else (),
        target=target or {},
        note=_UNFIT if label == "no" else None,
    )


Length = Literal["too-long", "too-short", "fine", "unknown"]


@dataclass(frozen=True, slots=True)
class LengthInUseFacts:
    """Where the best steps of the top trials lie.

    shares     : best step / total of each, in [0, 1]
    early, late: float   P(most such trials have their best in the first tenth, or the last quarter)
    constant   : bool, None   constant learning rate; None: not recorded
    latest     : float, None  largest best step, in steps
    """

    shares: tuple[float, ...]
    early: float = 0.5
    late: float = 0.5
    constant: bool | None = None
    latest: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class LengthInUseFinding(Finding):
    """Yes: the length in use should change, to `suggested` steps where it is too long; `verdict` says which way."""

    verdict: Length
    suggested: int | None = None


def measure_length_in_use(
    best_steps: ArrayLike, total_steps: ArrayLike, *, constant: bool | None, settings: Settings = DEFAULTS
) -> LengthInUseFacts:
    """Measure the top trials.

    best_steps, total_steps : arrays, shape (k,)  step of the best evaluation and length of each top trial
    constant                : whether they ran at a constant learning rate
    """
    best, total = np.broadcast_arrays(np.asarray(best_steps, np.float64), np.asarray(total_steps, np.float64))
    keep = np.isfinite(best) & np.isfinite(total) & (total > 0) & (best >= 0)
    shares = np.clip(best[keep] / total[keep], 0.0, 1.0)
    k = len(shares)
    early = int(np.sum(shares <= settings["steps.early"]))
    late = int(np.sum(shares >= settings["steps.late"]))
    return LengthInUseFacts(
        tuple(float(share) for share in shares),
        share_above(early, k, _MOST_SHARE),
        share_above(late, k, _MOST_SHARE),
        constant,
        float(np.max(best[keep])) if k else None,
    )


def answer_length_in_use(
    facts: LengthInUseFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> LengthInUseFinding:
    """Too long, too short or fine; a late best says nothing unless the learning rate was constant."""
    missing = []
    if len(facts.shares) < settings["steps.top"]:
        missing.append(_FEW_TOP.fill(n=len(facts.shares), needed=int(settings["steps.top"])))
    verdict = "unknown" if missing else _verdict(facts, settings)
    if verdict == "unknown" and not missing:
        missing.append(_DECAYS if facts.constant is False else _NO_SCHEDULE)
    label: Label = "unknown" if verdict == "unknown" else ("no" if verdict == "fine" else "yes")
    p = facts.early if verdict == "too-long" else facts.late if verdict == "too-short" else max(facts.early, facts.late)
    return LengthInUseFinding(
        label=label,
        p=p,
        estimate=float(np.median(facts.shares)) if facts.shares else None,
        n=len(facts.shares),
        thresholds=settings.thresholds("steps.early", "steps.late", "steps.sure", "steps.top"),
        missing=tuple(missing),
        settles=(Settle(_TWICE, 1),) if label == "unknown" else (),
        target=target or {},
        verdict=verdict,
        suggested=math.ceil(2 * facts.latest) if verdict == "too-long" and facts.latest else None,
    )


def _verdict(facts: LengthInUseFacts, settings: Settings) -> Length:
    if facts.early >= settings["steps.sure"]:
        return "too-long"
    if facts.late >= settings["steps.sure"]:
        return "too-short" if facts.constant else "unknown"
    return "fine" if facts.constant or facts.late < 1 - settings["steps.sure"] else "unknown"


_FEW_RATES = Text(
    en="{n} learning rates were tried; {needed} are needed.", zh="只试了 {n} 个学习率，至少要 {needed} 个。"
)
_FEW_REACHED = Text(en="Fewer than {needed} trials reached the target.", zh="达到目标的 trial 不到 {needed} 个。")
_AT_EDGE = Text(
    en="The fastest trial has the highest or lowest learning rate tried: training could be much shorter.",
    zh="最快的那个 trial 用的是最高或最低的学习率：步数可能还能少很多。",
)
_WIDER = Text(en="Try learning rates beyond the fastest one.", zh="在最快的那个学习率外侧再试几个。")
_UNFIT = Text(
    en="No trial reached the target: train longer, or the model cannot fit the data.",
    zh="没有一个 trial 达到目标：要么步数不够，要么模型拟合不了这份数据。",
)
_FEW_TOP = Text(en="{n} top trials; {needed} are needed.", zh="只有 {n} 个最优 trial，至少要 {needed} 个。")
_DECAYS = Text(
    en="The learning rate decays: a late best is normal and says nothing about the length.",
    zh="学习率在衰减：最优点靠后是正常的，说明不了步数够不够。",
)
_NO_SCHEDULE = Text(en="The learning-rate schedule was not recorded.", zh="没有记录学习率调度。")
_TWICE = Text(
    en="Run one trial at twice the length, with its whole schedule.", zh="用完整的学习率调度，把步数加倍跑一次。"
)
