"""Do gradient norms have outliers beyond their ordinary heavy tail, and where would one clip?

Norms are near log-normal: "mean plus three SD" calls most healthy runs bad. An outlier here
is far off the running median of log norms both in robust SDs and as a ratio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from playnote.diagnosis.curve_answers import label_of, too_few
from playnote.records.finding import Finding, Settle
from playnote.records.settings import DEFAULTS, Settings
from playnote.stats.norm_tails import effective_count, outlier_probability, outlier_strength, quantile_interval
from playnote.stats.readings import in_order
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class GradientFacts:
    """What the norms of a run show.

    n         : int             positive finite norms
    clipped   : bool, None      whether they were logged after clipping; None where not said
    outliers  : int             norms beyond the bar of `outlier_strength`
    largest   : float, None     largest ratio to the running median
    at        : float, None     its step
    infinite  : int             infinite norms: normal under mixed precision, not counted as outliers
    p         : float, None     calibrated probability of outliers beyond ordinary heavy tails
    """

    n: int
    clipped: bool | None = False
    outliers: int = 0
    largest: float | None = None
    at: float | None = None
    infinite: int = 0
    p: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class GradientOutliersFinding(Finding):
    """Yes: outliers beyond ordinary heavy tails. `estimate` is the largest ratio to the running median."""

    outliers: int = 0
    at: float | None = None


def measure_gradient_outliers(steps: ArrayLike, grad_norm: ArrayLike, *, clipped: bool | None = False) -> GradientFacts:
    """Measure outliers of the gradient norm.

    steps, grad_norm : arrays, shape (n,)  norm of each logged step, before clipping
    clipped          : bool                True: the norms were logged after clipping; None: not known
    """
    at, norm = in_order(steps, grad_norm)
    infinite = int(np.isinf(norm).sum())
    keep = np.isfinite(norm) & (norm > 0)
    at, norm = at[keep], norm[keep]
    if len(norm) < 5:
        return GradientFacts(len(norm), clipped, infinite=infinite)
    strength, excess = outlier_strength(norm)
    top = int(np.argmax(strength))
    return GradientFacts(
        len(norm),
        clipped,
        int((strength > 1.0).sum()),
        float(np.exp(min(excess[top], 690.0))),
        float(at[top]),
        infinite,
        outlier_probability(float(strength[top])),
    )


def answer_gradient_outliers(
    facts: GradientFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> GradientOutliersFinding:
    """Yes, no or unknown; unknown for norms logged after clipping and for short series."""
    missing = []
    if facts.clipped is not False:
        missing.append(_CLIPPED)
    if facts.n < settings["gradient_outliers.readings"]:
        missing.append(too_few(facts.n, settings["gradient_outliers.readings"]))
    label = label_of(facts.p, settings["gradient_outliers.yes"], settings["gradient_outliers.no"], bool(missing))
    return GradientOutliersFinding(
        label=label,
        p=None if missing else facts.p,
        estimate=facts.largest,
        n=facts.n,
        thresholds=settings.thresholds("gradient_outliers.yes", "gradient_outliers.no", "gradient_outliers.readings"),
        missing=tuple(missing),
        settles=(Settle(_LOG_RAW, 1),) if missing else (),
        target=target or {},
        outliers=facts.outliers,
        at=facts.at,
    )


_CLIPPED = Text(
    en="The gradient norms were logged after clipping, or nothing says they were not.",
    zh="梯度范数是裁剪之后记录的，或者没有说明是裁剪之前。",
)
_LOG_RAW = Text(
    en="Log the norm before clipping at every step of one run.",
    zh="在一次训练里逐步记录裁剪之前的梯度范数。",
)


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """Where to clip.

    n           : int                   norms after warmup
    effective   : float                 as many independent norms as these carry
    threshold   : float, None           the 90th percentile (or `share`) of unclipped norms
    interval    : (float, float), None  95 %, from order statistics of the effective number
    clipped     : bool, None
    over        : float, None           share of steps a threshold in use clips
    shrink      : float, None           median of threshold / norm over the clipped steps
    """

    n: int
    effective: float = 0.0
    threshold: float | None = None
    interval: tuple[float, float] | None = None
    clipped: bool | None = False
    over: float | None = None
    shrink: float | None = None


@final
@dataclass(frozen=True, kw_only=True)
class ClipFinding(Finding):
    """Yes: the threshold in use clips more than half of the steps, so lower the learning rate instead.

    `estimate` is the threshold to start from; "unknown" where none is in use or the norms cannot tell.
    """

    over: float | None = None
    shrink: float | None = None


def measure_clip(
    steps: ArrayLike,
    grad_norm: ArrayLike,
    *,
    clipped: bool | None = False,
    warmup_steps: float = 0.0,
    share: float = 0.9,
    in_use: float | None = None,
) -> ClipFacts:
    """Percentile of the unclipped norms after warmup, outliers kept.

    steps, grad_norm : arrays, shape (n,)  norm of each logged step, before clipping
    share            : float               the percentile as a share
    in_use           : float               the threshold the run clips at
    """
    at, norm = in_order(steps, grad_norm)
    norm = norm[np.isfinite(norm) & (norm > 0) & (at > warmup_steps)]
    if clipped is not False or len(norm) < 5:
        return ClipFacts(len(norm), clipped=clipped)
    middle, low, high = quantile_interval(norm, share)
    over = shrink = None
    if in_use is not None and np.isfinite(in_use) and in_use > 0:
        above = norm[norm > in_use]
        over = len(above) / len(norm)
        shrink = float(np.median(in_use / above)) if len(above) else None
    return ClipFacts(len(norm), effective_count(np.log(norm)), middle, (low, high), clipped, over, shrink)


def answer_clip(
    facts: ClipFacts, settings: Settings = DEFAULTS, target: Mapping[str, object] | None = None
) -> ClipFinding:
    """Whether the threshold in use clips too much, and the threshold to start from."""
    missing = []
    if facts.clipped is not False:
        missing.append(_CLIPPED)
    if facts.n < settings["clip.readings"]:
        missing.append(too_few(facts.n, settings["clip.readings"]))
    elif facts.effective < settings["clip.effective"]:
        missing.append(too_few(int(facts.effective), settings["clip.effective"]))
    p = None if facts.over is None or missing else _over_half(facts, settings["clip.half"])
    return ClipFinding(
        label=label_of(p, settings["clip.yes"], settings["clip.no"], bool(missing)),
        p=p,
        estimate=None if missing else facts.threshold,
        interval=None if missing else facts.interval,
        level=0.95,
        n=facts.n,
        thresholds=settings.thresholds(
            "clip.share", "clip.readings", "clip.effective", "clip.half", "clip.yes", "clip.no"
        ),
        missing=tuple(missing),
        settles=(Settle(_LOG_RAW, 1),) if missing else (),
        target=target or {},
        over=facts.over,
        shrink=facts.shrink,
    )


def _over_half(facts: ClipFacts, half: float) -> float:
    """P(the true clipped share is above `half`) under a Jeffreys prior on the effective number of steps."""
    from scipy.special import betainc

    hits = (facts.over or 0.0) * facts.effective
    return float(1.0 - betainc(hits + 0.5, facts.effective - hits + 0.5, half))
