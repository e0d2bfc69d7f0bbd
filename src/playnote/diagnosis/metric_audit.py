"""Does the score still say what people want? Pairs of models, judged by people who did not see the score.

The agreement is the share of decided pairs in which the person preferred the model with the better score.
Jeffreys posterior of a binomial share (Brown, Cai & DasGupta 2001, section 3.1.3); ties count for neither side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

from playnote.records.finding import Finding, Label, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.binomial import jeffreys_interval
from playnote.text import Text

Preferred = Literal["better", "worse", "tie"]


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """Judged pairs.

    n          pairs in which one was preferred
    agreed     of them, those in which it was the one with the better score
    ties       pairs in which neither was preferred
    seen       pairs judged by somebody who saw the score; they are left out of n
    p          P(people prefer the worse score more often than not), None without a decided pair
    """

    n: int
    agreed: int = 0
    ties: int = 0
    seen: int = 0
    interval: tuple[float, float] | None = None
    p: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class MetricFinding(Finding):
    """Yes: people prefer the worse score more often than not, the metric is suspect. Estimate: the agreement."""


def measure_metric(judged: Sequence[tuple[Preferred, bool]]) -> MetricFacts:
    """Measure.

    judged : (which of the two was preferred, by their score; whether the person saw the score)
    """
    blind = [preferred for preferred, saw in judged if not saw]
    agreed, worse = blind.count("better"), blind.count("worse")
    n = agreed + worse
    facts = MetricFacts(n, agreed, blind.count("tie"), sum(saw for _, saw in judged))
    if not n:
        return facts
    from scipy.stats import beta

    chance = float(beta.cdf(0.5, agreed + 0.5, worse + 0.5))
    return MetricFacts(n, agreed, facts.ties, facts.seen, jeffreys_interval(agreed, n), chance)


def answer_metric(
    facts: MetricFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> MetricFinding:
    """Yes, no or unknown; "no" asks for enough pairs as well as for a clear share."""
    alpha, least = settings["metric.alpha"], int(settings["metric.pairs"])
    label: Label = "unknown"
    if facts.p is not None and facts.p >= 1 - alpha:
        label = "yes"
    elif facts.p is not None and facts.p <= alpha and facts.n >= least:
        label = "no"
    more = max(least - facts.n, 0) or least
    agreement = facts.agreed / facts.n if facts.n else None
    weak = agreement is not None and label == "no" and agreement < settings["metric.agreement"]
    return MetricFinding(
        label=label,
        p=facts.p,
        estimate=agreement,
        interval=facts.interval,
        n=facts.n,
        thresholds=settings.thresholds("metric.alpha", "metric.pairs", "metric.agreement"),
        missing=() if label != "unknown" else (_PAIRS,),
        settles=() if label != "unknown" else (Settle(_MORE.fill(n=more)),),
        target=target or {},
        note=_WEAK if weak else None,
    )


_PAIRS = Text(en="enough judged pairs of models", zh="足够多的模型对的人工评判")
_MORE = Text(en="{n} more pairs judged without seeing the score", zh="再评 {n} 对，评的时候不看分数")
_WEAK = Text(
    en="People mostly agree with the score, but it often chooses against them.", zh="人大体同意分数，但分数也常选错。"
)
REMEDIES: tuple[Text, ...] = (
    Text(
        en="Change the metric: weights of classes or errors, a cost, a constraint.",
        zh="先改指标：类别或错误的权重、代价、约束。",
    ),
    Text(en="Draw Dev anew, so that it holds what people care about.", zh="再重新抽 Dev，让它装得下人在意的东西。"),
    Text(en="Only then change the models.", zh="最后才改模型。"),
)
