"""Does the best value sit directly below where training diverges?

Usually asked of the learning rate: if so, stability (warmup, clipping) limits it, not the range. The
threshold is a step with some wrong labels; the best place is read off the surfaces through the feasible trials.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from playnote.diagnosis.curve_answers import label_of
from playnote.diagnosis.study_answers import placed, too_few_trials
from playnote.diagnosis.study_fit import MIDDLE_TRIALS, StudyFit, fit_study, log_seen
from playnote.diagnosis.study_laws import EDGE
from playnote.records.curves import Floats
from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.records.table import TrialTable
from playnote.space.hyperparameter import Categorical, Value
from playnote.stats.noisy_step import Step, fit_step
from playnote.stats.probability import softened
from playnote.stats.ranks import rank_sum_p
from playnote.text import Text

NEAR = 0.15
"""Share of the range (on its scale) within which the best value counts as directly below the threshold."""

WIDE = 0.24
"""A wider band: that the best lies outside it is evidence of its own."""

_DRAWS = 400


@dataclass(frozen=True, slots=True)
class DivergenceEdgeFacts:
    """Where training starts to diverge, and where the best values lie.

    n         : int                   feasible trials with a coordinate
    diverged  : int                   diverged trials with a coordinate
    order_p   : float                 one-sided rank test that diverged trials lie further out
    at        : float, None           the threshold, in unit coordinates
    interval  : (float, float), None  its 90 % profile interval
    value     : the threshold as a value
    values    : the interval in values
    gap       : float, None           threshold minus best place, share of the range; median
    gap_interval : (float, float), None
    top       : float, None           median coordinate of the best 15 %
    p         : float, None           P(the best lies within NEAR below the threshold)
    views     : mapping               what the law of `p` read, by name
    """

    n: int
    diverged: int = 0
    order_p: float = 1.0
    at: float | None = None
    interval: tuple[float, float] | None = None
    value: Value | None = None
    values: tuple[Value, Value] | None = None
    gap: float | None = None
    gap_interval: tuple[float, float] | None = None
    top: float | None = None
    p: float | None = None
    views: Mapping[str, float] = field(default_factory=dict)


@final
@dataclass(frozen=True, kw_only=True)
class DivergenceEdgeFinding(Finding):
    """Yes: the best value sits directly below where training diverges. `estimate` is the gap, share of the range.

    threshold           the value at which training starts to diverge, whatever the label
    threshold_interval  its 90 % profile interval, in values, low end first
    """

    threshold: Value | None = None
    threshold_interval: tuple[Value, Value] | None = None


def measure_divergence_edge(table: TrialTable, name: str, side: Literal["low", "high"] = "high") -> DivergenceEdgeFacts:
    """Measure the gap between the best place and the divergence threshold on one side."""
    hyperparameter = table.space[name]
    if isinstance(hyperparameter, Categorical):
        return DivergenceEdgeFacts(0)
    column = table.space.names.index(name)
    fit = fit_study(table)
    own = placed(table.unit[:, column])
    unit: Floats = own if side == "high" else 1.0 - own
    here = np.isfinite(unit)
    good, bad = fit.good & here, np.asarray(table.diverged & here & ~fit.good)
    n, k = int(good.sum()), int(bad.sum())
    step = fit_step(unit[good | bad], bad[good | bad])
    if step is None or n < 3:
        return DivergenceEdgeFacts(n, k)
    errors = table.error[good]
    top = float(np.median(unit[good][np.argsort(errors, kind="stable")[: max(2, round(0.15 * n))]]))
    gaps = _gaps(fit, step, column, side, 1.0)
    low, middle, high = (float(each) for each in np.quantile(gaps, [0.05, 0.5, 0.95]))
    order = rank_sum_p(unit[bad], unit[good])
    at = step.at if side == "high" else 1.0 - step.at
    ends = (step.low, step.high) if side == "high" else (1.0 - step.high, 1.0 - step.low)
    seen = 0.0 if fit.response is None else log_seen(fit.response)
    views = views_of_edge((gaps, _gaps(fit, step, column, side, 0.6)), step, n, seen)
    return DivergenceEdgeFacts(
        n,
        k,
        order,
        at,
        ends,
        hyperparameter.from_unit(min(max(at, 0.0), 1.0)),
        (hyperparameter.from_unit(min(max(ends[0], 0.0), 1.0)), hyperparameter.from_unit(min(max(ends[1], 0.0), 1.0))),
        middle,
        (low, high),
        top,
        EDGE.p(views),
        views,
    )


def _gaps(fit: StudyFit, step: Step, column: int, side: Literal["low", "high"], selection: float) -> Floats:
    """Draws of threshold minus best place; the best place lies below the threshold."""
    rng = np.random.default_rng(0)
    threshold = rng.choice(step.cuts, size=_DRAWS, p=step.shares())
    if fit.response is None:
        return np.full(_DRAWS, 0.5)
    draws, weight = fit.response.mixed(selection, "best")
    best = draws[rng.choice(len(draws), size=_DRAWS, p=weight / weight.sum()), fit.ordered.index(column)]
    if side == "low":
        best = 1.0 - best
    return np.asarray(np.maximum(threshold - best, 0.0))


def views_of_edge(gaps: tuple[Floats, Floats], step: Step, n: int, seen: float) -> dict[str, float]:
    """What the logistic law of an edge reads. gaps : draws by every trial and by the better 60 %."""

    def within(draws: Floats, share: float) -> float:
        return softened(float((draws <= share).mean()))

    return {
        "near": within(gaps[0], NEAR),
        "near best": within(gaps[1], NEAR),
        "wide": within(gaps[0], WIDE),
        "wide best": within(gaps[1], WIDE),
        "spread": step.high - step.low,
        "step": math.log1p(max(step.evidence, 0.0)),
        "trials": math.log(n) - MIDDLE_TRIALS,
        "seen": seen,
    }


def answer_divergence_edge(
    facts: DivergenceEdgeFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> DivergenceEdgeFinding:
    """Yes, no or unknown; without divergence nobody knows where the threshold lies, so that is unknown too."""
    missing = _missing(facts, settings)
    label: Label = label_of(facts.p, settings["edge.yes"], settings["edge.no"], bool(missing))
    if label == "yes" and facts.order_p > settings["edge.order"]:
        label = "unknown"
    return DivergenceEdgeFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.gap,
        interval=facts.gap_interval,
        n=(facts.n, facts.diverged),
        thresholds=settings.thresholds("edge.yes", "edge.no", "edge.order", "edge.diverged", "edge.trials"),
        missing=missing,
        settles=(Settle(_PROBE, 1),) if label == "unknown" else (),
        target=target or {},
        threshold=facts.value,
        threshold_interval=facts.values,
    )


_PROBE = Text(
    en="Run the best configuration once at twice its learning rate, logged at every step.",
    zh="把最优配置的学习率翻倍跑一次，每一步都记录。",
)


def _missing(facts: DivergenceEdgeFacts, settings: Settings) -> tuple[Text, ...]:
    missing = []
    if facts.n < settings["edge.trials"]:
        missing.append(too_few_trials(facts.n, settings["edge.trials"]))
    if facts.diverged < settings["edge.diverged"]:
        missing.append(
            Text(
                en="Only {n} trials diverged: where it starts is not known.",
                zh="只有 {n} 个试验发散，还不知道从哪里开始发散。",
            ).fill(n=facts.diverged)
        )
    return tuple(missing)
