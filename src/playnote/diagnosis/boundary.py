"""Does the range of a hyperparameter stop too early on one side?

The event: widening this side by half the range would improve the best result by at least
`min_effect`. Where the better trials lie (holds for adaptive samplers too) and what Bayesian
surfaces through three links say of the ground beyond are joined by a logistic law fitted on made-up
studies (`study_laws.py`); its probability is that of the event. A "no" needs a study in which something
is seen to matter: where every trial sits on one level, such as chance level, the surface is flat and says
nothing of what lies beyond. A naive "best trial within 10 % of the edge" flags a fifth of all irrelevant
dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from playnote.diagnosis.curve_answers import usable_effect
from playnote.diagnosis.study_answers import (
    KNOWN_TO_LEARN,
    ONE_LEVEL,
    more_trials,
    placed,
    too_few_trials,
    usable_sd,
)
from playnote.diagnosis.study_fit import MIDDLE_TRIALS, StudyFit, fit_study, log_seen
from playnote.diagnosis.study_laws import BOUNDARY
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical, Hyperparameter
from playnote.stats.noisy_step import fit_step
from playnote.stats.probability import softened
from playnote.stats.ranks import rank_sum_p
from playnote.stats.response import Response
from playnote.text import Text

Side = Literal["low", "high"]
SIDES: tuple[Side, ...] = ("low", "high")

STABILITY_LIMITED = Text(
    en="Divergence ends the range there: stability limits it, not the range.",
    zh="那一侧大量发散：卡住的是训练稳定性，不是搜索范围。",
)
PERHAPS_STABILITY = Text(
    en="Some trials diverged on that side: the crowd may come from instability rather than from the range.",
    zh="那一侧有试验发散：最优试验挤在那里，可能是因为不稳定，而不是范围太窄。",
)
NATURAL = Text(en="This end is a natural bound; it cannot be moved.", zh="这一端是自然边界，没法再扩。")
CHOSEN = Text(
    en="The sampler chose to go there, so this counts for less than it seems.",
    zh="采样器自己往那边走，分量要打折扣。",
)
ASSUMED = Text(
    en="`min_effect` is not set: judged against {effect}, the noise seen here. It matters if you care about that much.",
    zh="没有设定 `min_effect`：这里拿看到的噪声 {effect} 当标准。这么大的差异对你有意义，它才重要。",
)


@dataclass(frozen=True, slots=True)
class BoundaryFacts:
    """What the trials say about one end of one range.

    n         : int           feasible trials with a coordinate
    p         : float, None   P(widening this side by half the range gains at least `effect`); None: cannot be fitted
    gain      : float, None   median gain beyond the edge, in the metric's unit
    interval  : (float, float), None  90 % of the posterior
    effect    : float, None   the difference asked about: `min_effect`, or the noise where that is not set
    assumed   : bool          whether `effect` is such a stand-in
    best_unit : float         median coordinate of the best quarter, measured from this edge
    diverged  : int           diverged trials between the best quarter and this edge
    survived  : int           feasible trials there
    cliff     : float         log likelihood ratio of "trials diverge beyond a threshold on this side" against
                              one rate everywhere; 0 without divergence
    order_p   : float         one-sided rank test that diverged trials lie nearer to this edge than feasible ones
    natural   : bool          the edge is a natural bound
    seen      : float         log Bayes factor of any response against one level everywhere
    views     : mapping       what the law of `p` read, by name
    ordered   : bool          False for a categorical: it has no edges
    adaptive  : bool          the sampler looked at results
    pruned, failed : int      trials left out
    """

    n: int
    p: float | None = None
    gain: float | None = None
    interval: tuple[float, float] | None = None
    effect: float | None = None
    assumed: bool = False
    best_unit: float = 0.5
    diverged: int = 0
    survived: int = 0
    cliff: float = 0.0
    order_p: float = 1.0
    natural: bool = False
    seen: float = 0.0
    ordered: bool = True
    adaptive: bool = False
    pruned: int = 0
    failed: int = 0
    views: Mapping[str, float] = field(default_factory=dict)


@final
@dataclass(frozen=True, kw_only=True)
class BoundaryFinding(Finding):
    """Yes: the range stops too early on this side. `stability_limited`: divergence explains the crowd there."""

    stability_limited: bool = False
    natural: bool = False


def measure_boundary(
    table: TrialTable, name: str, side: Side, *, min_effect: float | None = None, seed_sd: float | None = None
) -> BoundaryFacts:
    """Measure one side of one hyperparameter; coordinates are counted from that side, so both sides are one case.

    min_effect : float  smallest difference that matters, in the metric's unit
    seed_sd    : float  seed noise; stands in for `min_effect` where that is not set
    """
    hyperparameter = table.space[name]
    if isinstance(hyperparameter, Categorical):
        return BoundaryFacts(0, ordered=False)
    fit = fit_study(table)
    column = table.space.names.index(name)
    end = SIDES.index(side)
    depth = fit.depths[:, column, end]
    here = np.isfinite(depth)
    pruned, failed = int(table.pruned.sum()), int(table.failed.sum())
    natural, n = _natural(hyperparameter, side), int(here.sum())
    if n < 3 or fit.response is None:
        return BoundaryFacts(n, natural=natural, adaptive=table.adaptive, pruned=pruned, failed=failed)
    given = usable_effect(min_effect)
    effect = given or _stand_in(fit.response, seed_sd)
    nearest = depth[here][np.lexsort((depth[here], fit.errors[here]))]
    centre = float(np.median(nearest[: max(3, n // 4)]))
    own = placed(table.unit[:, column])
    all_depths = own if side == "low" else 1.0 - own
    gains = fit.response.mixed(1.0, "gain")[0][:, fit.ordered.index(column), end] * fit.response.unit
    low, middle, high = (float(each) for each in np.quantile(gains, [0.05, 0.5, 0.95]))
    views = views_of_side(fit.response, nearest, fit.ordered.index(column), end, effect)
    return BoundaryFacts(
        n,
        BOUNDARY.p(views),
        middle,
        (low, high),
        effect,
        given is None,
        centre,
        int((table.diverged & (all_depths < centre)).sum()),
        int((nearest < centre).sum()),
        *_cliff(table, all_depths, fit),
        natural,
        fit.response.seen,
        adaptive=table.adaptive,
        pruned=pruned,
        failed=failed,
        views=views,
    )


def _natural(hyperparameter: Hyperparameter, side: Side) -> bool:
    if isinstance(hyperparameter, Categorical):
        return False
    if side == "high":
        return hyperparameter.natural_high is not None and hyperparameter.high >= hyperparameter.natural_high
    return hyperparameter.natural_low is not None and hyperparameter.low <= hyperparameter.natural_low


def _stand_in(response: Response, seed_sd: float | None) -> float:
    """Without `min_effect`: the larger of seed noise (or the noise around the surface) and 1 % of the errors' range."""
    noise = usable_sd(seed_sd)
    return max(response.noise * response.unit if noise is None else noise, 0.01 * response.unit)


