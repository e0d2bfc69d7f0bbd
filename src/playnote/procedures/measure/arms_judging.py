"""Which value is better once each was tuned equally: gains over the first value, with everything that is uncertain in them.

A gain is the difference of the means over fresh seeds. Its spread has two parts: the seeds, and the search (another set of
tuning trials would have chosen other configurations), by the jackknife over the shared points: how the difference of the two
best moves as each point is left out. Several values against one share the error rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from playnote.diagnosis.curve_answers import usable_effect
from playnote.procedures.measure.arms import Arm, ended_well
from playnote.procedures.measure.contract import Seen
from playnote.records.settings import Settings
from playnote.space.hyperparameter import Value
from playnote.text import Text

Verdict = Literal["better", "worse", "same", "open"]
_SEEDS = 2  # fresh runs below which a spread is not known


@dataclass(frozen=True, slots=True)
class Against:
    """One value against the first.

    gain      error of the first value minus this one's, means over fresh seeds; None where either has too few
    interval  90 % in all (the values share the error rate); n fresh runs of either
    verdict   better or worse by at least `min_effect`; same: surely no difference as large; open: cannot tell
    p_better, p_worse  of a difference of at least `min_effect`
    seeds     fresh seeds of each value that would settle it, None where not the seeds but the tuning limits it
    """

    value: Value
    verdict: Verdict
    n: tuple[int, int]
    gain: float | None = None
    interval: tuple[float, float] | None = None
    p_better: float | None = None
    p_worse: float | None = None
    seeds: int | None = None


@dataclass(frozen=True, slots=True)
class ArmsFacts:
    """All values judged.

    against  one for every value but the first
    means    mean error over fresh seeds, by place; NaN where none ended well
    lost     fresh runs that diverged, by place; `tried` trials that told anything, by place
    unfair   why the comparison does not count
    """

    against: tuple[Against, ...]
    means: tuple[float, ...]
    lost: tuple[int, ...]
    tried: tuple[int, ...]
    unfair: tuple[Text, ...]


def judge_arms(arms: Sequence[Arm], min_effect: float | None, settings: Settings) -> ArmsFacts:
    """Judge every arm against the first."""
    effect = usable_effect(min_effect)
    scores = [_scores(arm.fresh) for arm in arms]
    lost = tuple(sum(each.diverged for each in arm.fresh) for arm in arms)
    against = tuple(_against(arms, scores, lost, at, effect, settings) for at in range(1, len(arms)))
    return ArmsFacts(
        against,
        tuple(float(np.mean(each)) if len(each) else math.nan for each in scores),
        lost,
        tuple(sum(each.told for each in arm.tuning) for arm in arms),
        tuple(_unfair(arms, effect, settings)),
    )


def search_sd(first: Arm, second: Arm) -> float:
    """Jackknife SD of the difference of the two best, over the points both arms share; infinite with fewer than three.

    A best value moves only where it is left out itself, so this is the gap to the second best, less what both have in common.
    """
    pairs = [(a, b) for a, b in zip(first.tuning, second.tuning, strict=True) if a.told and b.told]
    errors = np.array([[each.error if ended_well(each) else math.inf for each in pair] for pair in pairs], dtype=float)
    n = len(pairs)
    if n < 3 or np.isfinite(errors).sum(axis=0).min() < 2:
        return math.inf
    best = np.array([np.delete(errors, at, axis=0).min(axis=0) for at in range(n)])
    left = best[:, 0] - best[:, 1]
    return float(np.sqrt((n - 1) / n * np.sum((left - left.mean()) ** 2)))


def _scores(fresh: Sequence[Seen]) -> np.ndarray:
    return np.array([each.error for each in fresh if ended_well(each)], dtype=float)


def _against(
    arms: Sequence[Arm],
    scores: Sequence[np.ndarray],
    lost: Sequence[int],
    at: int,
    effect: float | None,
    settings: Settings,
) -> Against:
    base, mine = scores[0], scores[at]
    n = (len(base), len(mine))
    search = search_sd(arms[0], arms[at])
    if min(n) < _SEEDS or not math.isfinite(search):
        return Against(arms[at].value, "open", n)
    gain = float(base.mean() - mine.mean())
    parts = [float(np.var(each, ddof=1)) / len(each) for each in (base, mine)]
    sd = math.sqrt(sum(parts) + search**2)
    df = _degrees([*parts, search**2], [n[0] - 1, n[1] - 1, len(arms[at].tuning) - 1])
    half = _quantile(1.0 - 0.05 / (len(arms) - 1), df) * sd
    interval = (gain - half, gain + half)
    if effect is None:
        return Against(arms[at].value, "open", n, gain, interval)
    better, worse = (
        1.0 - _cdf((effect - sign * gain) / sd if sd else math.copysign(math.inf, effect - sign * gain), df)
        for sign in (1, -1)
    )
    verdict = _verdict(better, worse, lost[0], lost[at], len(arms) - 1, settings)
    seeds = (
        _seeds(gain, effect, sum(p * k for p, k in zip(parts, n, strict=True)), search) if verdict == "open" else None
    )
    return Against(arms[at].value, verdict, n, gain, interval, better, worse, seeds)


def _verdict(better: float, worse: float, lost_base: int, lost: int, shared: int, settings: Settings) -> Verdict:
    """Runs that diverged speak against the value that lost them, whatever the others scored."""
    sure = 1.0 - (1.0 - settings["arms.sure"]) / shared
    if better >= sure:
        return "better" if lost <= lost_base else "open"
    if worse >= sure:
        return "worse" if lost_base <= lost else "open"
    return "same" if better + worse <= 1.0 - settings["arms.sure"] and lost == lost_base else "open"


def _seeds(gain: float, effect: float, variance: float, search: float) -> int | None:
    """Fresh seeds of each value after which the interval would fit between the gain and what it is compared with."""
    wanted = max(abs(abs(gain) - effect), effect / 2) / 1.645
    left = wanted**2 - search**2
    return max(2, math.ceil(variance / left)) if left > 0 else None


def _unfair(arms: Sequence[Arm], effect: float | None, settings: Settings) -> list[Text]:
    found = []
    for arm in arms:
        for each in arm.beyond:
            if arm.best is None or arm.best.error is None or not ended_well(each.seen) or each.seen.error is None:
                continue
            if each.seen.error < arm.best.error - (effect or 0.0):
                found.append(
                    _CUT.fill(
                        value=arm.value,
                        name=each.name,
                        rate=f"{each.rate:g}",
                        error=each.seen.error,
                        best=arm.best.error,
                    )
                )
        good = sum(ended_well(each) for each in arm.tuning)
        if good < settings["isolation.trials"]:
            found.append(_FEW.fill(value=arm.value, n=good, needed=int(settings["isolation.trials"])))
    told = [sum(each.told for each in arm.tuning) for arm in arms]
    if len(set(told)) > 1:
        found.append(_UNEQUAL.fill(counts=", ".join(map(str, told))))
    return found


def _degrees(parts: Sequence[float], each: Sequence[int]) -> float:
    """Welch and Satterthwaite: degrees of freedom of a sum of variances."""
    below = sum(part**2 / max(df, 1) for part, df in zip(parts, each, strict=True))
    return sum(parts) ** 2 / below if below > 0 else float(sum(each))


def _cdf(t: float, df: float) -> float:
    from scipy.stats import t as student

    return float(student.cdf(t, df))


def _quantile(p: float, df: float) -> float:
    from scipy.stats import t as student

    return float(student.ppf(p, df))


def open_text(against: Against, min_effect: float | None) -> Text:
    """What would settle an open comparison."""
    if usable_effect(min_effect) is None:
        return _NO_EFFECT
    if against.gain is None:
        return _RUNS.fill(value=against.value)
    if against.seeds is None or against.seeds <= max(against.n):
        return _TUNING.fill(value=against.value)
    return _MORE.fill(value=against.value, seeds=against.seeds)


_CUT = Text(
    en="{value}: {name} = {rate}, outside the range, did better ({error:.4g} against {best:.4g}): its range is cut.",
    zh="{value}：范围之外的 {name} = {rate} 反而更好（{error:.4g} 对 {best:.4g}）：它的范围被截断了。",
)
_FEW = Text(
    en="{value}: only {n} tuning trials ended well; {needed} are needed.",
    zh="{value}：只有 {n} 个调参试验正常结束，至少要 {needed} 个。",
)
_UNEQUAL = Text(en="Unequal numbers of tuning trials: {counts}.", zh="各取值的调参试验数不等：{counts}。")
_NO_EFFECT = Text(
    en="Set `min_effect` in the objective: without it no difference is large or small.",
    zh="在目标里设定 `min_effect`：没有它，差多少算大都说不了。",
)
_RUNS = Text(
    en="{value}: too few fresh runs ended well; run the same command again.",
    zh="{value}：正常结束的新种子太少；请再运行同一命令。",
)
_TUNING = Text(
    en="{value}: not the seeds but the tuning limits it; give each value twice the trials (--trials).",
    zh="{value}：卡在调参而不是种子；把每个取值的试验数加倍（--trials）。",
)
_MORE = Text(
    en="{value}: {seeds} fresh seeds for each value would settle it (--seeds {seeds}).",
    zh="{value}：每个取值用 {seeds} 个新种子就能定（--seeds {seeds}）。",
)
