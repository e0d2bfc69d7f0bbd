"""Does the range of a hyperparameter stop too early on one side?

The event: widening this side by half the range would improve the best result by at least
`min_effect`. Two views are added as log-odds: whether the best quarter of the trials lie
closer to the edge than the rest (holds for adaptive samplers too), and what a Bayesian
quadratic surface over the better trials says of the ground beyond. A naive "best trial
within 10 % of the edge" flags a fifth of all irrelevant dimensions.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from playnote.diagnosis.study_answers import held, more_trials, scored, too_few_trials, usable_sd
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical
from playnote.stats.probability import from_log_odds
from playnote.stats.ranks import rank_sum_p
from playnote.stats.surface import Floats, fit_surface
from playnote.text import Text

Side = Literal["low", "high"]
_GRID = 26
_BEYOND = 0.5

STABILITY_LIMITED = Text(
    en="Divergence ends the range there: stability limits it, not the range.",
    zh="那一侧大量发散：卡住的是训练稳定性，不是搜索范围。",
)
NATURAL = Text(en="This end is a natural bound; it cannot be moved.", zh="这一端是自然边界，没法再扩。")
CHOSEN = Text(
    en="The sampler chose to go there, so this counts for less than it seems.",
    zh="采样器自己往那边走，分量要打折扣。",
)


@dataclass(frozen=True, slots=True)
class BoundaryFacts:
    """What the trials say about one end of one range.

    n         : int           feasible trials with a coordinate
    crowd     : float         one-sided p that the best quarter is not closer to this edge than the rest
    beyond    : float, None   posterior P(the surface gains beyond the edge what is asked)
    gain      : float, None   median gain beyond the edge, in the metric's unit
    interval  : (float, float), None  90 % of the posterior
    best_unit : float         median coordinate of the best quarter, measured from this edge
    diverged  : int           diverged trials between the best quarter and this edge
    survived  : int           feasible trials there
    natural   : bool          the edge is a natural bound
    ordered   : bool          False for a categorical: it has no edges
    adaptive  : bool          the sampler looked at results
    """

    n: int
    crowd: float = 1.0
    beyond: float | None = None
    gain: float | None = None
    interval: tuple[float, float] | None = None
    best_unit: float = 0.5
    diverged: int = 0
    survived: int = 0
    natural: bool = False
    ordered: bool = True
    adaptive: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class BoundaryFinding(Finding):
    """Yes: the range stops too early on this side. `stability_limited`: divergence explains the crowd there."""

    stability_limited: bool = False
    natural: bool = False


def measure_boundary(
    table: TrialTable, name: str, side: Side, *, min_effect: float | None = None, seed_sd: float | None = None
) -> BoundaryFacts:
    """Measure one side of one hyperparameter; coordinates are counted from that side, so both sides are one case."""
    column = table.space.names.index(name)
    hyperparameter = table.space[name]
    if isinstance(hyperparameter, Categorical):
        return BoundaryFacts(0, ordered=False)
    bound = hyperparameter.natural_high if side == "high" else hyperparameter.natural_low
    natural = bound is not None and bound == (hyperparameter.high if side == "high" else hyperparameter.low)
    unit = np.where(np.isfinite(table.unit), table.unit, 0.5)
    own = table.unit[:, column]
    good = scored(table) & np.isfinite(own)
    n = int(good.sum())
    if n < 3:
        return BoundaryFacts(n, natural=natural, adaptive=table.adaptive)
    depth = 1.0 - own if side == "high" else own
    errors = held(table.error[good])
    best = np.argsort(errors, kind="stable")[: max(3, n // 4)]
    chosen = np.zeros(n, dtype=bool)
    chosen[best] = True
    here = depth[good]
    centre = float(np.median(here[chosen]))
    nearer = np.isfinite(depth) & (depth < centre)
    crowd = rank_sum_p(-here[chosen], -here[~chosen])
    beyond, gain, interval = _beyond(unit[good], errors, column, side, min_effect, seed_sd)
    return BoundaryFacts(
        n,
        crowd,
        beyond,
        gain,
        interval,
        centre,
        int((nearer & table.diverged).sum()),
        int((nearer & scored(table)).sum()),
        natural,
        adaptive=table.adaptive,
    )


def _beyond(
    unit: Floats, errors: Floats, column: int, side: Side, min_effect: float | None, seed_sd: float | None
) -> tuple[float | None, float | None, tuple[float, float] | None]:
    """What a surface over the better 70 % says of half a range more."""
    keep = np.argsort(errors, kind="stable")[: max(5, int(np.ceil(0.7 * len(errors))))]
    x, y = unit[keep], errors[keep]
    # The draws depend on the data alone: the order of the trials and the unit of the metric do not matter.
    order = np.lexsort((*x.T, y))
    surface = fit_surface(x[order], y[order], np.random.default_rng(zlib.crc32(np.round(x[order], 9).tobytes())))
    if surface is None:
        return None, None, None
    point = x[: max(1, round(0.1 * len(errors)))].mean(axis=0)
    inside = np.linspace(0.0, 1.0, _GRID)
    outside = np.linspace(1.0, 1.0 + _BEYOND, _GRID) if side == "high" else np.linspace(-_BEYOND, 0.0, _GRID)
    gains = surface.along(point, column, inside).min(axis=1) - surface.along(point, column, outside).min(axis=1)
    noise = usable_sd(seed_sd)
    asked = np.maximum(0.3 * (surface.noise if noise is None else max(noise, 0.0)), (min_effect or 0.0) / 3)
    low, middle, high = (float(each) for each in np.quantile(gains, [0.05, 0.5, 0.95]))
    return float((gains >= asked).mean()), middle, (low, high)


def answer_boundary(
    facts: BoundaryFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> BoundaryFinding:
    """Yes, no or unknown; divergence never turns the answer into a "no"."""
    label, p, note = _judged(facts, settings)
    missing: tuple[Text, ...] = ()
    settles: tuple[Settle, ...] = ()
    if label == "unknown":
        few = facts.n < settings["boundary.trials"]
        missing = (too_few_trials(facts.n, settings["boundary.trials"]),) if few else (_MORE,)
        settles = (Settle(more_trials(16), 16),)
    return BoundaryFinding(
        label=label,
        p=p,
        estimate=facts.gain,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("boundary.yes", "boundary.no", "boundary.trials", "boundary.sure_trials"),
        missing=missing,
        settles=settles,
        target=target or {},
        note=note,
        stability_limited=note is STABILITY_LIMITED,
        natural=facts.natural,
    )


_MORE = Text(en="Trials that tell a crowd at the edge from chance.", zh="足以分清“挤在边界”和“碰巧”的试验。")


def _judged(facts: BoundaryFacts, settings: Settings) -> tuple[Label, float | None, Text | None]:
    if not facts.ordered:
        return "no", 0.0, None
    if facts.natural:
        return "no", 0.0, NATURAL
    if facts.n < settings["boundary.trials"] or facts.beyond is None:
        return "unknown", None, None
    score = _softened(facts.crowd) + _softened(1.0 - facts.beyond)
    p = from_log_odds(0.65 * score - 3.8)
    limited = facts.diverged >= 2 and facts.diverged >= facts.survived / 2
    if score > settings["boundary.yes"]:
        if limited:
            return "unknown", min(p, 0.5), STABILITY_LIMITED
        return "yes", max(p, 0.5), CHOSEN if facts.adaptive else None
    sure = facts.n >= settings["boundary.sure_trials"] and not limited
    if score < settings["boundary.no"] and sure:
        return "no", min(p, 0.5), None
    return "unknown", p, STABILITY_LIMITED if limited and score > settings["boundary.no"] else None


def _softened(against: float) -> float:
    """Log-odds of a view from its p against, kept finite."""
    q = (1.0 - against + 0.01) / 1.02
    return float(np.log(q / (1.0 - q)))