def _cliff(table: TrialTable, depth: np.ndarray, fit: StudyFit) -> tuple[float, float]:
    """Evidence that trials diverge beyond a threshold on this side, and the rank test of the same."""
    good, bad = fit.good & np.isfinite(depth), table.diverged & ~fit.good & np.isfinite(depth)
    step = fit_step(-depth[good | bad], bad[good | bad])
    if step is None:
        return 0.0, 1.0
    return max(step.evidence, 0.0), rank_sum_p(-depth[bad], -depth[good])


def views_of_side(response: Response, nearest: Floats, at: int, end: int, effect: float) -> dict[str, float]:
    """What the logistic law of a side reads. nearest : depths of the trials below this edge, best trial first."""
    n, asked, seen = len(nearest), response.asked(effect), log_seen(response)

    def beats(link: str, selection: float) -> float:
        return float((response.views[link, selection].gain[:, at, end] >= asked).mean())

    draws, weight = response.mixed(1.0, "gain")
    places, shares = response.mixed(1.0, "best")
    places = places[:, at] if end == 0 else 1.0 - places[:, at]
    reaches = response.mixed(1.0, "reach")[0][:, at]
    log_all, any_all = softened(beats("log", 1.0)), softened(float(weight @ (draws[:, at, end] >= asked)))
    half = softened(1.0 - rank_sum_p(-nearest[: n // 2], -nearest[n // 2 :]))
    crowd, top = float(np.median(nearest[: max(3, n // 4)])), float(nearest[: max(1, n // 12)].mean())
    trials = math.log(n) - MIDDLE_TRIALS
    return {
        "place": float(shares @ places),
        "log": log_all,
        "log share": beats("log", 1.0),
        "log x trials": log_all * trials,
        "log x seen": log_all * seen,
        "log best share": beats("log", 0.6),
        "plain share": beats("plain", 1.0),
        "stretched": softened(beats("stretched", 1.0)),
        "stretched best size": math.log1p(float(np.median(response.views["stretched", 0.6].gain[:, at, end])) / asked),
        "any": any_all,
        "any x seen": any_all * seen,
        "reach": math.log1p(float(shares @ reaches) / asked),
        "half": half,
        "half x trials": half * trials,
        "crowd": crowd,
        "crowd x trials": crowd * trials,
        "top": top,
        "top x seen": top * seen,
        "noise": math.log(max(response.noise_over(1.0) / asked, 1e-6)),
        "trials": trials,
        "dimensions": float(draws.shape[1]),
        "seen": seen,
    }


def answer_boundary(
    facts: BoundaryFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> BoundaryFinding:
    """Yes, no or unknown; divergence never turns the answer into a "no"."""
    label, note = _judged(facts, settings)
    missing, settles = _open(facts, settings) if label == "unknown" else ((), ())
    if facts.assumed and note is None and facts.effect is not None:
        note = ASSUMED.fill(effect=f"{facts.effect:.3g}")
    return BoundaryFinding(
        label=label,
        p=_shown(facts, label, settings),
        estimate=facts.gain,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds(
            "boundary.yes",
            "boundary.no",
            "boundary.trials",
            "boundary.sure_trials",
            "boundary.seen",
            "study.seen",
            "boundary.cliff",
        ),
        missing=missing,
        settles=settles,
        target=target or {},
        note=note,
        stability_limited=note is STABILITY_LIMITED,
        natural=facts.natural,
    )


def _open(facts: BoundaryFacts, settings: Settings) -> tuple[tuple[Text, ...], tuple[Settle, ...]]:
    """What is missing where the answer is unknown, and what would settle it."""
    if facts.n < settings["boundary.trials"]:
        return (too_few_trials(facts.n, settings["boundary.trials"]),), (Settle(more_trials(16), 16),)
    if facts.p is not None and facts.seen < settings["study.seen"]:
        return (ONE_LEVEL,), (Settle(KNOWN_TO_LEARN, 1), Settle(more_trials(16), 16))
    return (_MORE,), (Settle(more_trials(16), 16),)


_MORE = Text(en="Trials that tell a crowd at the edge from chance.", zh="足以分清“挤在边界”和“碰巧”的试验。")


def _shown(facts: BoundaryFacts, label: Label, settings: Settings) -> float | None:
    """The probability beside the label; where a crowd at the edge has another explanation it is at most even."""
    if not facts.ordered or facts.natural:
        return 0.0
    if facts.p is None or facts.n < settings["boundary.trials"]:
        return None
    return BOUNDARY.shown(facts.p) if label == "yes" else min(facts.p, 0.5)


def _judged(facts: BoundaryFacts, settings: Settings) -> tuple[Label, Text | None]:
    if not facts.ordered:
        return "no", None
    if facts.natural:
        return "no", NATURAL
    if facts.n < settings["boundary.trials"] or facts.p is None:
        return "unknown", None
    blocked = _divergence(facts, settings)
    if facts.p >= settings["boundary.yes"]:
        if facts.seen < settings["boundary.seen"]:
            return "unknown", blocked
        return ("unknown", blocked) if blocked else ("yes", CHOSEN if facts.adaptive else None)
    # Where all trials lie on one level, such as chance level, nothing is known of what lies beyond any edge.
    sure = facts.n >= settings["boundary.sure_trials"] and facts.seen >= settings["study.seen"]
    # Most of what was tried beyond the best trials diverged: they end where training does, and that is no "no".
    cut_short = blocked is not None and facts.diverged >= facts.survived
    if facts.p <= settings["boundary.no"] and sure and not cut_short:
        return "no", None
    return "unknown", blocked


def _divergence(facts: BoundaryFacts, settings: Settings) -> Text | None:
    """Whether trials that diverged between the best region and this edge explain the crowd, or might."""
    # Trials that diverge because of another hyperparameter lie anywhere on this one: only an order counts.
    if facts.diverged >= 2 and (facts.cliff >= settings["boundary.cliff"] or facts.order_p <= 0.01):
        return STABILITY_LIMITED
    if facts.diverged >= 1 and (facts.cliff >= 0.5 or facts.order_p <= 0.05):
        return PERHAPS_STABILITY
    return None
