"""How far apart do runs of one configuration end that differ in the seed alone?

The event: the seed SD is at least `min_effect`, so that a difference that matters drowns in single runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import SET_MIN_EFFECT, effect_missing, label_of, matters_from, usable_effect
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.moderated_t import Spread, smyth_moments
from playnote.stats.t_mixture import Floats
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class SeedNoiseFacts:
    """The seed noise that repeats show.

    runs          : int                   finite runs of configurations with at least two of them
    groups        : int                   such configurations
    freedom       : float                 degrees of freedom of the pooled SD
    sd            : float, None           SD of one run, in the metric's unit, pooled over configurations
    interval      : (float, float), None  95 % of it (chi-square)
    prior_freedom : float, None           how alike the configurations are: d0 of Smyth 2004, capped by `freedom`
    p             : float, None           P(SD >= min_effect); None without min_effect
    min_effect    : float, None
    """

    runs: int
    groups: int
    freedom: float = 0.0
    sd: float | None = None
    interval: tuple[float, float] | None = None
    prior_freedom: float | None = None
    p: float | None = None
    min_effect: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class SeedNoiseFinding(Finding):
    """Yes: the seed SD is at least `min_effect`. `estimate` is the SD, `interval` holds 95 %."""


@np.errstate(all="ignore")
def measure_seed_noise(groups: Sequence[ArrayLike], *, min_effect: float | None = None) -> SeedNoiseFacts:
    """Pool the noise of repeats.

    groups     : one array of final errors per configuration; NaN and infinite runs are left out, as they tell of
                 failure and not of spread
    min_effect : smallest difference that matters, in the metric's unit
    """
    effect = usable_effect(min_effect)
    kept = _repeats(groups)
    runs = sum(len(group) for group in kept)
    scale = max((float(np.max(np.abs(group))) for group in kept), default=0.0)
    unit = scale if scale > 0 else 1.0
    squares = np.array([float(np.sum((group / unit - np.mean(group / unit)) ** 2)) for group in kept])
    freedom = float(runs - len(kept))
    total = float(np.sum(squares))
    if not total > 0:
        return SeedNoiseFacts(runs, len(kept), freedom, min_effect=effect)
    from scipy.special import gammainc, gammaincinv

    half = freedom / 2.0
    low, high = (float(np.sqrt(total / 2.0 / gammaincinv(half, share))) * unit for share in (0.975, 0.025))
    p = None if effect is None else float(gammainc(half, min(total / 2.0 / max(effect / unit, 1e-150) ** 2, 1e300)))
    spread = [Spread(each / (len(group) - 1.0), len(group) - 1.0) for each, group in zip(squares, kept, strict=True)]
    varied = [each for each in spread if each.variance > 0]
    alike = smyth_moments(varied)[0] if len(varied) >= 2 else freedom
    sd = float(np.sqrt(total / freedom)) * unit
    return SeedNoiseFacts(runs, len(kept), freedom, sd, (low, min(high, 1.7e308)), alike, p, effect)


def _repeats(groups: Sequence[ArrayLike]) -> list[Floats]:
    arrays = [np.asarray(group, dtype=np.float64).ravel() for group in groups]
    finite = [np.clip(array[np.isfinite(array)], -1e300, 1e300) for array in arrays]
    return [array for array in finite if len(array) >= 2]


def answer_seed_noise(
    facts: SeedNoiseFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> SeedNoiseFinding:
    """Yes, no or unknown; unknown without `min_effect`, without repeats, or where all repeats are identical."""
    missing: list[Text] = []
    needed = int(settings["seed_noise.freedom"])
    if facts.freedom < needed:
        missing.append(_TOO_FEW.fill(runs=facts.runs, groups=facts.groups, needed=needed + 1))
    elif facts.sd is None:
        missing.append(IDENTICAL)
    if facts.min_effect is None:
        missing.append(effect_missing())
    label = label_of(facts.p, settings["seed_noise.yes"], settings["seed_noise.no"], bool(missing))
    settle = Settle(SET_MIN_EFFECT, 0) if facts.min_effect is None and facts.sd else Settle(_MORE, 3)
    return SeedNoiseFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.sd,
        interval=facts.interval,
        level=0.95,
        n=facts.runs,
        thresholds=settings.thresholds("seed_noise.yes", "seed_noise.no", "seed_noise.freedom"),
        missing=tuple(missing),
        settles=(settle,) if label == "unknown" else (),
        target=target or {},
        note=matters_from(facts.sd) if facts.min_effect is None else None,
    )


_TOO_FEW = Text(
    en="{runs} repeats over {groups} configurations; at least {needed} runs of one configuration are needed.",
    zh="{groups} 个配置共有 {runs} 次重复；至少要有同一配置的 {needed} 次训练。",
)
IDENTICAL = Text(
    en="All repeats ended at the same number: did the seed really change?",
    zh="所有重复训练的结果一模一样：种子真的换了吗？",
)
_MORE = Text(
    en="Run one configuration with 3 fresh seeds.",
    zh="把同一个配置用 3 个新种子各跑一次。",
)
